"""Values that stand for 'not known' among amounts: many rows say exactly one that a wide gap parts from all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tidemill.measure.column import Column
from tidemill.measure.outlier import FEWEST, FEWEST_VALUES, NEIGHBOURS, PILE_RATIO, PILE_ROWS, amounts
from tidemill.measure.ruler import ruler
from tidemill.measure.spread import Spread

MANY = 0.001
"""Share of rows from which on a value that is none of the usual codes comes often enough to be one."""
ENDS = frozenset({2**15 - 1, -(2**15), 2**16 - 1, 2**31 - 1, -(2**31), 2**32 - 1})
"""Ends of whole numbers of 16 and 32 bits, with which programs fill what they do not know."""
OUT_OF_SIGN, CODE, ANY = 0.5, 2.5, 5.0
"""Usual ranges that part a code of another sign than all amounts from them, any other code, and any other value."""
STEPS, NEAR = 3.0, 10
"""How many times as wide as any of the nearest ten gaps between amounts the gap is."""
TOGETHER = 3
"""Codes that may stand side by side beyond one gap, such as 997, 998 and 999."""
LARGEST = 1e12
"""Numbers from which on none is written for 'not known'."""

End = Literal["lowest", "highest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentinel:
    """One such value with its rows; amounts lie between `low` and `high`, the nearest `gap` usual ranges away."""

    value: float
    rows: int
    low: float
    high: float
    gap: float
    first_row: int


def sentinels(column: Column, ordered: Spread | None = None) -> tuple[Sentinel, ...]:
    """All of them, from the ends inward; none in a column of few values, and never 0, which is an amount.

    A value that people write for 'not known' (`is_code`) needs half a usual range if it alone is negative, else 2.5,
    and five rows; any other five ranges, as much as all amounts span, and one row in a thousand. `ordered`: the
    column's spread, where it is at hand.
    """
    left, found = amounts(column, ordered), dict[float, tuple[int, float]]()
    while left.rows >= FEWEST and (beyond := _beyond(left, "highest") or _beyond(left, "lowest")):
        places, gap = beyond
        found |= {float(left.values[place]): (int(left.counts[place]), gap) for place in places}
        left = left.part(places[-1] + 1, len(left.values)) if places[0] == 0 else left.part(0, places[0])
    return tuple(
        Sentinel(
            value=value, rows=rows, low=float(left.values[0]), high=float(left.values[-1]), gap=gap,
            first_row=int(np.flatnonzero(~column.null & (column.values == value))[0]),
        )
        for value, (rows, gap) in found.items()
    )  # fmt: skip


def is_code(value: float) -> bool:
    """Whether people and programs write it for 'not known': -1, -9, 99, 998, 77, -999.9, the end of whole numbers."""
    digits = format(_as_written(abs(value)), ".12g").replace(".", "")
    same = set(digits[:-1]) <= {"9"} and digits[-1] in "6789" if len(digits) > 2 else False
    return (
        value in ENDS
        or value == -1
        or ((same or set(digits) in ({"7"}, {"8"}, {"9"})) and (value < 0 or len(digits) > 1))
    )


def _as_written(size: float) -> float:
    """What was written before it was kept in 32 bits: 99.9 for 99.9000015; a double that was not stays itself."""
    narrow = np.float32(size) if size < LARGEST else None
    return float(str(narrow)) if narrow is not None and float(narrow) == size else size


def _beyond(told: Spread, end: End) -> tuple[range, float] | None:
    """Places of the values at that end that stand for nothing, and their gap; None where the end is an amount."""
    for size in range(1, TOGETHER + 1):
        edge = _Edge(told=told, end=end, size=size)
        if len(edge.inner) <= FEWEST_VALUES or not edge.is_peopled or (size > 1 and not edge.is_coded):
            return None
        gap, span = edge.parted()
        if edge.is_heap or (edge.is_wide and gap >= edge.needed(span)):
            return edge.places, gap
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edge:
    """The last `size` values at one end, beside all others."""

    told: Spread
    end: End
    size: int

    @property
    def places(self) -> range:
        """Where they are."""
        count = len(self.told.values)
        return range(self.size) if self.end == "lowest" else range(count - self.size, count)

    @property
    def inner(self) -> range:
        """Where the others are, less the farthest at the other end: it may be such a value too."""
        count = len(self.told.values)
        return range(self.size, count - 1) if self.end == "lowest" else range(1, count - self.size)

    @property
    def values(self) -> list[float]:
        """What they are."""
        return [float(value) for value in self.told.values[self.places]]

    @property
    def is_peopled(self) -> bool:
        """Whether each has rows enough; 0 is an amount however many it has."""
        return bool(self.told.counts[self.places].min() >= PILE_ROWS) and 0.0 not in self.values

    @property
    def is_coded(self) -> bool:
        """Whether people write each of them for 'not known'."""
        return all(map(is_code, self.values))

    @property
    def is_out_of_sign(self) -> bool:
        """Whether they alone are negative."""
        return self.end == "lowest" and self.values[-1] < 0 <= float(self.told.values[self.size])

    @property
    def is_heap(self) -> bool:
        """Whether a lone negative code has far more rows than the amounts beside it, near as they may be."""
        beside = float(self.told.counts[self.size : self.size + NEIGHBOURS].mean())
        rows = int(self.told.counts[self.places].min())
        return self.size == 1 and self.is_out_of_sign and self.is_coded and rows >= PILE_RATIO * beside

    @property
    def is_wide(self) -> bool:
        """Whether the gap to the others is far wider than any beside it."""
        values = self.told.values
        if self.end == "lowest":
            steps = np.diff(values[self.size - 1 : self.size + 1 + NEAR])
        else:
            steps = np.diff(values[-self.size - 1 - NEAR : len(values) - self.size + 1])[::-1]
        return bool(steps[0] >= STEPS * steps[1:].max())

    def parted(self) -> tuple[float, float]:
        """In usual ranges of the others: the gap to them, and how far they span."""
        others = self.told.part(self.inner.start, self.inner.stop)
        usual = others.usual()
        rule = ruler(others if usual is None else others.without(usual))
        first, last = self.inner.start, self.inner.stop - 1
        pair = (self.size - 1, first) if self.end == "lowest" else (last, last + 1)
        ends = rule.distance(self.told.values[[*pair, first, last]])
        return float(ends[1] - ends[0]), float(ends[3] - ends[2])

    def needed(self, span: float) -> float:
        """The gap in usual ranges from which on they are no amounts."""
        if self.is_coded:
            return OUT_OF_SIGN if self.is_out_of_sign else CODE
        rows = int(self.told.counts[self.places].min())
        return max(ANY, span) if rows >= MANY * self.told.rows else np.inf
