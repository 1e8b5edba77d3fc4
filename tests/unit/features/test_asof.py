"""The newest row as of each ask, against the definition by brute force."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tidemill.features.asof import assumed, newest_rows
from tidemill.features.rows import STANDS, Asks, EventRows, Ints, Values

Event = tuple[int, int, int, int | None, int]  # entity, time, known, since, until
EVENTS = st.lists(
    st.tuples(
        st.integers(-1, 2),
        st.integers(-9, 20),
        st.sampled_from([0, 0, 1, 15, -2]),
        st.none() | st.integers(-15, 20),
        st.just(STANDS) | st.integers(-9, 40),
    ).map(lambda event: (event[0], event[1], event[1] + event[2], event[3], event[4])),
    max_size=14,
)
ASKS = st.lists(st.tuples(st.integers(-1, 3), st.integers(-20, 40)), max_size=14)


def arrays(events: list[Event]) -> tuple[EventRows, Values]:
    rows = EventRows(
        entities=np.array([event[0] for event in events], np.int64),
        times=np.array([event[1] for event in events], np.int64),
        known=np.array([event[2] for event in events], np.int64),
        until=np.array([event[4] for event in events], np.int64),
    )
    since = Values(
        data=np.array([event[3] or 0 for event in events], np.int64),
        missing=np.array([event[3] is None for event in events], np.bool_),
    )
    return rows, since


def moments(asks: list[tuple[int, int]]) -> Asks:
    return Asks(entities=np.array([e for e, _ in asks], np.int64), times=np.array([t for _, t in asks], np.int64))


def found(
    events: list[Event], asks: list[tuple[int, int]], *, since: bool = False, age: int | None = None
) -> list[int]:
    rows, assumed_since = arrays(events)
    places: Ints = newest_rows(rows, moments(asks), since=assumed_since if since else None, max_age_us=age)
    return [int(place) for place in places]


def newest(events: list[Event], entity: int, t: int, *, since: bool, age: int | None) -> int:
    """By the words of the declaration, one ask at a time."""
    seen = []
    for place, (owner, time, known, start, until) in enumerate(events):
        older = [i for i, event in enumerate(events) if event[0] == owner and (event[1], i) < (time, place)]
        moved = min(time, start) if since and start is not None and not older else time
        visible = max(moved, moved if known <= time else known) < t <= until
        if owner == entity >= 0 and visible:
            seen.append((moved, time, place))
    if not seen:
        return -1
    _, time, place = max(seen)
    return -1 if age is not None and t - time > age else place


@given(events=EVENTS, asks=ASKS, since=st.booleans(), age=st.none() | st.sampled_from([0, 3, 12]))
def test_the_newest_row_is_what_the_definition_says(
    events: list[Event], asks: list[tuple[int, int]], since: bool, age: int | None
) -> None:
    want = [newest(events, entity, t, since=since, age=age) for entity, t in asks]
    assert found(events, asks, since=since, age=age) == want


def test_rows_that_are_nobody_s_are_seen_by_nobody() -> None:
    assert found([(-1, 0, 0, None, STANDS)], [(0, 5)], age=3) == [-1]


def test_a_row_is_not_seen_at_its_own_moment_and_the_later_landing_wins_a_tie() -> None:
    events: list[Event] = [(0, 5, 5, None, STANDS), (0, 5, 5, None, STANDS), (0, 9, 9, None, STANDS)]
    assert found(events, [(0, 5), (0, 6), (0, 9), (0, 10), (1, 10)]) == [-1, 1, 1, 2, -1]


def test_a_row_that_is_taken_back_shows_the_one_before_it_again() -> None:
    events: list[Event] = [(0, 5, 5, None, STANDS), (0, 8, 8, None, 20)]
    assert found(events, [(0, 6), (0, 9), (0, 20), (0, 21)]) == [0, 1, 1, 0]


def test_a_late_row_does_not_displace_a_newer_one() -> None:
    events: list[Event] = [(0, 5, 5, None, STANDS), (0, 3, 8, None, STANDS)]
    assert found(events, [(0, 6), (0, 9)]) == [0, 0]


def test_a_last_state_is_assumed_since_its_beginning_and_a_later_one_only_from_when_it_was_known() -> None:
    """Updated at 50, joined at 10; a change at 60 landed at 70."""
    events: list[Event] = [(0, 50, 50, 10, STANDS), (0, 60, 70, 10, STANDS)]
    assert found(events, [(0, 10), (0, 11), (0, 55), (0, 70), (0, 71)], since=True) == [-1, 0, 0, 0, 1]
    assert found(events, [(0, 11), (0, 51)]) == [-1, 0]


def test_an_assumed_row_is_as_fresh_as_the_ask_and_ages_from_its_own_time() -> None:
    events: list[Event] = [(0, 50, 50, 10, STANDS)]
    assert found(events, [(0, 11), (0, 55), (0, 56)], since=True, age=5) == [0, 0, -1]


def test_assuming_needs_no_known_and_leaves_the_rows_as_they_were() -> None:
    rows = EventRows(entities=np.array([0]), times=np.array([50]))
    moved = assumed(rows, Values.whole(np.array([10])))
    assert moved.times.tolist() == [10]
    assert moved.known is not None
    assert moved.known.tolist() == [10]
    assert rows.times.tolist() == [50]
