"""Leak suspects: columns that alone order the outcomes too well inside time blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.blocks import equal_blocks
from tidemill.measure.column import Column
from tidemill.measure.ranks import auc, spearman

YES_NO_BOUND = 0.85
NUMBER_BOUND = 0.95
BLOCKS = 20
ENOUGH = 25
"""Rows of the rarer class that a block should hold on average; where there are fewer, blocks are fewer."""
FEWEST = 10
"""Rows of the rarer class below which a block says nothing."""
CODES = 20
"""Numbers with at most so many distinct values are also read as codes, whose order means nothing."""
PULL = 2.0
"""Rows of the overall mean that are mixed into a category's mean, so that one row does not speak for its category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """How well one column alone orders the outcomes: median over `blocks` time blocks; None where it cannot be told.

    `value` is an AUC (`yes_no`) or an absolute rank correlation; `n` counts the rows whose outcome is known.
    """

    column: str
    value: float | None
    yes_no: bool
    bound: float
    blocks: int
    n: int

    @property
    def suspect(self) -> bool:
        """Whether the column knows too much to be honest."""
        return self.value is not None and self.value >= self.bound


def strengths(columns: Mapping[str, Column], outcome: Floats, time: Ints) -> tuple[Strength, ...]:
    """One strength per column, the strongest first; rows whose outcome is NaN are left out.

    An outcome of only 0 and 1 is judged by max(AUC, 1 - AUC), bound 0.85; any other by |Spearman's rho|, bound 0.95:
    the honest sensors of one engine reach 0.87 with each other. Inside blocks, because a column that follows the
    calendar orders outcomes whose rate changes, and knows nothing. Nulls are a value: of text a category, of numbers
    the lowest or the highest. A category stands for the mean outcome of its rows in the other half of the block, never
    of the rows that are judged.
    """
    known = np.flatnonzero(~np.isnan(outcome))
    rows = known[np.argsort(time[known], kind="stable")]
    y = outcome[rows]
    yes_no = bool(np.isin(y, (0.0, 1.0)).all())
    rarer = int(min(y.sum(), len(y) - y.sum())) if yes_no else len(y)
    blocks = equal_blocks(len(y), min(BLOCKS, rarer // ENOUGH))
    telling = tuple(block for block in blocks if _tells(y[block], yes_no=yes_no))
    found = [
        Strength(
            column=name,
            value=_strength(column.take(rows), y, telling, yes_no=yes_no),
            yes_no=yes_no,
            bound=YES_NO_BOUND if yes_no else NUMBER_BOUND,
            blocks=len(telling),
            n=len(y),
        )
        for name, column in columns.items()
    ]
    return tuple(sorted(found, key=lambda one: -1.0 if one.value is None else one.value, reverse=True))


def _tells(y: Floats, *, yes_no: bool) -> bool:
    return min(y.sum(), len(y) - y.sum()) >= FEWEST if yes_no else len(y) >= ENOUGH


def _strength(column: Column, y: Floats, blocks: tuple[slice, ...], *, yes_no: bool) -> float | None:
    """The best of the ways to read the column."""
    ways = []
    if column.kind != "text":
        numbers = column.numbers()
        for stand_in in (-np.inf, np.inf) if column.nulls else (0.0,):
            filled = np.where(column.null, stand_in, numbers)
            ways.append([abs(_order(y[block], filled[block], yes_no=yes_no)) for block in blocks])
    category = _categories(column)
    if category is not None:
        ways.append([_by_category(category[block], y[block], yes_no=yes_no) for block in blocks])
    medians = [float(np.median(told)) for way in ways if (told := [value for value in way if not np.isnan(value)])]
    if not medians:
        return None
    best = max(0.0, *medians)
    return best / 2 + 0.5 if yes_no else best


def _order(y: Floats, values: Floats, *, yes_no: bool) -> float:
    """-1 to 1: 2 AUC - 1, or Spearman's rho; 0 where values are constant, NaN where outcomes are."""
    if yes_no:
        return 2 * auc(y == 1.0, values) - 1
    return 0.0 if np.ptp(y) > 0 and values.min() == values.max() else spearman(y, values)


def _categories(column: Column) -> Ints | None:
    """Each row's category from 0, null one of them; None for numbers that are no codes."""
    if column.kind == "text":
        return column.values.astype(np.int64) + 1
    distinct, codes = np.unique(np.where(column.null, np.nan, column.numbers()), return_inverse=True)
    return codes if len(distinct) <= CODES else None


def _by_category(category: Ints, y: Floats, *, yes_no: bool) -> float:
    """The order of the outcomes in each half of a block by the categories' mean outcomes in the other; mean of both.

    Halves are cut by time, so that a run of alike rows does not stand in both.
    """
    half = len(y) // 2
    first, second = slice(0, half), slice(half, len(y))
    told = []
    for learnt, judged in ((first, second), (second, first)):
        size = int(category.max()) + 1
        n = np.bincount(category[learnt], minlength=size)
        total = np.bincount(category[learnt], weights=y[learnt], minlength=size)
        mean = (total + PULL * y[learnt].mean()) / (n + PULL)
        told.append(_order(y[judged], mean[category[judged]], yes_no=yes_no))
    return float(np.mean([value for value in told if not np.isnan(value)] or [np.nan]))
