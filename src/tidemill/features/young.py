"""Rows of a record that no tile holds yet, as windows see them: by time, with what several windows ask of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from tidemill.facts.data import Value
from tidemill.features.fixedpoint import FITS
from tidemill.features.merge import counted
from tidemill.features.tiles import number_of

Loose = Sequence[tuple[int, Sequence[Value]]]
"""Time and cells of rows, from the newest to the oldest."""


class Young:
    """Rows that count, from the oldest to the newest: their times, and their values where an expression is asked for.

    Windows that see the same of them share an object, and so the work.
    """

    __slots__ = ("_kinds", "_parts", "_sums", "_times", "count", "values")

    def __init__(self, times: Sequence[int], values: Sequence[Value]) -> None:
        self._times, self.values, self.count = times, values, len(times)
        self._parts: dict[int, Young] = {}
        self._sums: dict[tuple[int, bool], int | None] = {}
        self._kinds: set[type] | None = None

    def since(self, tail_us: int) -> Young:
        """Those from that time on."""
        times = self._times
        if not times or times[0] >= tail_us:
            return self
        first = bisect_left(times, tail_us)
        if first not in self._parts:
            self._parts[first] = Young(self._times[first:], self.values[first:])
        return self._parts[first]

    def kinds(self) -> set[type]:
        """What the values are."""
        if self._kinds is None:
            self._kinds = set(map(type, self.values))
        return self._kinds

    def total(self, scale: int, *, whole: bool) -> int | None:
        """The exact sum of numbers, in units of 10^-scale or `whole`; None where one of them fits no int64."""
        if (scale, whole) not in self._sums:
            numbers = [number_of(value, scale, whole=whole) for value in self.values]
            fit = all(-FITS <= number < FITS for number in numbers)
            self._sums[scale, whole] = sum(numbers) if fit else None
        return self._sums[scale, whole]


def young_of(rows: Loose, value: int | None, mask: int | None) -> Young:
    """The rows that a group of that value and mask counts."""
    if value is None and mask is None:
        return Young([time for time, _ in rows][::-1], ())
    told = [(time, *counted(cells, value, mask)) for time, cells in reversed(rows)]
    return Young([time for time, there, _ in told if there], [cell for _, there, cell in told if there])
