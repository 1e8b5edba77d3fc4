"""The smallest and largest value that an ask sees, which no subtraction can give."""

from __future__ import annotations

import numpy as np

from tidemill.features.picked import Picked
from tidemill.features.rows import Bools, Ints, Values
from tidemill.features.runs import Runs, cover, without
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


def seen_by(present: Bools | None, sight: Sight) -> Runs:
    """Runs of asks that see a row with a value."""
    size, arrivals = len(sight.timeline.rows), sight.timeline.arrivals
    past = _asks_up_to(sight.low, size)
    first = _asks_up_to(sight.high, size)
    if arrivals is not None:
        by_arrival, first = first, np.empty_like(first)
        first[arrivals] = by_arrival
    if sight.ended is not None:
        first[sight.ended.places], past[sight.ended.places] = sight.ended.first, sight.ended.past
    seen = first < past if present is None else (first < past) & present
    positions = np.flatnonzero(seen)
    runs = positions, first[positions], past[positions]
    return runs if sight.own is None else without(runs, np.arange(len(sight.own)), sight.own)


def _asks_up_to(bounds: Ints, size: int) -> Ints:
    """For each of `size` places the number of asks whose bound (rising with the asks) is at most the place."""
    return np.cumsum(np.bincount(bounds, minlength=size + 1)[:size])
