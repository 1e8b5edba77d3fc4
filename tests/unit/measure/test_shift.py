"""Shares, quantiles and most frequent values that moved beyond chance and their own unrest, and those that did not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.measure.column import Column, read
from tidemill.measure.shift import quantile_shift, shift, top_shift

RANDOM = np.random.default_rng(12)


def flags(rate: float, rows: int, random: np.random.Generator = RANDOM) -> np.ndarray:
    return random.random(rows) < rate


def test_a_share_that_moved_is_told_in_standard_errors_of_two_proportions() -> None:
    before, after = flags(0.3, 20_000), flags(0.4, 3_000)
    found = shift(before, after)
    assert found is not None
    both = (before.sum() + after.sum()) / 23_000
    by_hand = (after.mean() - before.mean()) / np.sqrt(both * (1 - both) * (1 / 20_000 + 1 / 3_000))
    assert found.errors == pytest.approx(by_hand, rel=0.3)
    assert abs(found.errors) <= abs(by_hand) + 1e-9, "restlessness only takes away"
    assert (found.was, found.share) == (before.mean(), after.mean())


def test_a_share_that_always_wandered_so_far_did_not_move() -> None:
    restless = np.concatenate([flags(rate, 1_000) for rate in (0.1, 0.5, 0.2, 0.6, 0.1, 0.5)])
    assert shift(restless, flags(0.55, 1_000)) is None
    assert shift(flags(0.3, 6_000), flags(0.55, 1_000)) is not None


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1.0), st.integers(100, 5_000), st.integers(100, 2_000))
def test_chance_alone_moves_nothing(seed: int, rate: float, rows: int, new: int) -> None:
    random = np.random.default_rng(seed)
    assert shift(flags(rate, rows, random), flags(rate, new, random), least=0.0) is None


@pytest.mark.parametrize(("before", "after"), [(99, 1_000), (1_000, 99), (0, 0)])
def test_of_few_rows_nothing_is_said(before: int, after: int) -> None:
    assert shift(np.zeros(before, bool), np.ones(after, bool)) is None


def column(values: np.ndarray) -> Column:
    return read(values)


def test_the_quantile_that_moved_is_named_with_where_it_was_and_is() -> None:
    before = RANDOM.normal(0, 1, 10_000)
    wider = RANDOM.normal(0, 1, 3_000)
    wider[wider > 1] *= 3
    found = quantile_shift(column(before), column(wider))
    assert found is not None
    assert found.level == 0.95
    assert found.was == pytest.approx(np.quantile(before, 0.95))
    assert found.now == pytest.approx(np.quantile(wider, 0.95))
    assert found.below.share == pytest.approx((wider <= found.was).mean())
    middle = quantile_shift(column(before), column(RANDOM.normal(0.5, 1, 3_000)))
    assert middle is not None
    assert middle.level == 0.5
    assert quantile_shift(column(before), column(RANDOM.normal(0, 1, 3_000))) is None
    assert quantile_shift(column(np.full(500, 3.0)), column(np.full(500, 3.0))) is None


def words(shares: dict[str, float], rows: int) -> np.ndarray:
    return RANDOM.choice(np.array([*shares], object), rows, p=[*shares.values()])


def test_another_most_frequent_word_is_told_with_all_four_shares() -> None:
    both = column(
        np.concatenate([words({"a": 0.5, "b": 0.3, "c": 0.2}, 6_000), words({"a": 0.35, "b": 0.45, "c": 0.2}, 2_000)])
    )
    then, now = both.take(slice(0, 6_000)), both.take(slice(6_000, None))
    found = top_shift(then, now)
    assert found is not None
    assert (both.labels[int(found.was)], both.labels[int(found.now)]) == ("a", "b")
    assert found.was_shares == pytest.approx((0.5, 0.35), abs=0.03)
    assert found.now_shares == pytest.approx((0.3, 0.45), abs=0.03)


def test_two_words_that_are_equally_frequent_take_turns_without_a_word() -> None:
    both = column(words({"a": 0.5, "b": 0.5}, 4_000))
    for cut in range(1_000, 3_500, 250):
        assert top_shift(both.take(slice(0, cut)), both.take(slice(cut, None))) is None
    names = column(np.array([f"n{i}" for i in range(4_000)], object))
    assert top_shift(names.take(slice(0, 2_000)), names.take(slice(2_000, None))) is None
    empty = column(np.full(400, None, object))
    assert top_shift(empty, empty) is None
