"""Rows that come more than once: whole rows, or their keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tidemill.measure.arrays import Ints
from tidemill.measure.column import Column

SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """`surplus` rows repeat an earlier one, of `n`; `values` different rows are repeated.

    `first_rows`: where the most repeated ones stand first, and `times`: how often each comes.
    """

    surplus: int
    values: int
    first_rows: tuple[int, ...]
    times: tuple[int, ...]
    n: int


def duplicates(columns: Sequence[Column]) -> Duplicates:
    """How often equal rows of these columns repeat; a null equals a null."""
    _, first, times = np.unique(row_codes(columns), return_index=True, return_counts=True)
    order = np.lexsort((first, -times))
    worst = order[times[order] > 1][:SHOWN]
    return Duplicates(
        surplus=int((times - 1).sum()),
        values=int((times > 1).sum()),
        first_rows=tuple(first[worst].tolist()),
        times=tuple(times[worst].tolist()),
        n=int(times.sum()),
    )


def row_codes(columns: Sequence[Column]) -> Ints:
    """A number per row, equal for equal rows."""
    rows = columns[0].rows if columns else 0
    code = np.zeros(rows, np.int64)
    for column in columns:
        mine = np.unique(np.where(column.null, 0, column.values), return_inverse=True)[1] * 2 + column.null
        code = np.unique(code * (int(mine.max(initial=0)) + 1) + mine, return_inverse=True)[1].astype(np.int64)
    return code
