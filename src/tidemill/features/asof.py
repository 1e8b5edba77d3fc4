"""The newest row of an entity as of each ask: what the columns of a looked-up view are read from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tidemill.features.ended import ended
from tidemill.features.keys import by_code
from tidemill.features.newest import newest
from tidemill.features.rows import Asks, EventRows, Ints, Values
from tidemill.features.timeline import arrange


def newest_rows(rows: EventRows, asks: Asks, *, since: Values | None = None, max_age_us: int | None = None) -> Ints:
    """Per ask the index of the entity's newest row with max(time, known) < asked_at <= until, -1 where there is none.

    Newest by event time, then by the later landing. `since`: from when a row is assumed to have been so (`assumed`).
    `max_age_us`: a row that is older than that at the ask is not taken; a row assumed is as fresh as the ask.
    """
    if since is not None:
        order = np.argsort(rows.times, kind="stable")  # rows assumed since one moment still follow one another by time
        seen = assumed(rows, since)
        ordered = EventRows(
            entities=seen.entities[order],
            times=seen.times[order],
            known=None if seen.known is None else seen.known[order],
            until=None if seen.until is None else seen.until[order],
        )
        found = _newest(ordered, asks, rows.times[order], max_age_us)
        return np.where(found >= 0, order[found], -1) if len(order) else found
    return _newest(rows, asks, rows.times, max_age_us)


def _newest(rows: EventRows, asks: Asks, times: Ints, max_age_us: int | None) -> Ints:
    """The same of rows with these times of their own, by which they are too old."""
    timeline = arrange(rows, asks)
    places = newest(timeline, timeline.entered(), 1, counted=None, ended=ended(timeline, None))
    there = places >= timeline.starts
    if max_age_us is not None and len(timeline.rows):
        there &= times[timeline.rows[places]] >= timeline.moments - max_age_us
    found = np.full(len(places), -1, np.int64)
    found[timeline.asks[there]] = timeline.rows[places[there]]
    return found


def assumed(rows: EventRows, since: Values) -> EventRows:
    """The rows of a table that keeps only its last state, each entity's oldest moved back to its `since`.

    That row may be assumed to have been so from then on, and known as long as it was not known later than it happened;
    younger rows are states of their own. A null `since` assumes nothing.
    """
    order = np.argsort(rows.times, kind="stable")
    order = by_code(rows.entities, order[rows.entities[order] >= 0])
    entities = rows.entities[order]
    oldest = order[np.flatnonzero(np.diff(entities, prepend=-1))]
    oldest = oldest[~since.missing[oldest]]
    times = rows.times.copy()
    times[oldest] = np.minimum(times[oldest], since.data[oldest])
    known = rows.times if rows.known is None else rows.known
    return replace(rows, times=times, known=np.where(known <= rows.times, times, known))
