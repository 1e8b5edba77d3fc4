"""What a group's windows see at one moment: tiles from the window's tail on, and rows that no tile holds yet."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from math import sqrt

from tidemill.facts.data import Value
from tidemill.features.fixedpoint import BITS, FITS
from tidemill.features.tileplan import Group
from tidemill.features.tiles import (
    LIMBS,
    NONE_YET,
    Kept,
    Lists,
    greater,
    lesser,
    number_of,
    plain,
    totals_of,
)
from tidemill.features.young import Young


class NoSumError(Exception):
    """What is seen has no sum that fits into 64 bits, being too much or text."""


class Seen:
    """What lies between a tail and the moment asked; `count`: how many rows. Where that is 0 nothing else is asked for.

    What the windows say is what the kernel of training gives; NoSumError where its sums do not fit; of text none does.
    """

    __slots__ = ("_first", "_group", "_kept", "_sum", "_tail", "_unit", "_whole", "_young", "count")

    def __init__(self, kept: Kept, group: Group, young: Young, tail_us: int) -> None:
        self._kept, self._group, self._tail = kept, group, tail_us
        self._young = young = young.since(tail_us)
        self._sum: int | None = None
        words, totals = kept.words, kept.totals
        self._first = first = bisect_left(words, tail_us, kept.first, totals) - kept.first
        self.count: int = words[totals + kept.count] - words[totals + first] + young.count

    def rows(self, every: Young) -> int:
        """How many rows there are, with a value or without, in a group that counts them; `every`: those in no tile."""
        return self._kept.since(totals_of(self._group) - 1, self._first) + every.since(self._tail).count

    def _total(self) -> int:
        """The exact sum, of whole numbers or in units of 10^-scale. NoSumError."""
        if self._sum is not None:
            return self._sum
        kept, group, young, first = self._kept, self._group, self._young, self._first
        if kept.unfit != NONE_YET and kept.unfit >= self._tail:
            raise NoSumError
        kinds = young.kinds()
        whole = kept.whole and float not in kinds
        words, count = kept.words, kept.count
        upper = kept.totals + count + 1
        lower = upper + count + 1
        found = (words[upper + count] - words[upper + first] << BITS) + words[lower + count] - words[lower + first]
        if kept.whole and not whole:
            found *= 10**group.scale
        later = young.total(group.scale, whole=whole)
        if later is None or not -FITS <= found + later < FITS:
            raise NoSumError
        self._whole, self._unit, self._sum = whole, 1.0 if whole else 10.0**group.scale, found + later
        return self._sum

    def _squares(self) -> int:
        """The exact sum of the squares."""
        group = self._group
        found = 0
        for place in range(3, 3 + LIMBS):
            found = (found << BITS) + self._kept.since(place, self._first)
        if self._kept.whole and not self._whole:
            found *= 10 ** (2 * group.scale)
        return found + sum(number_of(value, group.scale, whole=self._whole) ** 2 for value in self._young.values)

    def sum(self) -> Value:
        """A fraction, of whole numbers too."""
        return self._total() / self._unit

    def mean(self) -> Value:
        """The sum divided once."""
        return self._total() / (self.count * self._unit)

    def std(self) -> Value:
        """Of a sample; null below two values."""
        n = self.count
        if n < 2:
            return None
        total = self._total()
        unit = 1 if self._whole else 10 ** (2 * self._group.scale)
        return sqrt((n * self._squares() - total * total) / (n * (n - 1) * unit))

    def least(self) -> Value:
        """The smallest value."""
        best = self._listed().least[self._first] if self._first < self._kept.count else None
        for value in self._young.values:
            best = lesser(best, plain(value))
        return best

    def greatest(self) -> Value:
        """The largest value."""
        best = self._listed().greatest[self._first] if self._first < self._kept.count else None
        for value in self._young.values:
            best = greater(best, plain(value))
        return best

    def distinct(self) -> Value:
        """How many values there are."""
        lists = self._listed()
        seen = lists.values[bisect_left(lists.newest, self._tail) :]
        return len(seen) + len({plain(value) for value in self._young.values}.difference(seen))

    def number(self) -> Value:
        """How many rows count."""
        return self.count

    def _listed(self) -> Lists:
        return self._kept.lists(totals_of(self._group))


Read = Callable[[Seen], Value]
"""Says what a window sees."""
READ: dict[str, Read] = {
    "count": Seen.number,
    "sum": Seen.sum,
    "mean": Seen.mean,
    "std": Seen.std,
    "min": Seen.least,
    "max": Seen.greatest,
    "distinct": Seen.distinct,
}
