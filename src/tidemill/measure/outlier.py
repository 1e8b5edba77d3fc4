"""Values that stand far from the rest of their column, and rows that pile up at one of its ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tidemill.measure.arrays import Bools, Floats, Ints
from tidemill.measure.column import Column

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


def outliers(column: Column) -> Outliers | None:
    """The rows that stand apart; None where none does, or where the column is no amount (text, a flag, a code)."""
    rows = _amounts(column)
    rows = rows[_not_the_usual(column.numbers()[rows])]
    values = column.numbers()[rows]
    if len(values) < FEWEST or len(np.unique(values)) <= FEWEST_VALUES:
        return None
    ruler = _ruler(values)
    distance = ruler.distance(values)
    sides = [ruler.beyond(values, side) for side in (-1, 1)]
    worst = [_worst(rows, values, distance, beyond) for beyond in sides]
    if not any(worst):
        return None
    sizes = np.abs(values)
    usual = float(np.quantile(sizes, 0.999))
    return Outliers(
        low=ruler.bound(-1),
        high=ruler.bound(1),
        scale=ruler.scale,
        below=int(sides[0].sum()),
        above=int(sides[1].sum()),
        worst=tuple(sorted(worst[0] + worst[1], key=lambda one: one.distance, reverse=True)),
        max_ratio=float(sizes.max()) / usual if usual > 0 else None,
        n=len(values),
    )


def piles(column: Column) -> tuple[Pile, ...]:
    """Piles at the ends: five rows or more, three times those beside, 2.5 ranges from the median of all other rows."""
    rows = _amounts(column)
    values = column.numbers()[rows]
    distinct, first, counts = np.unique(values, return_index=True, return_counts=True)
    if len(values) < FEWEST or len(distinct) <= FEWEST_VALUES:
        return ()
    found = []
    ends: tuple[tuple[Literal["lowest", "highest"], int, slice], ...] = (
        ("lowest", 0, slice(1, NEIGHBOURS + 1)),
        ("highest", -1, slice(-NEIGHBOURS - 1, -1)),
    )
    for end, i, near in ends:
        value, beside = float(distinct[i]), float(counts[near].mean())
        rest = values[values != value]
        distance = abs(value - float(np.median(rest))) / _range(rest)
        if counts[i] >= max(PILE_ROWS, PILE_RATIO * beside) and distance >= PILE_REACH:
            pile = Pile(
                end=end,
                value=value,
                rows=int(counts[i]),
                beside=beside,
                distance=distance,
                first_row=int(rows[first[i]]),
            )
            found.append(pile)
    return tuple(found)


def _amounts(column: Column) -> Ints:
    """Places of the finite numbers; none for text, flags and times."""
    if column.kind != "number":
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.isfinite(column.numbers()))


def _not_the_usual(values: Floats) -> Bools:
    """All rows but those on a value that half of them share (0 for none): the others are judged among themselves."""
    distinct, counts = np.unique(values, return_counts=True)
    if not len(distinct) or 2 * counts.max() < len(values):
        return np.ones(len(values), np.bool_)
    others: Bools = values != distinct[counts.argmax()]
    return others


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

    def far(self, values: Floats, side: int) -> Bools:
        """The rows beyond the bound of that side."""
        return side * self.distance(values) > REACH[self.scale]

    def heavy(self, values: Floats, side: int) -> bool:
        """Whether so many rows lie beyond the bound that they are a tail."""
        return float(self.far(values, side).mean()) >= HEAVY

    def beyond(self, values: Floats, side: int) -> Bools:
        """The rows that stand apart on that side; none of a heavy tail."""
        return self.far(values, side) & (not self.heavy(values, side))


def _ruler(values: Floats) -> _Ruler:
    """The raw scale, or the log scale where the column is skewed or has a heavy tail on the raw one."""
    raw = _Ruler(scale="raw", unit=1.0, middle=float(np.median(values)), range=_range(values))
    if abs(_skewness(values)) <= SKEWED and not (raw.heavy(values, -1) or raw.heavy(values, 1)):
        return raw
    unit = _unit(values)
    scaled = np.arcsinh(values / unit)
    return _Ruler(scale="log", unit=unit, middle=float(np.median(scaled)), range=_range(scaled))


def _unit(values: Floats) -> float:
    """Below it asinh is straight, above it a logarithm: a small size where nearly all have one sign, else the range."""
    positive = float((values > 0).mean())
    if positive > ONE_SIGN or positive < 1.0 - ONE_SIGN:
        return float(np.quantile(np.abs(values[values != 0]), 1.0 - ONE_SIGN))
    return _range(values)


def _range(values: Floats) -> float:
    """The interquartile range; where it is 0 its like from the outer 5 %, else from all rows."""
    for low, high, width in ((0.25, 0.75, 1.349), (0.025, 0.975, 3.92)):
        bounds = np.quantile(values, (low, high))
        if bounds[1] > bounds[0]:
            return float(bounds[1] - bounds[0]) * 1.349 / width
    return float(values.std()) * 1.349 or 1.0


def _skewness(values: Floats) -> float:
    """Of the octiles, -1 to 1 (Hinkley 1975)."""
    low, middle, high = np.quantile(values, (0.125, 0.5, 0.875))
    return float((low + high - 2 * middle) / (high - low)) if high > low else 1.0


def _worst(rows: Ints, values: Floats, distance: Floats, beyond: Bools) -> list[Worst]:
    places = np.flatnonzero(beyond)
    order = places[np.argsort(-np.abs(distance[places]), kind="stable")][:WORST]
    return [Worst(row=int(rows[i]), value=float(values[i]), distance=float(abs(distance[i]))) for i in order]
