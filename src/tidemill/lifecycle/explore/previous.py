"""What a version has that the one looked at before had not: rows by key, and columns of another type."""

from __future__ import annotations

from collections.abc import Iterator

from tidemill.facts.data import DatasetVersion, Finding
from tidemill.features.plan import names, quoted
from tidemill.lifecycle.explore.given import Given
from tidemill.measure.survey.table import Fields
from tidemill.ports.compute import Compute
from tidemill.ports.context import Context
from tidemill.ports.tables import OP, ROW, Tables

MANY = 0.1
"""Share of the rows before that were corrected or deleted from which on it is worth a look."""
SHOWN = 5


def differences(given: Given, ctx: Context) -> Iterator[Finding]:
    """Rows that came, were corrected and deleted since the version before, and columns that changed their type."""
    before, version = given.previous, given.version
    if before is None or before.number == version.number:
        return
    (added, changed, deleted), columns = by_key(before, version, given.source.key, ctx.tables, ctx.compute)
    new = version.rows + version.put_aside - first_new(before)
    corrected = sorted((name for name in columns if columns[name]), key=lambda name: -columns[name])
    fields: Fields = {
        "before": before.name, "after": version.name, "rows": before.rows, "added": new if added is None else added,
        "changed": changed or None, "deleted": deleted or None, "columns": tuple(corrected[:SHOWN]) if changed else (),
    }  # fmt: skip
    touched = ((changed or 0) + (deleted or 0)) / max(before.rows, 1)
    weight = 0.55 if touched >= MANY else 0.15
    if new:
        yield Finding(code="finding.rows-changed", subject=version.dataset, importance=weight, fields=fields)
    types = {column.name: column.type for column in before.columns}
    for column in version.columns:
        was = types.get(column.name, column.type)
        if was not in {column.type, "unknown"}:
            told: Fields = {"column": column.name, "type": column.type, "was": was}
            subject = f"{version.dataset}.{column.name}"
            yield Finding(code="finding.column-retyped", subject=subject, importance=0.5, fields=told)


def first_new(before: DatasetVersion) -> int:
    """The landing number of the first row that the version does not hold."""
    return before.rows + before.put_aside


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
