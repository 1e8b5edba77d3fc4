"""Values that stand far from the rest of their column, and rows that pile up at one of its ends."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tidemill.measure.arrays import Floats
from tidemill.measure.column import Column
from tidemill.measure.spread import Scale, Spread, of_values, spread

REACH = {"raw": 5.0, "log": 4.0}
"""Interquartile ranges from the median beyond which a value stands apart: 6.7 standard deviations of a normal column,
and 5.4 of a lognormal one: wide tails are already in its scale.
"""
HEAVY = 0.005
"""Share of rows beyond the bound from which on that side has a heavy tail, not outliers."""
SKEWED = 0.3
"""Octile skewness beyond which a column is judged on the log scale: that of a lognormal with sigma 0.5."""
ONE_SIGN = 0.95
"""Share of rows with one sign from which on a column is a size (its few others are returns, mistakes)."""
WORST = 5
FEWEST = 30
"""Rows below which nothing stands apart."""
FEWEST_VALUES = 10
"""Distinct values up to which a number is a code or a flag: none of its values stands apart."""
PILE_ROWS = 5
PILE_RATIO = 3.0
PILE_REACH = 2.5
NEIGHBOURS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """One row that stands apart: its place in the column, its value, and how many ranges it lies from the median."""

    row: int
    value: float
    distance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outliers:
    """Rows of a column outside `low` to `high`: how many on each side, and the worst five of each, the farthest first.

    The bounds are the median +- 5 interquartile ranges on the `raw` scale, or +- 4 on the `log` scale (sign-symmetric:
    asinh) of a skewed or heavy-tailed column. A side with 0.5 % of the rows and more beyond its bound counts none.
    `max_ratio`: the largest size over the 99.9 % quantile of sizes; above 10, one row rules every sum. A value that
    half of the rows share is left out of all this; `n` rows are in.
    """

    low: float
    high: float
    scale: Literal["raw", "log"]
    below: int
    above: int
    worst: tuple[Worst, ...]
    max_ratio: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """The lowest or highest value, far from the rest, on which more rows stand than on the values beside it.

    A sentinel (999 for never), a sensor at its limit, a cap. `beside`: mean rows on each of the three nearest values.
    """

    end: Literal["lowest", "highest"]
    value: float
    rows: int
    beside: float
    distance: float
    first_row: int


def outliers(column: Column, ordered: Spread | None = None) -> Outliers | None:
    """The rows that stand apart; None where none does, or where the column is no amount (text, a flag, a code).

    `ordered`: the column's spread, where it is at hand.
    """
    judged = _amounts(column, ordered)
    usual = judged.usual()
    left_out = None if usual is None else float(judged.values[usual])
    judged = judged if usual is None else judged.without(usual)
    if judged.rows < FEWEST or len(judged.values) <= FEWEST_VALUES:
        return None
    ruler = _ruler(judged)
    low, high = ruler.beyond(judged, -1), ruler.beyond(judged, 1)
    if not (low or high):
        return None
    largest = max(abs(float(judged.values[0])), abs(float(judged.values[-1])))
    common = float(judged.sizes().quantiles((0.999,))[0])
    return Outliers(
        low=ruler.bound(-1),
        high=ruler.bound(1),
        scale=ruler.scale,
        below=int(judged.up_to(low)),
        above=judged.rows - int(judged.up_to(len(judged.values) - high)),
        worst=_worst(column, judged, (low, high), ruler, left_out),
        max_ratio=largest / common if common > 0 else None,
        n=judged.rows,
    )


def piles(column: Column, ordered: Spread | None = None) -> tuple[Pile, ...]:
    """Piles at the ends: five rows or more, three times those beside, 2.5 ranges from the median of all other rows.

    `ordered`: the column's spread, where it is at hand.
    """
    amounts = _amounts(column, ordered)
    if amounts.rows < FEWEST or len(amounts.values) <= FEWEST_VALUES:
        return ()
    found = []
    ends: tuple[tuple[Literal["lowest", "highest"], int, slice], ...] = (
        ("lowest", 0, slice(1, NEIGHBOURS + 1)),
        ("highest", -1, slice(-NEIGHBOURS - 1, -1)),
    )
    for end, i, near in ends:
        value, rows, beside = float(amounts.values[i]), int(amounts.counts[i]), float(amounts.counts[near].mean())
        if rows < max(PILE_ROWS, PILE_RATIO * beside):
            continue
        rest = amounts.without(i)
        distance = abs(value - rest.median()) / _range(rest)
        if distance >= PILE_REACH:
            first = int(np.flatnonzero(~column.null & (column.values == value))[0])
            pile = Pile(end=end, value=value, rows=rows, beside=beside, distance=distance, first_row=first)
            found.append(pile)
    return tuple(found)


def _amounts(column: Column, ordered: Spread | None) -> Spread:
    """The finite numbers; none of text, flags and times."""
    if column.kind != "number":
        return of_values(np.zeros(0))
    return (spread(column) if ordered is None else ordered).amounts()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ruler:
    """A scale with the middle and the range of a column on it; on the log scale a value x is asinh(x / unit)."""

    scale: Literal["raw", "log"]
    unit: float
    middle: float
    range: float

    def distance(self, values: Floats) -> Floats:
        """Signed distances from the middle in ranges."""
        scaled = np.arcsinh(values / self.unit) if self.scale == "log" else values
        apart: Floats = (scaled - self.middle) / self.range
        return apart

    def bound(self, side: int) -> float:
        """The value from which on, on that side, rows stand apart."""
        scaled = self.middle + side * REACH[self.scale] * self.range
        return float(np.sinh(scaled) * self.unit) if self.scale == "log" else scaled

    def far(self, ordered: Spread, side: int) -> int:
        """How many values lie beyond the bound of that side; distances rise with the values."""
        reach, places = REACH[self.scale], range(len(ordered.values))

        def distance(place: int) -> float:
            return float(self.distance(ordered.values[place]))

        if side < 0:
            return bisect_left(places, -reach, key=distance)
        return len(places) - bisect_right(places, reach, key=distance)

    def heavy(self, ordered: Spread, side: int) -> bool:
        """Whether so many rows lie beyond the bound that they are a tail."""
        values = self.far(ordered, side)
        rows = ordered.up_to(values) if side < 0 else ordered.rows - ordered.up_to(len(ordered.values) - values)
        return bool(rows / ordered.rows >= HEAVY)

    def beyond(self, ordered: Spread, side: int) -> int:
        """How many values stand apart on that side; none of a heavy tail."""
        return 0 if self.heavy(ordered, side) else self.far(ordered, side)


def _ruler(ordered: Spread) -> _Ruler:
    """The raw scale, or the log scale where the column is skewed or has a heavy tail on the raw one."""
    raw = _Ruler(scale="raw", unit=1.0, middle=ordered.median(), range=_range(ordered))
    if abs(_skewness(ordered)) <= SKEWED and not (raw.heavy(ordered, -1) or raw.heavy(ordered, 1)):
        return raw
    unit = _unit(ordered)

    def scaled(values: Floats) -> Floats:
        return np.arcsinh(values / unit)

    return _Ruler(scale="log", unit=unit, middle=ordered.median(scaled), range=_range(ordered, scaled))


def _unit(ordered: Spread) -> float:
    """Below it asinh is straight, above it a logarithm: a small size where nearly all have one sign, else the range."""
    up_to_zero = int(ordered.up_to(int(np.searchsorted(ordered.values, 0.0, side="right"))))
    positive = (ordered.rows - up_to_zero) / ordered.rows
    if positive > ONE_SIGN or positive < 1.0 - ONE_SIGN:
        sizes = ordered.sizes()
        if sizes.values[0] == 0:
            sizes = sizes.without(0)
        return float(sizes.quantiles((1.0 - ONE_SIGN,))[0])
    return _range(ordered)


def _range(ordered: Spread, scale: Scale = None) -> float:
    """The interquartile range; where it is 0 its like from the outer 5 %, else from all rows."""
    for low, high, width in ((0.25, 0.75, 1.349), (0.025, 0.975, 3.92)):
        bounds = ordered.quantiles((low, high), scale)
        if bounds[1] > bounds[0]:
            return float(bounds[1] - bounds[0]) * 1.349 / width
    values = ordered.values if scale is None else scale(ordered.values)
    return float(np.repeat(values, ordered.counts).std()) * 1.349 or 1.0


def _skewness(ordered: Spread) -> float:
    """Of the octiles, -1 to 1 (Hinkley 1975)."""
    low, middle, high = ordered.quantiles((0.125, 0.5, 0.875))
    return float((low + high - 2 * middle) / (high - low)) if high > low else 1.0


def _worst(
    column: Column, judged: Spread, beyond: tuple[int, int], ruler: _Ruler, left_out: float | None
) -> tuple[Worst, ...]:
    """The five rows of each side that lie farthest beyond its bound, the farthest first."""
    found: list[Worst] = []
    values = column.numbers()
    for side, count in zip((-1, 1), beyond, strict=True):
        if not count:
            continue
        apart = values <= judged.values[count - 1] if side < 0 else values >= judged.values[-count]
        places = np.flatnonzero(apart & np.isfinite(values) & (values != left_out if left_out is not None else True))
        distance = np.abs(ruler.distance(values[places]))
        order = np.argsort(-distance, kind="stable")[:WORST]
        found += [Worst(row=int(places[i]), value=float(values[places[i]]), distance=float(distance[i])) for i in order]
    return tuple(sorted(found, key=lambda one: one.distance, reverse=True))
