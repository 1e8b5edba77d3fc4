"""Rows that cease to be seen before they are too old, for another version of them, or their deletion, was known.

They are few, so what is seen of all others is found as if there were none, and they are set right apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tidemill.features.rows import STANDS, Bools, Ints
from tidemill.features.timeline import Packing, Timeline


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ended:
    """`places`: positions of the rows, by (entity, last moment whose asks see it).

    `before`: per ask how many of them have ended before its time, all of earlier entities too. `first` and `past`: per
    place the run of asks, in their order, that see the row: from `first` up to but without `past`, none where equal.
    """

    places: Ints
    before: Ints
    first: Ints
    past: Ints


def ended(timeline: Timeline, gone: Ints | None) -> Ended | None:
    """The rows whose place was taken; None where there are none. `gone`: when each row is too old (None: never)."""
    if timeline.until is None:
        return None
    places = np.flatnonzero(timeline.until != STANDS)
    last = timeline.until[places] if gone is None else np.minimum(timeline.until[places], gone[places] - 1)
    order = np.lexsort((last, timeline.entities[places]))
    places, last = places[order], last[order]
    owners = timeline.entities[places]
    packing = Packing(int(max(owners.max(initial=-1), timeline.askers.max(initial=-1))) + 1, last, last)
    keys, asked = packing(owners, last), packing(timeline.askers, timeline.moments)
    entered = np.searchsorted(
        timeline.packing(timeline.askers, timeline.moments),
        timeline.packing(owners, timeline.enters[places]),
        side="right",
    )
    return Ended(
        places=places,
        before=np.searchsorted(keys, asked),
        first=entered,
        past=np.maximum(entered, np.searchsorted(asked, keys, side="right")),
    )


def standing(timeline: Timeline, counted: Bools | None) -> Bools | None:
    """Of the counted rows (None: all) those whose place nothing took."""
    if timeline.until is None:
        return counted
    stands: Bools = timeline.until == STANDS
    return stands if counted is None else stands & counted
