"""Rows that come more than once: whole rows, or their keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.measure.arrays import Ints
from tidemill.measure.column import Column
from tidemill.measure.spread import ROOM

SHOWN = 10
ODD, NULL = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
"""Multiplier of the hash of a row, and what a null counts as in it."""
HALF = np.uint64(32)


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


def no_duplicates(rows: int) -> Duplicates:
    """So many rows, each another one."""
    return Duplicates(surplus=0, values=0, first_rows=(), times=(), n=rows)


def duplicates(columns: Sequence[Column]) -> Duplicates:
    """How often equal rows of these columns repeat; a null equals a null."""
    rows = columns[0].rows if columns else 0
    likely = _likely(columns, rows)
    if not len(likely):
        return no_duplicates(rows)
    _, first, times = np.unique(
        row_codes([column.take(likely) for column in columns]), return_index=True, return_counts=True
    )
    order = np.lexsort((first, -times))
    worst = order[times[order] > 1][:SHOWN]
    return Duplicates(
        surplus=int((times - 1).sum()),
        values=int((times > 1).sum()),
        first_rows=tuple(likely[first[worst]].tolist()),
        times=tuple(times[worst].tolist()),
        n=rows,
    )


def row_codes(columns: Sequence[Column]) -> Ints:
    """A number per row, equal for equal rows."""
    rows = columns[0].rows if columns else 0
    code = np.zeros(rows, np.int64)
    for column in columns:
        mine = _places(column.values if not column.nulls else np.where(column.null, 0, column.values)) * 2 + column.null
        code = _places(code * (int(mine.max(initial=0)) + 1) + mine)
    return code


def _places(values: NDArray[Any]) -> Ints:
    """The place of each value among the distinct ones in rising order."""
    if values.dtype == np.int64 and len(values):
        low, high = int(values.min()), int(values.max())
        if high - low <= ROOM * len(values):
            shifted = values - low
            told = np.zeros(high - low + 1, np.bool_)
            told[shifted] = True
            places: Ints = (np.cumsum(told) - 1)[shifted]
            return places
    return np.unique(values, return_inverse=True)[1].astype(np.int64, copy=False)


def _likely(columns: Sequence[Column], rows: int) -> Ints:
    """Places of the rows whose hash another row has too: all that repeat, and by chance a few more."""
    code = np.zeros(rows, np.uint64)
    for column in columns:
        code += _bits(column)
        code *= ODD
        code ^= code >> HALF
    ordered = np.sort(code)
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(again):
        return np.zeros(0, np.int64)
    place = np.minimum(np.searchsorted(again, code), len(again) - 1)
    return np.flatnonzero(again[place] == code)


def _bits(column: Column) -> NDArray[np.uint64]:
    """A number per row, equal for equal values: doubles by their bits (0 has one sign), nulls as one number."""
    is_float = column.values.dtype.kind == "f"
    plain = column.values.astype(np.float64) + 0.0 if is_float else column.values.astype(np.int64, copy=False)
    bits = plain.view(np.uint64)
    return np.where(column.null, NULL, bits) if column.nulls else bits
