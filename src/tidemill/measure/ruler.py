"""The scale on which a column's values lie near or far: its middle and its usual range, raw or as logarithms."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tidemill.measure.arrays import Floats
from tidemill.measure.spread import Scale, Spread

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruler:
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


def ruler(ordered: Spread) -> Ruler:
    """The raw scale, or the log scale where the column is skewed or has a heavy tail on the raw one."""
    raw = Ruler(scale="raw", unit=1.0, middle=ordered.median(), range=width(ordered))
    if abs(_skewness(ordered)) <= SKEWED and not (raw.heavy(ordered, -1) or raw.heavy(ordered, 1)):
        return raw
    unit = _unit(ordered)

    def scaled(values: Floats) -> Floats:
        return np.arcsinh(values / unit)

    return Ruler(scale="log", unit=unit, middle=ordered.median(scaled), range=width(ordered, scaled))


def width(ordered: Spread, scale: Scale = None) -> float:
    """The interquartile range; where it is 0 its like from the outer 5 %, else from all rows."""
    for low, high, deviations in ((0.25, 0.75, 1.349), (0.025, 0.975, 3.92)):
        bounds = ordered.quantiles((low, high), scale)
        if bounds[1] > bounds[0]:
            return float(bounds[1] - bounds[0]) * 1.349 / deviations
    values = ordered.values if scale is None else scale(ordered.values)
    return float(np.repeat(values, ordered.counts).std()) * 1.349 or 1.0


def _unit(ordered: Spread) -> float:
    """Below it asinh is straight, above it a logarithm: a small size where nearly all have one sign, else the range."""
    up_to_zero = int(ordered.up_to(int(np.searchsorted(ordered.values, 0.0, side="right"))))
    positive = (ordered.rows - up_to_zero) / ordered.rows
    if positive > ONE_SIGN or positive < 1.0 - ONE_SIGN:
        sizes = ordered.sizes()
        if sizes.values[0] == 0:
            sizes = sizes.without(0)
        return float(sizes.quantiles((1.0 - ONE_SIGN,))[0])
    return width(ordered)


def _skewness(ordered: Spread) -> float:
    """Of the octiles, -1 to 1 (Hinkley 1975)."""
    low, middle, high = ordered.quantiles((0.125, 0.5, 0.875))
    return float((low + high - 2 * middle) / (high - low)) if high > low else 1.0
