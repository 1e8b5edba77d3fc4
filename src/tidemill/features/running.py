"""Totals over what an ask sees, as differences of prefix sums."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tidemill.features.rows import STANDS, Ints
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
        (entered, left), weights = self._prefixes, self._weights
        if sight.lasting is not None:
            weights = np.where(sight.lasting, weights, 0)
            entered, left = prefixes(self._timeline, weights)
        total = entered[sight.high] - left[sight.low]
        if sight.ended is not None:
            total -= prefix(weights[sight.ended.places])[sight.ended.before]
        return total if sight.own is None else total - np.where(sight.own >= 0, self._weights[sight.own], 0)


def prefixes(timeline: Timeline, weights: Ints) -> tuple[Ints, Ints]:
    """Sums of the first 0, 1, ... n weights (per position) that enter, and of those that leave."""
    left = leaving(timeline, weights)
    return (left if timeline.arrivals is None and timeline.until is None else entering(timeline, weights)), left


def entering(timeline: Timeline, weights: Ints) -> Ints:
    """Sums of the weights in order of arrival."""
    return prefix(weights if timeline.arrivals is None else weights[timeline.arrivals])


def leaving(timeline: Timeline, weights: Ints) -> Ints:
    """Sums of the weights in order of time; rows that end before they are too old leave otherwise."""
    return prefix(weights if timeline.until is None else np.where(timeline.until == STANDS, weights, 0))


def prefix(weights: Ints) -> Ints:
    """Sums of the first 0, 1, ... n weights."""
    sums = np.zeros(len(weights) + 1, np.int64)
    np.cumsum(weights, out=sums[1:])
    return sums
