"""Near-decisions: what all but decides an outcome is named with its rows, chance and the calendar are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.measure.column import Column, read
from tidemill.measure.decision import Decision, decisions
from tidemill.measure.groups import groups

N = 8_000
RANDOM = np.random.default_rng(8)
Y = (RANDOM.random(N) < 0.3).astype(float)


def told(values: np.ndarray, y: np.ndarray = Y) -> tuple[Decision, ...]:
    return decisions(groups(read(values)), y)


def test_a_word_that_decides_is_named_with_its_rows_and_what_the_rate_would_bring() -> None:
    words = np.array(["a", "b", "c"], object)[RANDOM.integers(0, 3, N)]
    closed = (Y == 0) & (RANDOM.random(N) < 0.1)
    words[closed] = "closed"
    words[np.flatnonzero(Y == 1)[:3]] = "closed"
    (one,) = told(words)
    rows = words == "closed"
    assert (one.outcome, one.rows, one.others, one.since, one.until) == (False, rows.sum(), 3, None, None)
    by_hand = sum(rows[i : i + 400].sum() * Y[i : i + 400].mean() for i in range(0, N, 400))
    assert one.expected == pytest.approx(by_hand)


def test_a_stretch_of_amounts_that_decides_is_one_run_of_neighbours() -> None:
    length = np.where(Y == 1, RANDOM.uniform(60, 1000, N), RANDOM.uniform(0, 1000, N))
    read_as = groups(read(length))
    (one,) = decisions(read_as, Y)
    assert (read_as.low[one.first], one.outcome) == (length.min(), False)
    assert read_as.high[one.last] <= 65
    assert one.rows == ((length >= read_as.low[one.first]) & (length <= read_as.high[one.last])).sum()


@pytest.mark.parametrize("only", [0.0, 1.0])
def test_a_value_that_is_missing_only_with_one_outcome_decides(only: float) -> None:
    amounts = np.where((only == Y) & (RANDOM.random(N) < 0.2), np.nan, RANDOM.random(N))
    read_as = groups(read(amounts))
    (one,) = decisions(read_as, Y)
    assert one.first == one.last == read_as.count - 1
    assert (one.rows, one.outcome) == (np.isnan(amounts).sum(), bool(only))


def test_a_value_that_decides_from_some_time_on_only_is_named_with_that_time() -> None:
    late = np.arange(N) >= 5_000
    word = np.where(RANDOM.random(N) < 0.5, "x", "y").astype(object)
    word[late] = np.where(Y[late] == 1, "y", "x")
    found = [one for one in told(word) if one.since is not None]
    assert {(one.since, one.until) for one in found} <= {(4_800, N - 1), (5_200, N - 1)}
    assert {one.outcome for one in found} == {True, False}


def test_how_far_a_time_lies_from_the_ask_may_decide_though_the_time_does_not() -> None:
    asked = np.arange(N) * 86_400_000_000
    closed = asked + np.where(Y == 1, RANDOM.integers(0, 30, N), RANDOM.integers(30, 400, N)) * 86_400_000_000
    column = Column(kind="time", values=closed, null=np.zeros(N, bool))
    assert {one.outcome for one in decisions(groups(column, asked), Y)} == {True, False}
    assert sum(one.rows for one in decisions(groups(column), Y)) < N / 20


def test_chance_the_calendar_and_rare_outcomes_decide_nothing() -> None:
    rare = (RANDOM.random(N) < 0.004).astype(float)
    seasons = (RANDOM.random(N) < np.where(np.arange(N) < 4_000, 0.001, 0.5)).astype(float)
    month = (np.arange(N) // 400).astype(str)
    for values in (RANDOM.random(N), RANDOM.integers(0, 300, N).astype(str), RANDOM.integers(0, 9, N), month):
        assert told(values) == ()
        assert told(values, rare) == ()
        assert told(values, seasons) == ()


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.95), st.integers(1, 40))
def test_what_is_drawn_apart_from_the_outcome_never_decides(seed: int, rate: float, words: int) -> None:
    random = np.random.default_rng(seed)
    y = (random.random(2_000) < rate).astype(float)
    assert decisions(groups(read(random.integers(0, words, 2_000).astype(str))), y) == ()
    assert decisions(groups(read(random.random(2_000))), y) == ()


@pytest.mark.parametrize("y", [np.zeros(0), np.zeros(50), np.arange(50.0)])
def test_without_two_outcomes_nothing_is_decided(y: np.ndarray) -> None:
    assert told(np.arange(len(y)), y) == ()


@given(st.lists(st.one_of(st.none(), st.integers(-5, 5)), min_size=1, max_size=60))
def test_every_row_is_in_the_group_that_holds_its_value(values: list[int | None]) -> None:
    found = groups(read(np.array(values, object)))
    for place, value in enumerate(values):
        code = found.code[place]
        if value is None:
            assert code == found.count - 1
        elif found.kind == "number":
            assert found.low[code] <= value <= found.high[code]
