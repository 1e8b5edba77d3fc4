"""Columns whose values seem to be in two units, and levels that jump otherwise: from when on, by what, which rows."""

from __future__ import annotations

from collections.abc import Iterator

from tidemill.facts.data import ColumnProfile, Finding
from tidemill.measure.arrays import Ints
from tidemill.measure.column import Column
from tidemill.measure.jump import jump
from tidemill.measure.profile import is_id_like
from tidemill.measure.spread import Spread
from tidemill.measure.survey.advice import in_one_unit
from tidemill.measure.survey.table import Fields, Table, number_text
from tidemill.measure.unit import Unit, change, mixture
from tidemill.spec import written

MINUTE = len("2026-01-01 00:00")
"""A level is not known to have jumped at a second: it is the first of its stretch."""
SHOWN = 5


def unit_findings(table: Table, profile: ColumnProfile, ordered: Spread, order: Ints) -> Iterator[Finding]:
    """The most that can be said: a change of unit, else rows in another unit and a level that jumped.

    `ordered`: the column's spread; `order`: the rows from the oldest to the newest. Nothing of names of rows: their
    sizes mean nothing.
    """
    if table.columns[profile.name].kind != "number" or is_id_like(profile):
        return
    column = table.columns[profile.name].take(order)
    if table.time is not None and (found := change(column)) is not None:
        fields: Fields = {"before": number_text(found.before), "after": number_text(found.after)}
        at = table.shown(table.time, int(order[found.row]))
        since = (table.time, f"{table.types[table.time]} {written.text(at)}")
        fields |= {"at": at, "mend": in_one_unit(profile.name, since, found.unit, up=found.up)}
        fields |= unit_fields(found.unit, up=found.up)
        ids = (table.called(int(order[found.row])),)
        yield table.found("finding.unit-jump", 0.65, profile.name, ids=ids, **fields)
        return
    yield from _mixed(table, profile, column, order)
    if table.time is not None and (level := jump(column, ordered)) is not None:
        at = table.shown(table.time, int(order[level.row]))[:MINUTE]
        fields = {"at": at, "before": number_text(level.before), "after": number_text(level.after)}
        yield table.found("finding.level-jump", 0.35, profile.name, **fields)


def _mixed(table: Table, profile: ColumnProfile, column: Column, order: Ints) -> Iterator[Finding]:
    found = mixture(column)
    if found is None:
        return
    rows = order[found.rows]
    fields: Fields = {"usual": number_text(found.usual), "other": number_text(found.other)}
    if table.time is not None:
        fields["at"] = table.shown(table.time, int(rows[0]))[:MINUTE]
    yield table.found(
        "finding.unit-mixed", 0.65, profile.name,
        rows=len(rows), share=len(rows) / (profile.rows - profile.nulls), ids=table.called_all(rows[:SHOWN].tolist()),
        **fields, **unit_fields(found.unit, up=found.up),
    )  # fmt: skip


def unit_fields(unit: Unit, *, up: bool) -> Fields:
    """How many times as large or small the other values are, and as between which units."""
    ratio = f"{unit.factor:,.4g} times as {'large' if up else 'small'}"
    fields: Fields = {"unit": unit.factor if up else 1 / unit.factor}
    return fields | ({} if unit.offset else {"ratio": ratio}) | ({"units": unit.names} if unit.names else {})
