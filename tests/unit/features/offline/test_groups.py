"""How entities are cut into groups changes no value, and every row and ask is in the one group of its entity."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.features.offline.test_reach import plain, views_of
from tests.unit.features.offline.world import World
from tidemill import cores
from tidemill.features.offline import groups
from tidemill.features.offline.asks import from_source
from tidemill.features.offline.groups import Group, cut, grouped, sorted_by
from tidemill.features.offline.join import looked_up
from tidemill.features.rows import Values

KEYS = st.none() | st.sampled_from(["", "a", "b", "é", "b\x00"])


@pytest.mark.parametrize("size", [1, 3, 7])
def test_no_value_depends_on_the_groups(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    @settings(max_examples=8)
    @given(seed=st.integers(0, 10_000))
    def holds(seed: int) -> None:
        world = World(seed)
        asks = from_source(world.loans, world.mill.lake)
        for view in views_of(world):
            whole = looked_up(view, asks, world.mill.lake)
            with monkeypatch.context() as patched:
                patched.setattr(groups, "ROWS_A_GROUP", size)
                patched.setattr(cores, "ROWS", 1)
                found = looked_up(view, asks, world.mill.lake)
            assert {name: plain(one) for name, one in found.items()} == {
                name: plain(one) for name, one in whole.items()
            }

    holds()


@settings(max_examples=100)
@given(
    rows=st.lists(st.tuples(KEYS, st.none() | st.integers(0, 2)), max_size=30),
    asks=st.lists(st.tuples(KEYS, st.none() | st.integers(0, 2)), max_size=12),
    size=st.integers(1, 9),
    kind=st.sampled_from([pa.string(), pa.large_string()]),
)
def test_each_ask_meets_exactly_the_rows_of_its_entity_in_the_order_they_landed(
    rows: list[tuple[str | None, int | None]],
    asks: list[tuple[str | None, int | None]],
    size: int,
    kind: pa.DataType,
) -> None:
    table = pa.table(
        {
            "_entity0": pa.array([text for text, _ in rows], kind),
            "_entity1": pa.array([number for _, number in rows], pa.int64()),
            "_time_us": pa.array(range(len(rows)), pa.int64()),
            "_known_us": pa.array(range(len(rows)), pa.int64()),
        }
    )
    keys = [
        pa.chunked_array([pa.array([text for text, _ in asks], pa.string())]),
        pa.chunked_array([pa.array([number for _, number in asks], pa.int64())]),
    ]
    met: dict[int, list[int]] = {}

    def work(group: Group) -> dict[str, Values]:
        for entity, ask in zip(group.asks.entities.tolist(), group.asks.times.tolist(), strict=True):
            mine = group.events.entities == entity
            met[ask] = group.events.times[mine].tolist() if entity >= 0 else []
        return {"ask": Values.whole(group.asks.times)}

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(groups, "ROWS_A_GROUP", size)
        found = grouped(table, keys, np.arange(len(asks)), work)
    assert found["ask"].data.tolist() == list(range(len(asks)))
    assert met == {
        place: [number for number, row in enumerate(rows) if row == ask and None not in ask]
        for place, ask in enumerate(asks)
    }


@given(
    codes=st.lists(st.lists(st.integers(-1, 20), max_size=40), min_size=1, max_size=3),
    asks=st.lists(st.integers(-1, 20), max_size=10),
    size=st.integers(1, 30),
)
def test_groups_are_whole_and_about_as_large_as_they_are_meant_to_be(
    codes: list[list[int]], asks: list[int], size: int
) -> None:
    many = max([*asks, -1]) + 1
    batches = [np.array([code if code < many else -1 for code in batch], np.int64) for batch in codes]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(groups, "ROWS_A_GROUP", size)
        bounds = cut(batches, np.array(asks, np.int64))
    assert bounds == sorted(set(bounds))
    assert (bounds[0], bounds[-1]) == (-1, many)
    flat = np.concatenate(batches)
    for first, past in pairwise(bounds):
        there = np.bincount(flat[(flat >= max(first, 0)) & (flat < past)])
        assert there.sum() <= 2 * size + there.max(initial=0)
    for batch in batches:
        places = sorted_by(batch, bounds)
        for (first, past), some in zip(pairwise(bounds), places, strict=True):
            inside = (batch >= max(first, 0)) & (batch < past)
            assert some.tolist() == np.flatnonzero(inside).tolist()
