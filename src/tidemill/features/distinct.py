"""How many different values an ask sees, exactly.

A value is seen while any of its rows is. The lifetimes of an entity's rows of one value are joined into spans; an ask
sees as many values as spans have begun, less those that have ended: totals of weights like any other.
"""

from __future__ import annotations

import numpy as np

from tidemill.features.picked import Picked
from tidemill.features.rows import Ints, Values
from tidemill.features.running import entering, leaving, prefix
from tidemill.features.sight import Sight


def distinct(picked: Picked, sight: Sight) -> Values:
    """The number of different values seen, nulls not counted; int64, 0 where there are none."""
    order, group = picked.by_value
    if sight.lasting is not None:
        kept = sight.lasting[order]
        order, group = order[kept], group[kept]
    begins, ends = _spans(order, group, sight)
    timeline = sight.timeline
    n = entering(timeline, begins)[sight.high] - leaving(timeline, ends)[sight.low]
    if sight.ended is not None:
        n -= prefix(ends[sight.ended.places])[sight.ended.before]
    return Values.whole(n if sight.own is None else n - _alone(order, group, sight.low, sight.high, sight.own))


def _spans(order: Ints, group: Ints, sight: Sight) -> tuple[Ints, Ints]:
    """Weights per position: 1 at the row whose arrival begins a span, and 1 at the row whose leaving ends it."""
    opens, gone = sight.lifetimes()
    size = len(opens)
    # The row so far of the same entity and value that stays longest: the newest, whenever it arrived, if no row ends.
    newest = _longest(order, group, size) if sight.ended is None else _lasting_longest(order, group, gone)
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (group[1:] != group[:-1]) | (opens[order[1:]] >= gone[newest[:-1]])
    final = np.ones(len(order), np.bool_)
    final[:-1] = fresh[1:]
    begins, ends = np.zeros(size, np.int64), np.zeros(size, np.int64)
    begins[order[fresh]] = 1
    ends[newest[final]] = 1
    return begins, ends


def _longest(places: Ints, group: Ints, size: int) -> Ints:
    """The largest place so far within each group."""
    return np.maximum.accumulate(group * size + places) - group * size


def _lasting_longest(order: Ints, group: Ints, gone: Ints) -> Ints:
    """The row so far of each group that is gone last."""
    by_end = np.argsort(gone, kind="stable")
    ranks = np.empty_like(by_end)
    ranks[by_end] = np.arange(len(by_end))
    return by_end[_longest(ranks[order], group, len(gone))]


def _alone(order: Ints, group: Ints, low: Ints, high: Ints, own: Ints) -> Ints:
    """1 for each ask whose own row is the only one of its value between low and high (rows in order of time)."""
    size = int(max(order.max(initial=0), own.max(initial=0))) + 1
    before, after = np.full(size, size), np.full(size, -1)  # no own row with a value: there is always another
    same = group[1:] == group[:-1]
    before[order], after[order] = -1, np.iinfo(np.int64).max
    before[order[1:][same]] = order[:-1][same]
    after[order[:-1][same]] = order[1:][same]
    return ((own >= 0) & (before[own] < low) & (after[own] >= high)).astype(np.int64)
