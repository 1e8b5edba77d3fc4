"""The smallest and largest value that an ask sees, which no subtraction can give.

The sparse table of Bender and Farach-Colton ("The LCA problem revisited", 2000), turned round: a row is seen by a run
of asks in their order and marks two runs of a power of two that cover it; long runs are then handed down to halves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.features.picked import Picked
from tidemill.features.rows import Bools, Ints, Values
from tidemill.features.sight import Sight


def smallest(picked: Picked, sight: Sight) -> Values:
    """The least value seen, in the column's own type (text by code points); null where there is none."""
    return _extreme(picked, sight, np.minimum)


def largest(picked: Picked, sight: Sight) -> Values:
    """The greatest value seen, in the column's own type (text by code points); null where there is none."""
    return _extreme(picked, sight, np.maximum)


def _extreme(picked: Picked, sight: Sight, better: np.ufunc) -> Values:
    positions, first, past = seen_by(picked.present, sight)
    data, names = picked.data[positions], None
    if data.dtype.kind == "O":
        names, data = np.unique(data, return_inverse=True)
    numbers = data + 0.0 if data.dtype.kind == "f" else data.astype(np.int64)  # -0.0 + 0.0 is 0.0: one zero, not two
    table, marked = cover(numbers, first, past, asks=len(sight.low), better=better)
    table = np.where(marked, table, np.zeros((), table.dtype))
    if names is not None:
        found = np.full(len(table), None, object)
        found[marked] = names[table[marked]]
        return Values(data=found, missing=~marked)
    return Values(data=table.astype(picked.data.dtype), missing=~marked)


def seen_by(present: Bools | None, sight: Sight) -> tuple[Ints, Ints, Ints]:
    """Runs of asks that see a row with a value: (position of the row, first ask, one past the last ask), none empty."""
    size, arrivals = len(sight.timeline.rows), sight.timeline.arrivals
    past = _asks_up_to(sight.low, size)
    first = _asks_up_to(sight.high, size)
    if arrivals is not None:
        by_arrival, first = first, np.empty_like(first)
        first[arrivals] = by_arrival
    seen = first < past if present is None else (first < past) & present
    positions = np.flatnonzero(seen)
    first, past = first[positions], past[positions]
    return (positions, first, past) if sight.own is None else _without_own(positions, first, past, sight.own)


def _asks_up_to(bounds: Ints, size: int) -> Ints:
    """For each of `size` places the number of asks whose bound (rising with the asks) is at most the place."""
    return np.cumsum(np.bincount(bounds, minlength=size + 1)[:size])


def _without_own(positions: Ints, first: Ints, past: Ints, own: Ints) -> tuple[Ints, Ints, Ints]:
    """The runs cut at each ask whose own row it is."""
    run_of = np.full(int(max(positions.max(initial=0), own.max(initial=0))) + 1, -1, np.int64)
    run_of[positions] = np.arange(len(positions))
    askers = np.flatnonzero(np.where(own >= 0, run_of[own], -1) >= 0)
    # In order of run, then ask: the run's beginning, then each ask that cuts it: one piece ends there, another begins.
    runs = np.concatenate([np.arange(len(positions)), run_of[own[askers]]])
    order = np.argsort(runs, kind="stable")
    runs, begins = runs[order], np.concatenate([first, askers + 1])[order]
    ends = past[runs]
    cut = np.flatnonzero(runs[1:] == runs[:-1])
    ends[cut] = begins[cut + 1] - 1
    kept = begins < ends
    return positions[runs[kept]], begins[kept], ends[kept]


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
