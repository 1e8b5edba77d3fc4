"""Totals over what an ask sees, as differences of prefix sums."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tidemill.features.rows import Ints
from tidemill.features.sight import Sight
from tidemill.features.timeline import Timeline


class Running:
    """Prefix sums of one weight per position, in order of arrival and of time: what an ask sees is a difference.

    Sums wrap around like all int64; a difference is right as long as it fits itself.
    """

    def __init__(self, timeline: Timeline, weights: Ints) -> None:
        self._timeline, self._weights = timeline, weights
        self._totals: dict[Sight, Ints] = {}

    @cached_property
    def _prefixes(self) -> tuple[Ints, Ints]:
        return prefixes(self._timeline, self._weights)

    def total(self, sight: Sight) -> Ints:
        """Per ask, the sum of the weights of the rows it sees; not to be written to, for it is kept."""
        if sight not in self._totals:
            self._totals[sight] = self._total(sight)
        return self._totals[sight]

    def _total(self, sight: Sight) -> Ints:
        entered, left = self._prefixes
        if sight.lasting is not None:
            entered, left = prefixes(self._timeline, np.where(sight.lasting, self._weights, 0))
        total = entered[sight.high] - left[sight.low]
        return total if sight.own is None else total - np.where(sight.own >= 0, self._weights[sight.own], 0)


def prefixes(timeline: Timeline, weights: Ints) -> tuple[Ints, Ints]:
    """Sums of the first 0, 1, ... n weights (per position), in order of arrival and in order of time."""
    left = prefix(weights)
    return (left, left) if timeline.arrivals is None else (prefix(weights[timeline.arrivals]), left)


def prefix(weights: Ints) -> Ints:
    """Sums of the first 0, 1, ... n weights."""
    sums = np.zeros(len(weights) + 1, np.int64)
    np.cumsum(weights, out=sums[1:])
    return sums
