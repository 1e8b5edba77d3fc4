"""Totals of an entity's rows by step of time: what windows read once every ask sees those rows.

A tile holds the rows of one step. Kept are running totals over the tiles, so that what a window sees, all tiles from
its tail on, is one difference; the smallest and largest value from each tile on; and the newest tile of each value.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from struct import Struct
from typing import NamedTuple

from tidemill.facts.data import Value
from tidemill.features.fixedpoint import BITS, FITS, LOWER
from tidemill.features.tileplan import Group

WORD = 8
HEAD = Struct("<qqqq")
"""Tiles, bytes of the lists, the newest tile without a sum, and whether sums are of whole numbers."""
HEAD_WORDS = HEAD.size // WORD
NONE_YET = -(2**63)
"""Where the only tile of all history begins; and no tile."""
LIMBS = 4
UPPER_MOST = 2**94


class Lists(NamedTuple):
    """From each tile on the smallest and the largest value; each different value and its newest tile, oldest first.

    Empty where the group does not want them.
    """

    least: list[Value]
    greatest: list[Value]
    values: list[Value]
    newest: list[int]


class Tiles:
    """A group's tiles as they are written: `starts`, and totals with one entry more, the first of them 0.

    `whole`: sums are of whole numbers, else of multiples of 10^-scale. `unfit`: the newest tile with a number that no
    int64 holds at that scale: no window that reaches it has a sum.
    """

    __slots__ = ("greatest", "group", "least", "newest", "starts", "totals", "unfit", "values", "whole")

    def __init__(self, group: Group) -> None:
        self.group = group
        self.whole, self.unfit = True, NONE_YET
        self.starts = array("q")
        self.totals = [array("q", [0]) for _ in range(totals_of(group))]
        self.least: list[Value] = []
        self.greatest: list[Value] = []
        self.values: list[Value] = []
        self.newest: list[int] = []

    def add(self, time_us: int, value: Value) -> None:
        """Counts a row of that time; `value` is neither NaN nor infinite, null where there is none."""
        start = start_of(time_us, self.group)
        place = self._place(start)
        for total, part in zip(self.totals, self._parts(value, start), strict=True):
            if part:
                for after in range(place + 1, len(total)):
                    total[after] += part
        if value is None:
            return
        if self.group.extremes:
            number = plain(value)
            for upto in range(place + 1):
                self.least[upto] = lesser(self.least[upto], number)
                self.greatest[upto] = greater(self.greatest[upto], number)
        if self.group.distinct:
            self._see(plain(value), start)

    def expire(self, oldest_us: int) -> bool:
        """Forgets the tiles that begin before that time; whether there were any."""
        gone = bisect_left(self.starts, oldest_us)
        if not gone:
            return False
        del self.starts[:gone], self.least[:gone], self.greatest[:gone]
        self.totals = [array("q", [number - total[gone] for number in total[gone:]]) for total in self.totals]
        old = bisect_left(self.newest, oldest_us)
        del self.values[:old], self.newest[:old]
        return True

    def packed(self) -> bytes:
        """The tiles as bytes."""
        text = b""
        if self.group.extremes or self.group.distinct:
            lists = (self.least, self.greatest, self.values, self.newest)
            text = json.dumps(lists, ensure_ascii=False, separators=(",", ":")).encode()
        text += b" " * (-len(text) % WORD)
        head = HEAD.pack(len(self.starts), len(text), self.unfit, self.whole)
        return b"".join([head, self.starts.tobytes(), *(total.tobytes() for total in self.totals), text])

    def _place(self, start: int) -> int:
        """The index of the tile that begins there, made if it is new."""
        place = bisect_left(self.starts, start)
        if place == len(self.starts) or self.starts[place] != start:
            self.starts.insert(place, start)
            for total in self.totals:
                total.insert(place + 1, total[place])
            if self.group.extremes:
                after = place < len(self.least)
                self.least.insert(place, self.least[place] if after else None)
                self.greatest.insert(place, self.greatest[place] if after else None)
        return place

    def _parts(self, value: Value, start: int) -> list[int]:
        """What the row adds to each total: 1, the limbs of its number and its square for a value, and 1 for the row."""
        rows = [1] if self.group.rows else []
        if value is None and self.group.value is not None:
            return [0] * (len(self.totals) - 1) + rows
        if not self.group.sums:
            return [1, *rows]
        if isinstance(value, float) and self.whole:
            self._become_fractions()
        number = number_of(value, self.group.scale, whole=self.whole)
        if not -FITS <= number < FITS:
            self.unfit = max(self.unfit, start)
            number = 0
        return [1, number >> BITS, number & LOWER, *(limbs(number) if self.group.squares else ()), *rows]

    def _become_fractions(self) -> None:
        """Sums so far were of whole numbers; the first fraction makes all of them multiples of 10^-scale."""
        times = 10**self.group.scale
        self.whole = False
        self._rescale(1, 2, times)
        if self.group.squares:
            self._rescale(3, LIMBS, times * times)

    def _rescale(self, first: int, many: int, times: int) -> None:
        """Multiplies the numbers whose limbs are the `many` totals from `first` on."""
        some = self.totals[first : first + many]
        for place in range(len(self.starts) + 1):
            number = times * sum(total[place] << (BITS * limb) for limb, total in enumerate(reversed(some)))
            for limb, total in enumerate(reversed(some)):
                last = limb == many - 1
                part = number >> (BITS * limb)
                total[place] = part if last else part & LOWER

    def _see(self, value: Value, start: int) -> None:
        """The value's newest tile is this one, unless it has a newer one."""
        if value in self.values:
            place = self.values.index(value)
            if self.newest[place] >= start:
                return
            del self.values[place], self.newest[place]
        place = bisect_left(self.newest, start)
        self.values.insert(place, value)
        self.newest.insert(place, start)


class Kept:
    """A group's tiles as they are read: where they lie among the words of a record, and where the next group's begin.

    `first`: the place of the first start; `count` of them, then the totals, each with one entry more.
    """

    __slots__ = ("_lists", "after", "count", "first", "totals", "unfit", "whole", "words")

    def __init__(self, words: memoryview, at: int, totals: int) -> None:
        self.words = words
        self._lists: Lists | None = None
        self.count, self.unfit, self.whole = words[at], words[at + 2], words[at + 3] == 1
        self.first = at + HEAD_WORDS
        self.totals = self.first + self.count
        self.after = self.totals + totals * (self.count + 1) + words[at + 1] // WORD

    def since(self, total: int, place: int) -> int:
        """What a total counts from the tile of that place on."""
        begins = self.totals + total * (self.count + 1)
        return int(self.words[begins + self.count] - self.words[begins + place])

    def lists(self, totals: int) -> Lists:
        """The lists of a group of so many totals."""
        if self._lists is None:
            text = bytes(self.words[self.totals + totals * (self.count + 1) : self.after])
            self._lists = Lists(*json.loads(text)) if text else Lists([], [], [], [])
        return self._lists


def words_of(data: bytes, begin: int, end: int) -> memoryview:
    """That part of the bytes as words of 64 bits. TypeError when it is no whole number of them."""
    return memoryview(data)[begin:end].cast("q")


def unpacked(words: memoryview, group: Group, at: int) -> tuple[Tiles, int]:
    """The tiles that begin at that word, and where they end."""
    many = totals_of(group)
    kept = Kept(words, at, many)
    tiles = Tiles(group)
    tiles.whole, tiles.unfit = kept.whole, kept.unfit
    tiles.starts = array("q", words[kept.first : kept.totals].tobytes())
    ends = range(kept.totals, kept.totals + many * (kept.count + 1), kept.count + 1)
    tiles.totals = [array("q", words[begin : begin + kept.count + 1].tobytes()) for begin in ends]
    tiles.least, tiles.greatest, tiles.values, tiles.newest = kept.lists(many)
    return tiles, kept.after


def totals_of(group: Group) -> int:
    """How many running totals a group has: of values, of the two limbs of sums and the four of squares, and of rows."""
    return 1 + 2 * group.sums + LIMBS * group.squares + group.rows


def start_of(time_us: int, group: Group) -> int:
    """Where the tile of that time begins."""
    return time_us // group.step_us * group.step_us if group.step_us else NONE_YET


def number_of(value: Value, scale: int, *, whole: bool) -> int:
    """The value as a whole number, of 10^-scale where it is a fraction or stands beside some; ties to even.

    A text is a number that fits nowhere.
    """
    if isinstance(value, str):
        return UPPER_MOST
    if whole:
        return int(value or 0)
    scaled = float(value or 0) * 10.0**scale
    return round(scaled) if abs(scaled) < float(UPPER_MOST) else UPPER_MOST


def limbs(number: int) -> list[int]:
    """The square in four parts of 32 bits, the highest first."""
    square = number * number
    return [square >> (BITS * place) & LOWER for place in reversed(range(LIMBS))]


def plain(value: Value) -> Value:
    """The value with one zero instead of two."""
    return value + 0.0 if isinstance(value, float) else value


def lesser(one: Value, other: Value) -> Value:
    """The smaller of two values of one column; None is no value."""
    return other if one is None or is_below(other, one) else one


def greater(one: Value, other: Value) -> Value:
    """The larger of two values of one column; None is no value."""
    return other if one is None or is_below(one, other) else one


def is_below(one: Value, other: Value) -> bool:
    """Whether it is: texts by code points, all else as numbers. TypeError for a text beside a number."""
    if isinstance(one, str) and isinstance(other, str):
        return one < other
    if one is None or other is None or isinstance(one, str) or isinstance(other, str):
        raise TypeError(f"{one!r} beside {other!r}")
    return one < other
