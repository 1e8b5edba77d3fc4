"""Slices end where their asks say, are read where a place needs them, and give every ask back in its place."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.features.offline import slices
from tidemill.features.offline.slices import PLACE, as_bytes, at, begins, placed, splitmix
from tidemill.features.rows import Ints
from tidemill.stores.memory.blobs import MemoryBlobs

DAY = 86_400_000_000
moments = st.lists(st.integers(0, 40), max_size=120).map(lambda days: np.sort(np.array(days, np.int64)) * DAY)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "USUAL_ROWS", 5)


def test_numbers_are_mixed_as_vigna_publishes_it() -> None:
    """The first outputs of splitmix64 from seed 1234567, as its reference implementation gives them."""
    states = np.array([1234567], np.uint64) + np.arange(5, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    assert splitmix(states).tolist() == [
        6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821,
    ]  # fmt: skip


@given(asked=moments, more=moments)
def test_asks_that_come_later_leave_every_slice_but_the_last(asked: Ints, more: Ints) -> None:
    later = more + (asked[-1] if len(asked) else 0) + 1
    before, after = begins(asked), begins(np.concatenate([asked, later]))
    assert after[: len(before)] == before
    assert all(place >= len(asked) for place in after[len(before) :])


@given(asked=moments, days=st.integers(0, 40))
def test_days_that_fall_away_leave_the_slices_after_them(asked: Ints, days: int) -> None:
    left = asked[asked >= days * DAY]
    gone = len(asked) - len(left)
    assert [place + gone for place in begins(left)[1:]] == [place for place in begins(asked) if place > gone]


def test_a_slice_has_the_usual_rows_on_average(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "USUAL_ROWS", 100)
    for asked in (np.arange(200_000) * 1_000_003, np.repeat(np.arange(2_000) * DAY, 100)):
        assert len(asked) / len(begins(asked)) == pytest.approx(100, rel=0.1)


@given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=6), data=st.data())
def test_every_ask_is_found_at_its_place(sizes: list[int], data: st.DataObject) -> None:
    blobs, first, kept = MemoryBlobs(), 0, []
    for size in sizes:
        numbers = range(first, first + size)
        kept.append(blobs.put(as_bytes(pa.table({"n": list(numbers), "word": [f"w{n}" for n in numbers]}))))
        first += size
    chosen = data.draw(st.lists(st.integers(0, first - 1), unique=True).map(sorted))
    places = np.array(chosen, np.int64)
    assert at(kept, places, blobs, ["word"]).to_pydict() == {"word": [f"w{n}" for n in chosen]}
    table = pa.table({PLACE: places, "part": pa.array([n % 3 for n in chosen], pa.int64())})
    assert placed(kept, table, blobs).to_pydict() == {
        "n": chosen, "word": [f"w{n}" for n in chosen], "_ask": chosen, "part": [n % 3 for n in chosen],
    }  # fmt: skip
