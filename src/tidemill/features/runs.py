"""Runs of asks, in their order, that see a row: the best row over each ask, and runs without some asks.

The sparse table of Bender and Farach-Colton ("The LCA problem revisited", 2000), turned round: a row is seen by a run
of asks and marks two runs of a power of two that cover it; long runs are then handed down to halves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.features.rows import Bools, Ints

Runs = tuple[Ints, Ints, Ints]
"""Position of the row, first ask, one past the last ask; none empty."""


def without(runs: Runs, asks: Ints, rows: Ints) -> Runs:
    """The runs, one for each position, cut at each of the asks whose row at that place is the run's (-1: none)."""
    positions, first, past = runs
    run_of = np.full(int(max(positions.max(initial=0), rows.max(initial=0))) + 1, -1, np.int64)
    run_of[positions] = np.arange(len(positions))
    cutting = np.flatnonzero(np.where(rows >= 0, run_of[rows], -1) >= 0)
    # In order of run, then ask: the run's beginning, then each ask that cuts it: one piece ends there, another begins.
    of = np.concatenate([np.arange(len(positions)), run_of[rows[cutting]]])
    begins = np.concatenate([first, asks[cutting] + 1])
    order = np.lexsort((begins, of))
    of, begins = of[order], begins[order]
    ends = past[of]
    cut = np.flatnonzero(of[1:] == of[:-1])
    ends[cut] = begins[cut + 1] - 1
    kept = begins < ends
    return positions[of[kept]], begins[kept], ends[kept]


def cover(numbers: NDArray[Any], first: Ints, past: Ints, *, asks: int, better: np.ufunc) -> tuple[NDArray[Any], Bools]:
    """Per ask the best number of the runs [first, past) over it, and whether there is any. O(runs + asks log asks)."""
    levels = np.frexp(past - first)[1] - 1  # floor(log2(length)), exact for lengths below 2^53
    table = np.full(asks, _worst(numbers.dtype, better), numbers.dtype)
    for level in range(int(levels.max(initial=0)), -1, -1):
        here = np.flatnonzero(levels == level)
        better.at(table, first[here], numbers[here])
        better.at(table, past[here] - 2**level, numbers[here])
        if level:
            half = 2 ** (level - 1)
            table[half:] = better(table[half:], table[:-half])
    edges = np.bincount(first, minlength=asks + 1) - np.bincount(past, minlength=asks + 1)
    return table, np.cumsum(edges)[:asks] > 0


def _worst(kind: np.dtype[Any], better: np.ufunc) -> float | int:
    """The number of that kind that any other beats."""
    if kind.kind == "f":
        return np.inf if better is np.minimum else -np.inf
    return int(np.iinfo(np.int64).max if better is np.minimum else np.iinfo(np.int64).min)
