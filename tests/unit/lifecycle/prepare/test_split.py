"""Splits keep their words: time order, embargo, whole groups, stable hashes; and say what they verified."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.street import DAY, SECOND, us
from tests.unit.spec.six import system
from tidemill.lifecycle.prepare.split import NONE, TEST, TRAIN, VALID, Rows, forward, parts, proof, share_of
from tidemill.spec.model import ByGroup, ByHash, ByTime, Duration, Split

extents = st.one_of(
    st.integers(0, 12), st.floats(0.05, 0.45), st.integers(1, 12 * DAY).map(lambda length: Duration(us=length))
)
histories = st.one_of(
    st.none(), st.integers(1, 30), st.floats(0.2, 1.0), st.integers(1, 30 * DAY).map(lambda n: Duration(us=n))
)


@st.composite
def rows(draw: st.DrawFn) -> Rows:
    """Up to thirty asks of a month, each known some days after, of few groups or none."""
    n = draw(st.integers(1, 30))
    asked = np.sort(np.array(draw(st.lists(st.integers(0, 30), min_size=n, max_size=n)), np.int64)) * DAY
    delay = draw(st.one_of(st.integers(0, 9), st.lists(st.integers(0, 9), min_size=n, max_size=n).map(np.array)))
    group = draw(st.none() | st.lists(st.integers(0, 5), min_size=n, max_size=n).map(np.array))
    return Rows(asked_us=asked, known_us=asked + np.asarray(delay, np.int64) * DAY, group=group)


@given(valid=extents, test=extents, history=histories, rows=rows())
def test_nothing_is_trained_on_that_was_not_known_when_the_next_part_began(
    valid: Duration | float, test: Duration | float, history: Duration | float | None, rows: Rows
) -> None:
    split = ByTime(valid=valid, test=test, history=history)
    placed = parts(split, rows)
    assert set(placed.tolist()) <= {NONE, TRAIN, VALID, TEST}
    for earlier, later in ((TRAIN, VALID), (TRAIN, TEST), (VALID, TEST)):
        if (placed == earlier).any() and (placed == later).any():
            assert rows.known_us[placed == earlier].max() <= rows.asked_us[placed == later].min()
            assert rows.asked_us[placed == earlier].max() <= rows.asked_us[placed == later].min()
    proof(split, rows, placed)


@given(valid=extents, test=extents, history=histories, rows=rows())
def test_a_group_stands_in_one_part_that_of_its_first_row(
    valid: Duration | float, test: Duration | float, history: Duration | float | None, rows: Rows
) -> None:
    split = ByTime(valid=valid, test=test, history=history, together="trip")
    alone = parts(split, replace(rows, group=None))
    placed = parts(split, rows)
    if rows.group is None:
        assert (placed == alone).all()
        return
    train, _ = forward(split, rows)
    for code in set(rows.group.tolist()):
        mine = np.flatnonzero((rows.group == code) & train)
        if len(mine):
            home = alone[mine[0]]
            assert placed[mine].tolist() == [home if part == home else NONE for part in alone[mine]]
    assert (placed[~train] == NONE).all()


@given(valid=extents, test=extents, rows=rows())
def test_only_what_the_embargo_takes_is_lost(valid: Duration | float, test: Duration | float, rows: Rows) -> None:
    rows = replace(rows, group=None)
    placed = parts(ByTime(valid=valid, test=test), rows)
    for row in np.flatnonzero(placed == NONE):
        begins = [rows.asked_us[placed == part].min() for part in (VALID, TEST) if (placed == part).any()]
        assert rows.known_us[row] > min(begins)


def daily(days: int, delay: int = 0) -> Rows:
    asked = np.arange(days, dtype=np.int64) * DAY
    return Rows(asked_us=asked, known_us=asked + delay * DAY)


@pytest.mark.parametrize(
    ("split", "delay", "counts"),
    [
        (ByTime(valid=0.1, test=0.2), 0, (70, 10, 20)),
        (ByTime(valid=5, test=15), 0, (80, 5, 15)),
        (ByTime(valid=Duration(us=7 * DAY), test=Duration(us=7 * DAY)), 0, (86, 7, 7)),
        (ByTime(valid=Duration(us=7 * DAY), test=Duration(us=7 * DAY), history=Duration(us=30 * DAY)), 0, (16, 7, 7)),
        (ByTime(valid=0.1, test=0.2, history=50), 0, (35, 5, 10)),
        (ByTime(valid=0.1, test=0.1, history=0.5), 0, (40, 5, 5)),
        # Known 3 days after: an ask of day 93 - 3 is known as the test of day 93 begins, one of day 91 is not.
        (ByTime(valid=Duration(us=7 * DAY), test=Duration(us=7 * DAY)), 3, (84, 5, 7)),
        (ByTime(valid=0, test=10), 0, (90, 0, 10)),
        (ByTime(valid=10, test=1000), 0, (0, 0, 100)),
        # All of it is known after the test began: nothing to train on.
        (ByTime(valid=0.1, test=0.1), 95, (0, 0, 10)),
    ],
)
def test_shares_counts_and_lengths(split: ByTime, delay: int, counts: tuple[int, int, int]) -> None:
    placed = parts(split, daily(100, delay))
    assert tuple(int((placed == part).sum()) for part in (TRAIN, VALID, TEST)) == counts


def test_a_refit_moves_every_window_to_the_present() -> None:
    split = ByTime(valid=10, test=20, history=50)
    train, valid = forward(split, daily(100))
    assert np.flatnonzero(train).tolist() == list(range(50, 100))
    assert np.flatnonzero(valid).tolist() == list(range(90, 100))
    train, valid = forward(ByTime(valid=Duration(us=7 * DAY), test=Duration(us=DAY)), daily(30))
    assert train.all()
    assert np.flatnonzero(valid).tolist() == list(range(23, 30))
    train, valid = forward(ByHash(valid=0.1, test=0.1), daily(30))
    assert train.all()
    assert int(valid.sum()) == 3


def keyed(n: int) -> Rows:
    return replace(daily(n), keys=tuple(str(key) for key in range(n)))


def test_a_hash_split_is_the_same_whatever_comes_later_and_other_than_a_sample() -> None:
    split = ByHash(valid=0.2, test=0.1)
    few, many = parts(split, keyed(2_000)), parts(split, keyed(4_000))
    assert (many[:2_000] == few).all()
    shares = [float((many == part).mean()) for part in (TEST, VALID, TRAIN)]
    assert shares == pytest.approx([0.1, 0.2, 0.7], abs=0.02)
    sampled = np.array([int(hashlib.md5(str(key).encode()).hexdigest()[:16], 16) < 0.1 * 2**64 for key in range(4_000)])
    of_sample = [float((many[sampled] == part).mean()) for part in (TEST, VALID, TRAIN)]
    assert of_sample == pytest.approx([0.1, 0.2, 0.7], abs=0.06)
    assert 0 <= share_of("") < 1


def test_groups_are_chosen_by_the_hash_of_what_they_are() -> None:
    towns = ["Ulm", "Bonn", "", "Bonn", "Ulm", "Gera"]
    rows = replace(daily(6), keys=tuple(towns), group=np.array([1, 2, -3, 2, 1, 4]))
    split = ByGroup(column="town", valid=0.3, test=0.3)
    placed = dict(zip(towns, parts(split, rows).tolist(), strict=True))
    wanted = {town: TEST if share_of(town) < 0.3 else VALID if share_of(town) < 0.6 else TRAIN for town in towns}
    assert placed == wanted
    (found,) = proof(split, rows, parts(split, rows))
    assert (found.code, found.fields) == ("proof.no-group-overlap", {"groups": 4})


def test_a_split_that_broke_its_word_would_be_noticed() -> None:
    rows = replace(daily(4, delay=1), group=np.array([0, 0, 1, 1]))
    with pytest.raises(AssertionError, match="overlaps"):
        proof(ByTime(valid=1, test=1), rows, np.array([TRAIN, TRAIN, TEST, VALID], np.int8))
    with pytest.raises(AssertionError, match="two parts"):
        proof(ByGroup(column="g", valid=0.1, test=0.1), rows, np.array([TRAIN, TEST, VALID, VALID], np.int8))


def split_of(name: str) -> Split:
    return system(name).declared().models[0].split


def counts(split: Split, rows: Rows) -> list[int]:
    placed = parts(split, rows)
    proof(split, rows, placed)
    return [int((placed == part).sum()) for part in (TRAIN, VALID, TEST)]


def test_the_splits_of_the_six_systems_on_rows_like_theirs() -> None:
    seconds = np.arange(30_000, dtype=np.int64) * SECOND
    assert counts(split_of("bank"), Rows(asked_us=seconds, known_us=seconds)) == [18_000, 1_000, 1_000]
    assert counts(split_of("feast"), Rows(asked_us=seconds[:1_000], known_us=seconds[:1_000])) == [700, 100, 200]
    # Snapshots of ten customers on the first of each month, known 30 days on; one is 31 days before the next.
    snapshots = np.array([us(f"2011-{month:02}-01") for month in range(3, 9)])
    asked = np.repeat(snapshots, 10)
    assert counts(split_of("retail"), Rows(asked_us=asked, known_us=asked + 30 * DAY)) == [30, 20, 10]
    # Daily asks, known 7 days on: of 90 days 7 are tested, of the 7 before the embargo leaves 1, and takes 7 more.
    asked = np.arange(180, dtype=np.int64) * DAY
    assert counts(split_of("shop"), Rows(asked_us=asked, known_us=asked + 7 * DAY)) == [70, 1, 7]
    # Known seven years on, ten years of loans leave nothing to train on that was known when the validation began.
    asked = np.array([us(f"{1990 + n // 12}-{n % 12 + 1:02}-01") for n in range(120)])
    assert counts(split_of("sba"), Rows(asked_us=asked, known_us=asked + 7 * 365 * DAY)) == [0, 3, 12]
    # One trip of an hour a day for five weeks.
    asked = np.concatenate([day * DAY + np.arange(3_600, dtype=np.int64) * SECOND for day in range(35)])
    rows = Rows(asked_us=asked, known_us=asked + 11 * SECOND, group=np.repeat(np.arange(35), 3_600))
    found = counts(split_of("driving"), rows)
    assert found == [21 * 3_600, 7 * 3_600, 7 * 3_600]
