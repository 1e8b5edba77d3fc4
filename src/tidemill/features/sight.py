"""Which rows each ask sees through one window: between those that are too old and those that have not come yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tidemill.features.ended import Ended, ended
from tidemill.features.rows import Bools, Ints
from tidemill.features.timeline import Timeline

NEVER = 2**63 - 1
ALWAYS = -(2**63)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sight:
    """An ask sees the first `high` rows in order of arrival, less the first `low` rows in order of event time.

    Rows that end are none of those `low` ones: they leave by `ended` (None: no row does).

    A row is seen by asks with opens < t < gone (`lifetimes`, per position). `lasting`: False for rows that arrive too
    late, or end too early, to be seen by anybody, which count on neither side (None: no such row). `own`: per ask the
    position of its own row where that lies in the window, else -1; it is not seen (None: no ask has one).
    """

    timeline: Timeline
    low: Ints
    high: Ints
    lasting: Bools | None
    own: Ints | None
    ended: Ended | None
    lifetimes: Callable[[], tuple[Ints, Ints]]


def behind(timeline: Timeline, entered: Ints, length: int | None, step: int) -> Sight:
    """The window of a feature: max(time, known) < t <= until and the tail of t <= time; step 0: sliding.

    `entered`: the timeline's, the same for all windows.
    """

    def lifetimes() -> tuple[Ints, Ints]:
        return timeline.enters, leaves(timeline, gone(timeline.times, length, step))

    low = timeline.starts if length is None else timeline.first_from(tail(timeline.moments, length, step))
    return Sight(
        timeline=timeline,
        low=low,
        high=entered,
        lasting=None if timeline.enters is timeline.times and timeline.until is None else _lasting(*lifetimes()),
        own=None,
        ended=None if timeline.until is None else ended(timeline, gone(timeline.times, length, step)),
        lifetimes=lifetimes,
    )


def ahead(timeline: Timeline, length: int | None, own: Ints | None) -> Sight:
    """The window of a label: t <= time < t + length, without the row at position `own` (-1: none) of each ask."""

    def lifetimes() -> tuple[Ints, Ints]:
        opens = np.full(len(timeline.times), ALWAYS) if length is None else timeline.times - length
        return opens, timeline.times + 1

    low = timeline.first_from(timeline.moments)
    high = timeline.ends if length is None else timeline.first_from(timeline.moments + length)
    seen = None if own is None or not bool(np.any(own >= 0)) else np.where((low <= own) & (own < high), own, -1)
    return Sight(timeline=timeline, low=low, high=high, lasting=None, own=seen, ended=None, lifetimes=lifetimes)


def tail(moments: Ints, length: int, step: int) -> Ints:
    """The oldest event time that a window ending at each moment holds."""
    return (moments - length) // step * step if step else moments - length


def gone(times: Ints, length: int | None, step: int) -> Ints:
    """The first moment at which a row of each event time is too old: the other way round of `tail`."""
    if length is None:
        return np.full(len(times), NEVER)
    return (times // step + 1) * step + length if step else times + length + 1


def leaves(timeline: Timeline, old: Ints) -> Ints:
    """The first moment at which a row is not seen any more: when it is too old, or just after its `until`."""
    return old if timeline.until is None else np.minimum(old - 1, timeline.until) + 1


def _lasting(opens: Ints, gone_from: Ints) -> Bools | None:
    lasting = opens + 1 < gone_from
    return None if bool(lasting.all()) else lasting
