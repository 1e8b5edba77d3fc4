"""What makes one version of a dataset differ from a later one: rows by key, columns, watermark, moved values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tidemill.facts.data import ColumnType, DatasetVersion, Finding
from tidemill.features.plan import names, quoted
from tidemill.lifecycle.explore.landed import all_rows, column_of
from tidemill.measure.profile import profile
from tidemill.measure.survey.change import change_findings
from tidemill.measure.survey.survey import by_importance
from tidemill.measure.survey.table import Table
from tidemill.ports.compute import Compute
from tidemill.ports.tables import OP, REASON, ROW, Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaChange:
    """A column that came (`before` None), went (`after` None) or has another type."""

    column: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two versions in short."""

    name: str
    rows: int
    put_aside: int
    watermark_us: int
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What landed after the version `before` up to the version `after`.

    `added`, `changed`, `deleted`: keys, as the newest row of each stands (None: the dataset has no key). `columns`: in
    how many changed keys each column is another. `findings`: the columns whose values moved most, of all that landed
    after against all before.
    """

    before: Side
    after: Side
    landed: int
    put_aside: int
    key: tuple[str, ...]
    added: int | None
    changed: int | None
    deleted: int | None
    columns: Mapping[str, int]
    schema: tuple[SchemaChange, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What names a row of the dataset and what orders it ("" and () where nothing does), and whose days are read."""

    key: tuple[str, ...]
    time: str
    zone: str


def difference(
    before: DatasetVersion, after: DatasetVersion, kind: Kind, tables: Tables, compute: Compute
) -> Difference:
    """The difference of two versions of one dataset, the older one first: its rows are the first to have landed."""
    counts, columns = by_key(before, after, kind.key, tables, compute)
    added, changed, deleted = counts
    return Difference(
        before=side(before),
        after=side(after),
        landed=after.rows - before.rows,
        put_aside=after.put_aside - before.put_aside,
        key=kind.key,
        added=added,
        changed=changed,
        deleted=deleted,
        columns={name: count for name, count in sorted(columns.items(), key=lambda item: -item[1]) if count},
        schema=tuple(schema_changes(before.columns, after.columns)),
        findings=moved(before, after, kind, tables),
    )


def side(version: DatasetVersion) -> Side:
    """The version in short."""
    return Side(
        name=version.name,
        rows=version.rows,
        put_aside=version.put_aside,
        watermark_us=version.watermark_us,
        at_us=version.at_us,
    )


def first_new(before: DatasetVersion) -> int:
    """The landing number of the first row that the version does not hold."""
    return before.rows + before.put_aside


def schema_changes(before: tuple[ColumnType, ...], after: tuple[ColumnType, ...]) -> Iterator[SchemaChange]:
    """Columns that came, went or changed their type, in the order of the newer version."""
    old, new = ({column.name: column.type for column in columns} for columns in (before, after))
    for name in dict.fromkeys((*new, *old)):
        if old.get(name) != new.get(name):
            yield SchemaChange(column=name, before=old.get(name), after=new.get(name))


def by_key(
    before: DatasetVersion, after: DatasetVersion, key: tuple[str, ...], tables: Tables, compute: Compute
) -> tuple[tuple[int | None, ...], dict[str, int]]:
    """Keys added, changed and deleted (None without a key); in how many of those changed each column is another.

    A row without a key is one of its own.
    """
    if not key:
        return (None, None, None), {}
    if not after.files:
        return (0, 0, 0), {}
    own = [column.name for column in after.columns if column.name not in key]
    was, is_now = f"coalesce(old.{OP} <> 'D', false)", f"new.{OP} <> 'D'"
    other = {name: f"old.{quoted(name)} is distinct from new.{quoted(name)}" for name in own}
    counts = [
        f"count(*) filter ({is_now} and not {was})",
        f"count(*) filter ({was} and {is_now} and ({' or '.join(other.values()) or 'false'}))",
        f"count(*) filter ({was} and not {is_now})",
        *(f"count(*) filter ({was} and {is_now} and {one})" for one in other.values()),
    ]
    whole = " and ".join(f"{quoted(name)} is not null" for name in key)
    sql = f"""
        with touched as (
            select max({ROW}) filter ({ROW} < $first) as was, max({ROW}) as is_now
            from landed group by {names(key)}, case when {whole} then -1 else {ROW} end having max({ROW}) >= $first
        )
        select [{", ".join(counts)}] as counts
        from touched join landed as new on new.{ROW} = is_now left join landed as old on old.{ROW} = was
    """
    rows = compute.query(sql, {"landed": tables.paths(after.files)}, {"first": first_new(before)})
    found = rows["counts"][0].as_py()
    return tuple(found[:3]), dict(zip(own, found[3:], strict=True))


def moved(before: DatasetVersion, after: DatasetVersion, kind: Kind, tables: Tables) -> tuple[Finding, ...]:
    """Columns whose values moved, went missing or came, the most important first; () where few rows are new."""
    if after.number == before.number:
        return ()
    rows = all_rows(after, tables)
    present = [column for column in after.columns if column.name in rows.column_names]
    table = Table(
        name=after.dataset,
        columns={column.name: column_of(rows[column.name]) for column in present},
        types={column.name: column.type for column in present},
        key=kind.key,
        time=kind.time or None,
        reasons=column_of(rows[REASON]) if REASON in rows.column_names else None,
        first_new=first_new(before),
        zone=kind.zone,
    )
    profiles = tuple(profile(name, table.types[name], column) for name, column in table.columns.items())
    return by_importance(change_findings(table, profiles))
