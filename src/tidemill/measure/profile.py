"""One column in numbers: how full, how varied, where its values lie."""

from __future__ import annotations

import numpy as np

from tidemill.facts.data import ColumnProfile
from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.column import Column
from tidemill.measure.spread import Spread, spread

QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
TOP = 10
BINS = 24
BODY = (0.005, 0.995)
"""Quantiles that the histogram's own edges span: one wild value must not press all others into one bar."""
FEWEST = 30
"""Rows below which a column without repeats is not yet called an id."""


def profile(
    name: str, type: str, column: Column, *, edges: Floats | None = None, ordered: Spread | None = None
) -> ColumnProfile:
    """The column's figures; moments and quantiles of what is finite, `top` values where any comes twice.

    `counts` has one more entry than `edges`: the rows below the first edge, between two edges (left end included), and
    from the last edge on, nulls nowhere. Without `edges` they are 24 equal widths over the middle 99 % (amounts and
    times). `ordered`: the column's spread, where it is at hand.
    """
    whole = spread(column) if ordered is None else ordered
    finite = whole.amounts()
    amounts = column.kind in {"number", "boolean"} and finite.rows > 0
    told = _finite(column, whole, finite) if amounts else np.zeros(0)
    marks = _edges(finite, column) if edges is None else edges
    return ColumnProfile(
        name=name,
        type=type,
        rows=column.rows,
        nulls=column.nulls,
        distinct=len(whole.values),
        mean=float(told.mean()) if amounts else None,
        std=float(told.std(ddof=1)) if len(told) > 1 else None,
        quantiles=tuple(finite.quantiles(QUANTILES).tolist()) if amounts and column.kind == "number" else (),
        top=_top(column, whole),
        edges=tuple(marks.tolist()),
        counts=tuple(histogram(whole, marks).tolist()) if len(marks) else (),
    )


def histogram(ordered: Spread, edges: Floats) -> Ints:
    """Rows below the first edge, in [edge, next edge), and from the last edge on."""
    return np.diff(np.concatenate(([0], ordered.below(edges), [ordered.rows])))


def is_constant(profile: ColumnProfile) -> bool:
    """Whether the column says the same in every row that is not null."""
    return profile.distinct <= 1


def is_id_like(profile: ColumnProfile) -> bool:
    """Whether every row has its own text or whole number: nothing to learn from, and never to be used as a feature."""
    return (
        profile.type in {"text", "int"}
        and profile.rows - profile.nulls >= FEWEST
        and profile.distinct == profile.rows - profile.nulls
    )


def infinite(ordered: Spread) -> int:
    """Rows that are infinite: no null, and no amount either."""
    return ordered.rows - ordered.amounts().rows


def _finite(column: Column, whole: Spread, finite: Spread) -> Floats:
    """The finite values as they landed: a sum's last digit hangs on the order of its rows."""
    values = column.present().astype(np.float64, copy=False)
    return values if finite.rows == whole.rows else values[np.isfinite(values)]


def _edges(finite: Spread, column: Column) -> Floats:
    if column.kind not in {"number", "time"} or not finite.rows:
        return np.zeros(0)
    low, high = finite.quantiles(BODY)
    return np.unique(np.linspace(low, high, BINS + 1))


def _top(column: Column, whole: Spread) -> tuple[tuple[str, int], ...]:
    """The most frequent values as text, ties in their own order; none where no value comes twice."""
    if column.kind == "time" or len(whole.values) == whole.rows:
        return ()
    return tuple((_text(column, whole.values[i].item()), int(whole.counts[i])) for i in whole.top(TOP))


def _text(column: Column, value: float) -> str:
    if column.kind == "text":
        return column.labels[int(value)]
    if column.kind == "boolean":
        return "true" if value else "false"
    return str(int(value)) if value == value // 1 else repr(value)
