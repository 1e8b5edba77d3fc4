"""A column's values in rising order, each once with its rows: its quantiles, its ends and its most frequent ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.column import Column

ROOM = 2
"""Whole numbers that span at most so many times their rows are counted in place, not sorted."""
Scale = Callable[[Floats], Floats] | None
"""A rising function on whose values order is asked for; None: on the values as they are."""
EXACT = 2.0**53
"""Whole numbers up to here are doubles of their own."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """Distinct `values` in rising order, the rows that have each, and the rows up to and with each (`ends`).

    `ends` is None where every row has a value of its own. One pass over a column's rows makes it; whatever asks for
    order afterwards reads it here.
    """

    values: NDArray[Any]
    counts: Ints
    ends: Ints | None

    @property
    def rows(self) -> int:
        """How many rows."""
        return len(self.values) if self.ends is None or not len(self.ends) else int(self.ends[-1])

    def amounts(self) -> Spread:
        """The finite values as doubles; whole numbers that become the same double are one."""
        values = self.values.astype(np.float64, copy=False)
        if self.values.dtype.kind != "f":
            if not len(values) or max(-int(self.values[0]), int(self.values[-1])) < EXACT:
                return Spread(values=values, counts=self.counts, ends=self.ends)
            return _merged(values, self.counts)
        first, last = int(np.searchsorted(values, -np.inf, side="right")), int(np.searchsorted(values, np.inf))
        return self if last - first == len(values) else self.part(first, last)

    def part(self, first: int, last: int) -> Spread:
        """The rows on the values from one place up to another."""
        if self.ends is None:
            return _alone(self.values[first:last])
        return _part(self.values[first:last], self.counts[first:last])

    def without(self, place: int) -> Spread:
        """All but the rows on one of the values."""
        return _part(np.delete(self.values, place), np.delete(self.counts, place))

    def sizes(self) -> Spread:
        """The absolute values."""
        if not len(self.values) or self.values[0] >= 0:
            return self
        sizes = np.abs(self.values)
        order = np.argsort(sizes, kind="stable")
        return _merged(sizes[order], self.counts[order])

    def quantiles(self, shares: Sequence[float] | Floats, scale: Scale = None) -> Floats:
        """The values that these shares of the rows do not exceed, linear between two rows (numpy's default)."""
        place = (self.rows - 1) * np.asarray(shares, np.float64)
        lower = np.floor(place)
        low, high = self._at(lower), self._at(np.minimum(lower + 1, self.rows - 1))
        if scale is not None:
            low, high = scale(low), scale(high)
        part, step = place - lower, high - low
        return np.where(part >= 0.5, high - step * (1 - part), low + step * part)

    def median(self, scale: Scale = None) -> float:
        """The middle value, or the mean of the two middle ones."""
        middle = self._at(np.array([(self.rows - 1) // 2, self.rows // 2]))
        return float((middle if scale is None else scale(middle)).mean())

    def below(self, edges: Floats) -> Ints:
        """Rows below each of the edges."""
        return self.up_to(np.searchsorted(self.values, edges, side="left"))

    def up_to(self, place: int | Ints) -> Ints:
        """Rows on the values before that place."""
        where = np.asarray(place, np.int64)
        if self.ends is None or not len(self.ends):
            return where
        return np.where(where > 0, self.ends[where - 1], 0)

    def usual(self) -> int | None:
        """The place of the value that half of the rows share and more; None if there is none."""
        if not len(self.counts) or 2 * (len(self.counts) - 1) > self.rows:
            return None
        place = int(self.counts.argmax())
        return place if 2 * self.counts[place] >= self.rows else None

    def top(self, most: int) -> Ints:
        """Places of the most frequent values, ties in rising order."""
        if len(self.counts) > most:
            least = np.partition(self.counts, -most)[-most]
            more, equal = np.flatnonzero(self.counts > least), np.flatnonzero(self.counts == least)
            places = np.concatenate((more, equal[: most - len(more)]))
        else:
            places = np.arange(len(self.counts))
        return places[np.argsort(-self.counts[places], kind="stable")]

    def _at(self, rows: Floats | Ints) -> Floats:
        """The values of these rows, counted from 0 in rising order."""
        places = rows.astype(np.int64) if self.ends is None else np.searchsorted(self.ends, rows, side="right")
        return self.values[places].astype(np.float64)


def spread(column: Column) -> Spread:
    """The spread of what is not null; of text, of its codes."""
    return of_values(column.present())


def of_values(values: NDArray[Any]) -> Spread:
    """The spread of values without NaN."""
    if values.dtype.kind == "i" and len(values):
        low, high = int(values.min()), int(values.max())
        if high - low <= ROOM * len(values):
            counts = np.bincount(values.astype(np.int64, copy=False) - low)
            places = np.flatnonzero(counts)
            return _part((places + low).astype(values.dtype, copy=False), counts[places])
    ordered = np.sort(values)
    rises = ordered[1:] != ordered[:-1]
    if rises.all():
        return _alone(ordered)
    starts = np.flatnonzero(np.append(True, rises))
    ends = np.append(starts[1:], len(ordered))
    return Spread(values=ordered[starts], counts=ends - starts, ends=ends)


def _alone(values: NDArray[Any]) -> Spread:
    """Values that are all different."""
    return Spread(values=values, counts=np.broadcast_to(np.int64(1), len(values)), ends=None)


def _part(values: NDArray[Any], counts: Ints) -> Spread:
    return Spread(values=values, counts=counts, ends=np.cumsum(counts))


def _merged(values: Floats, counts: Ints) -> Spread:
    """Equal neighbours as one."""
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1]))[: len(values)]
    return _part(values[starts], np.add.reduceat(counts, starts) if len(starts) else counts)
