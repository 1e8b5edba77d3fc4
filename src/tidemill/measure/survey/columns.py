"""What single columns give away: emptiness, sameness, values that stand apart, codes for nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tidemill.facts.data import ColumnProfile, Finding
from tidemill.measure.arrays import Ints
from tidemill.measure.column import Column
from tidemill.measure.outlier import Outliers, Worst, outliers, piles
from tidemill.measure.profile import QUANTILES, infinite, is_constant, is_id_like
from tidemill.measure.sentinel import Sentinel, sentinels
from tidemill.measure.spread import Spread
from tidemill.measure.survey.advice import clip, unless
from tidemill.measure.survey.ids import names_something
from tidemill.measure.survey.names import name_findings
from tidemill.measure.survey.table import Fields, Table, number_text
from tidemill.measure.survey.texts import text_findings
from tidemill.measure.survey.units import unit_findings

FEWEST = 30
"""Rows below which nothing is said about how values are spread."""
NULLS = 0.05
"""Share of missing values from which on it is said."""
ONE_VALUE = 0.99
ONE_PERCENT, NINETY_NINE = QUANTILES.index(0.01), QUANTILES.index(0.99)
RULES = 10.0
"""Largest size over the 99.9 % quantile from which on one row rules every sum and mean."""


def column_findings(table: Table, profile: ColumnProfile, ordered: Spread, by_time: Ints) -> Iterator[Finding]:
    """All that can be said of a column alone; `ordered`: its spread; `by_time`: places of the rows in that order."""
    column = table.columns[profile.name]
    if profile.rows == 0:
        return
    if profile.nulls == profile.rows:
        yield table.found("finding.empty-column", 0.45, profile.name, rows=profile.rows)
        return
    yield from _missing(table, profile, ordered)
    if profile.rows < FEWEST:
        return
    yield from _same(table, profile, column)
    yield from text_findings(table, profile, column)
    names = tuple(name_findings(table, profile, by_time))
    yield from names
    if not names_something(table, profile, ordered):
        yield from _apart(table, profile, column, ordered)
        if not names:
            yield from unit_findings(table, profile, ordered, by_time)


def _missing(table: Table, profile: ColumnProfile, ordered: Spread) -> Iterator[Finding]:
    share = profile.nulls / profile.rows
    if share >= NULLS:
        weight = 0.25 + 0.4 * share
        yield table.found("finding.many-nulls", weight, profile.name, nulls=profile.nulls, share=share)
    if count := infinite(ordered):
        yield table.found("finding.infinite", 0.7, profile.name, rows=count)


def _same(table: Table, profile: ColumnProfile, column: Column) -> Iterator[Finding]:
    """Columns that hold nothing to learn from: one value, nearly one, or another one in each row."""
    present = profile.rows - profile.nulls
    if is_constant(profile):
        value = table.shown(profile.name, int(np.flatnonzero(~column.null)[0]))
        yield table.found("finding.constant", 0.3, profile.name, value=value)
    elif is_id_like(profile):
        if profile.name not in table.key:
            yield table.found("finding.id-like", 0.1, profile.name, rows=present)
    elif profile.top and profile.top[0][1] >= ONE_VALUE * present:
        value, rows = profile.top[0]
        fields: Fields = {"value": value, "share": rows / present, "others": present - rows}
        yield table.found("finding.mostly-one-value", 0.2, profile.name, **fields)


def _apart(table: Table, profile: ColumnProfile, column: Column, ordered: Spread) -> Iterator[Finding]:
    """Values that rows pile up on far from all others, codes for nothing, and outliers with their rows."""
    heaps = piles(column, ordered)
    for pile in heaps:
        weight = 0.5 + min(0.2, 0.02 * pile.distance)
        yield table.found(
            "finding.pile", weight, profile.name,
            value=number_text(pile.value), end=pile.end, rows=pile.rows, beside=pile.beside, distance=pile.distance,
            mend=unless(profile.name, pile.value), ids=(table.called(pile.first_row),),
        )  # fmt: skip
    none = {pile.value for pile in heaps}
    for code in sentinels(column, ordered):
        if code.value not in none:
            yield _sentinel_finding(table, profile, code)
            none.add(code.value)
    beyond = outliers(column, ordered, sorted(none))
    if beyond is not None:
        yield _outlier_finding(table, profile, beyond)


def _sentinel_finding(table: Table, profile: ColumnProfile, code: Sentinel) -> Finding:
    return table.found(
        "finding.sentinel", 0.5 + min(0.2, 0.02 * code.gap), profile.name,
        value=number_text(code.value), rows=code.rows, share=code.rows / (profile.rows - profile.nulls),
        low=number_text(code.low), high=number_text(code.high),
        mend=unless(profile.name, code.value), ids=(table.called(code.first_row),),
    )  # fmt: skip


def _outlier_finding(table: Table, profile: ColumnProfile, beyond: Outliers) -> Finding:
    ratio = beyond.max_ratio or 0.0
    weight = 0.55 + min(0.3, 0.02 * beyond.worst[0].distance) + (0.1 if ratio > RULES else 0.0)
    named = farthest(beyond)
    worst, *others = (number_text(one.value) for one in named)
    rows = (*named, *(one for one in beyond.worst if one not in named))
    fields: Fields = {"ratio": ratio} if ratio > RULES else {}
    return table.found(
        "finding.outliers", weight, profile.name,
        rows=beyond.below + beyond.above,
        low=number_text(profile.quantiles[ONE_PERCENT]), high=number_text(profile.quantiles[NINETY_NINE]),
        worst=worst,
        other=others[0] if others else None,
        values=tuple(number_text(one.value) for one in rows),
        mend=clip(profile.name, beyond, whole=profile.type == "int"),
        ids=table.called_all(one.row for one in rows), **fields,
    )  # fmt: skip


def farthest(beyond: Outliers) -> tuple[Worst, ...]:
    """The farthest row, then the farthest on the other side, else the next with a different value, if there is one."""
    first, *rest = beyond.worst
    across = (one for one in rest if (one.value < beyond.low) != (first.value < beyond.low))
    other = next(across, None) or next((one for one in rest if one.value != first.value), None)
    return (first,) if other is None else (first, other)
