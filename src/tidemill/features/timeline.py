"""Rows and asks in order of entity and time, and the searches between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tidemill.features.keys import by_code
from tidemill.features.rows import STANDS, Asks, EventRows, Ints

LARGEST_KEY = 2**62  # half of what an int64 holds: room for the searched times around the rows'


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Rows by (entity, event time, landing order) - a row's place there is its position - and asks by (entity, time).

    Per position: `rows` index of the row as it was given, `entities`, `times`, `enters` = max(time, known): the row is
    visible to asks after that. `arrivals`: positions by (entity, enters), None where that is the same order.
    `until`: the last moment whose asks see the row, STANDS for most; None: nothing took the place of any row.
    Per ask, in order: `asks` index as given, `askers` entity, `moments` time, `starts` and `ends` of the entity.
    `keys` and `arrival_keys` are (entity, time) and (entity, enters) packed, in their order, for searching.
    """

    rows: Ints
    entities: Ints
    times: Ints
    enters: Ints
    arrivals: Ints | None
    until: Ints | None
    asks: Ints
    askers: Ints
    moments: Ints
    starts: Ints
    ends: Ints
    packing: Packing
    keys: Ints
    arrival_keys: Ints

    def first_from(self, moments: Ints) -> Ints:
        """Per ask: the position of the entity's first row with event time >= the moment, else one past the entity."""
        return np.searchsorted(self.keys, self.packing(self.askers, moments))

    def entered(self) -> Ints:
        """Per ask: how many rows in order of arrival have entered strictly before its time, earlier entities' too."""
        return np.searchsorted(self.arrival_keys, self.packing(self.askers, self.moments))

    def positions(self, rows: Ints) -> Ints:
        """Positions of rows by their index as given; -1 for -1 and for rows of no asked entity."""
        places = np.full(int(max(self.rows.max(initial=-1), rows.max(initial=-1))) + 2, -1, np.int64)
        places[self.rows] = np.arange(len(self.rows))
        return places[rows]


class Packing:
    """Entity and time as one int64 in the order of both: by the time's offset where the bits suffice, else rank."""

    def __init__(self, entities: int, times: Ints, enters: Ints) -> None:
        """For entities below that number and the times of these rows (enters >= times)."""
        self._low, self._high = (int(times.min()), int(enters.max())) if len(times) else (0, 0)
        self._span = self._high - self._low + 3
        self._ranks: Ints | None = None
        if entities * self._span > LARGEST_KEY:
            self._ranks = np.unique(times if enters is times else np.concatenate([times, enters]))
            self._span = len(self._ranks) + 1

    def __call__(self, entities: Ints, times: Ints) -> Ints:
        """One key per pair. Times of rows keep their order; any other time falls between the rows' as it should."""
        if self._ranks is not None:
            return entities * self._span + np.searchsorted(self._ranks, times)
        inside: Ints = np.minimum(np.maximum(times, self._low - 1), self._high + 1)
        return entities * self._span + (inside - (self._low - 1))


def arrange(rows: EventRows, asks: Asks) -> Timeline:
    """The timeline of the asked entities' rows. O(n log n), linear where rows land in order of time."""
    order = np.argsort(rows.times, kind="stable")
    order = by_code(rows.entities, order[rows.entities[order] >= 0])
    entities, times = rows.entities[order], rows.times[order]
    late = rows.known is not None and bool(np.any(rows.known > rows.times))
    enters = np.maximum(times, rows.known[order]) if late and rows.known is not None else times
    packing = Packing(int(max(rows.entities.max(initial=-1), asks.entities.max(initial=-1))) + 1, times, enters)
    keys = packing(entities, times)
    arrivals, arrival_keys = (None, keys) if enters is times else _arrived(packing(entities, enters))
    sequence = by_code(asks.entities + 1, np.argsort(asks.times, kind="stable"))
    askers = asks.entities[sequence]
    return Timeline(
        rows=order,
        entities=entities,
        times=times,
        enters=enters,
        arrivals=arrivals,
        until=None if rows.until is None or bool(np.all(rows.until == STANDS)) else rows.until[order],
        asks=sequence,
        askers=askers,
        moments=asks.times[sequence],
        starts=np.searchsorted(entities, askers),
        ends=np.searchsorted(entities, askers, side="right"),
        packing=packing,
        keys=keys,
        arrival_keys=arrival_keys,
    )


def _arrived(keys: Ints) -> tuple[Ints | None, Ints]:
    """Order of arrival and the keys in it, from the keys at each position."""
    if bool(np.all(keys[1:] >= keys[:-1])):
        return None, keys
    order = np.argsort(keys, kind="stable")
    return order, keys[order]
