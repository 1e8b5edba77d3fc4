"""The newest of the rows that an ask sees, by event time and then the later landing: last, lag, days_since_last."""

from __future__ import annotations

import numpy as np

from tidemill.features.ended import Ended, standing
from tidemill.features.picked import Picked
from tidemill.features.rows import Bools, Ints, Values
from tidemill.features.runs import cover, without
from tidemill.features.sight import Sight
from tidemill.features.timeline import Timeline

DAY_US = 86_400_000_000


def last(picked: Picked, sight: Sight) -> Values:
    """The newest row's value, null where that is null or no row is seen."""
    return _taken(picked, seen_at(picked, sight, 1))


def lag(picked: Picked, sight: Sight, back: int) -> Values:
    """The value k rows back (1 = the newest), rows with a null counted; null where that row is too old or not there."""
    return _taken(picked, seen_at(picked, sight, back))


def days_since_last(picked: Picked, sight: Sight) -> Values:
    """Days of 24 hours from the newest row to the moment asked, float64; null where no row is seen."""
    places = seen_at(picked, sight, 1)
    found = places >= 0
    times = _at(picked.timeline.times, places)
    return Values(data=np.where(found, sight.timeline.moments - times, 0) / DAY_US, missing=~found)


def seen_at(picked: Picked, sight: Sight, back: int) -> Ints:
    """Per ask the position of the `back`-th newest row that it sees and `where` keeps, -1 where there is none."""
    places = newest(sight.timeline, sight.high, back, counted=picked.counted, ended=sight.ended)
    if sight.own is not None:
        kept = sight.own >= 0 if picked.counted is None else (sight.own >= 0) & picked.counted[sight.own]
        further = newest(sight.timeline, sight.high, back + 1, counted=picked.counted)
        places = np.where(kept & (sight.own >= places), further, places)
    return np.where(places >= sight.low, places, -1)


def newest(timeline: Timeline, high: Ints, back: int, *, counted: Bools | None, ended: Ended | None = None) -> Ints:
    """Position of the `back`-th newest counted row of the first `high` arrivals; one before `starts` is none.

    `ended`: rows that an ask does not see any more, which are found apart and put between the others.
    """
    if ended is None:
        return _standing(timeline, high, back, counted=counted)
    kept = standing(timeline, counted)
    others = [_standing(timeline, high, place, counted=kept) for place in range(1, back + 1)]
    apart = _apart(ended, counted, back)
    # The k-th largest of two falling sequences: the j largest of the one and k - j of the other, for the best j.
    best = np.maximum(others[-1], apart[-1])
    for place in range(1, back):
        best = np.maximum(best, np.minimum(apart[place - 1], others[back - place - 1]))
    return best


def _apart(ended: Ended, counted: Bools | None, many: int) -> list[Ints]:
    """Per ask the newest, second newest, ... counted row that it sees of those that end; -1 where there is none."""
    kept = ended.first < ended.past if counted is None else (ended.first < ended.past) & counted[ended.places]
    whole = ended.places[kept], ended.first[kept], ended.past[kept]
    found: list[Ints] = []
    asks = np.arange(len(ended.before))
    for place in range(many):
        runs = without(whole, np.tile(asks, place), np.concatenate(found)) if found else whole
        table, marked = cover(*runs, asks=len(asks), better=np.maximum)
        found.append(np.where(marked, table, -1))
    return found


def _standing(timeline: Timeline, high: Ints, back: int, *, counted: Bools | None) -> Ints:
    """The same of the counted rows alone, none of which ends."""
    if timeline.arrivals is not None:
        places = timeline.arrivals
        if counted is not None:
            places = np.where(counted[places], places, -1)
        return _at(_running_newest(places, back), high - 1)
    if counted is None:
        return np.maximum(high - back, -1)
    chosen = np.flatnonzero(counted)
    return _at(chosen, np.searchsorted(chosen, high) - back)


def _running_newest(places: Ints, back: int) -> Ints:
    """After each arrival the `back`-th largest position so far.

    A running maximum passes on what it beats: of those the running maximum is the second largest, and so forth.
    """
    for _ in range(back - 1):
        best = np.maximum.accumulate(places)
        passed = np.full(len(places), -1, np.int64)
        np.minimum(places[1:], best[:-1], out=passed[1:])
        places = passed
    return np.maximum.accumulate(places)


def _at(data: Ints, places: Ints) -> Ints:
    """The data at these places, -1 for negative ones."""
    if not len(data):
        return np.full(len(places), -1, np.int64)
    return np.where(places >= 0, data[np.maximum(places, 0)], -1)


def _taken(picked: Picked, places: Ints) -> Values:
    """The values at these positions; null for -1."""
    found = places >= 0
    values, rows = picked.values, picked.timeline.rows[places[found]]
    data, missing = np.zeros(len(places), values.data.dtype), ~found
    if values.data.dtype.kind == "O":
        data[:] = None
    data[found], missing[found] = values.data[rows], ~values.present()[rows]
    return Values(data=data, missing=missing)
