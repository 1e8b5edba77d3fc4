"""What makes one version of a dataset differ from a later one: rows by key, columns, watermark, moved values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tidemill.facts.data import ColumnType, DatasetVersion, Finding
from tidemill.lifecycle.explore.landed import all_rows, column_of, new_from
from tidemill.lifecycle.explore.previous import by_key
from tidemill.measure.profile import profile
from tidemill.measure.survey.change import change_findings
from tidemill.measure.survey.survey import by_importance
from tidemill.measure.survey.table import Table
from tidemill.ports.compute import Compute
from tidemill.ports.tables import REASON, Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaChange:
    """A column that came (`before` None), went (`after` None) or has another type."""

    column: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two versions in short; `watermark_us` is None where nothing tells how far its source is known."""

    name: str
    rows: int
    put_aside: int
    watermark_us: int | None
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
        watermark_us=version.known_until_us,
        at_us=version.at_us,
    )


def schema_changes(before: tuple[ColumnType, ...], after: tuple[ColumnType, ...]) -> Iterator[SchemaChange]:
    """Columns that came, went or changed their type, in the order of the newer version."""
    old, new = ({column.name: column.type for column in columns} for columns in (before, after))
    for name in dict.fromkeys((*new, *old)):
        if old.get(name) != new.get(name):
            yield SchemaChange(column=name, before=old.get(name), after=new.get(name))


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
        first_new=new_from(rows, before),
        zone=kind.zone,
    )
    profiles = tuple(profile(name, table.types[name], column) for name, column in table.columns.items())
    return by_importance(change_findings(table, profiles))
