"""passed, failed, undecided: what is shown passes, what is refuted fails, few rows do neither."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tidemill.measure import compare
from tidemill.measure.estimate import Estimate, unknown
from tidemill.measure.judge import at_least, at_most, holm, non_inferior


def figure(value: float, se: float, support: int = 500) -> Estimate:
    return Estimate(value=value, se=se, df=support - 1, n=1000, support=support)


@pytest.mark.parametrize(
    ("value", "se", "support", "outcome", "why"),
    [
        (0.010, 0.002, 500, "passed", "shown-better"),
        (0.000, 0.002, 500, "passed", "shown"),
        (-0.001, 0.001, 500, "passed", "shown"),
        (0.000, 0.010, 500, "undecided", "not-shown"),
        (-0.004, 0.002, 500, "undecided", "not-shown"),
        (-0.020, 0.002, 500, "failed", "worse"),
        (-0.020, 0.030, 500, "undecided", "not-shown"),
        (-0.300, 0.002, 9, "undecided", "too-few"),
        (0.300, 0.002, 9, "undecided", "too-few"),
    ],
)
def test_not_worse_than_the_margin(value: float, se: float, support: int, outcome: str, why: str) -> None:
    found = non_inferior(figure(value, se, support), 0.005)
    assert (found.outcome, found.why) == (outcome, why)
    reach = stats.t.ppf(0.95, support - 1) * se
    assert (found.low, found.high) == pytest.approx((value - reach, value + reach))


def test_an_equal_challenger_passes_as_often_as_the_margin_allows() -> None:
    random = np.random.default_rng(1)
    outcomes = []
    for _ in range(200):
        y = (random.random(2000) < 0.3).astype(int)
        taste = random.normal(size=2000) + y
        a, b = (taste + random.normal(size=2000) * 0.3 for _ in range(2))
        outcomes.append(non_inferior(compare.difference("roc_auc", y, a, b, seed=0), 0.0).outcome)
    assert outcomes.count("passed") <= 0.09 * 200  # nominal 5 %: superior by luck
    assert outcomes.count("failed") <= 0.09 * 200


def test_needed_rows_shrink_the_error_to_the_distance() -> None:
    found = non_inferior(figure(0.0, 0.01), 0.005)
    reach = stats.norm.ppf(0.95) + stats.norm.ppf(0.8)
    assert found.needed == int(np.ceil(1000 * (reach * 0.01 / 0.005) ** 2))
    assert non_inferior(figure(-0.005, 0.01), 0.005).needed is None


def test_identical_predictions_pass_without_a_margin() -> None:
    y = np.tile([0, 1], 50)
    p = np.linspace(0, 1, 100)
    assert non_inferior(compare.difference("roc_auc", y, p, p, seed=0), 0.0).outcome == "passed"
    assert non_inferior(compare.difference("log_loss", y, p, p, seed=0), 0.0).outcome == "passed"


def test_a_floor_is_passed_by_the_lower_bound_not_by_the_point() -> None:
    assert at_least(figure(0.70, 0.01), 0.65).outcome == "passed"
    assert at_least(figure(0.66, 0.01), 0.65).outcome == "undecided"
    assert at_least(figure(0.60, 0.01), 0.65).outcome == "failed"
    assert at_most(figure(0.01, 0.002), 0.02).outcome == "passed"
    assert at_most(figure(0.03, 0.002), 0.02).outcome == "failed"
    assert at_most(figure(0.03, 0.02), 0.02).why == "not-shown"


def test_what_could_not_be_measured_is_not_passed() -> None:
    for judged in (
        at_least(unknown("one-class", 5), 0.5),
        at_most(unknown("one-class", 5), 0.5),
        non_inferior(unknown("one-class", 5), 0.5),
    ):
        assert (judged.outcome, judged.why, judged.value, judged.n) == ("undecided", "one-class", None, 5)


def test_holm_is_stepwise() -> None:
    assert holm((0.001, 0.02, 0.03, 0.6), 0.05) == (True, False, False, False)
    assert holm((0.01, 0.6, 0.02, 0.0001), 0.05) == (True, False, True, True)
    assert holm((), 0.05) == ()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_holds_what_bonferroni_holds_and_nothing_above_alpha(p_values: list[float]) -> None:
    held = holm(tuple(p_values), 0.05)
    for p, holds in zip(p_values, held, strict=True):
        assert holds or p > 0.05 / len(p_values)
        assert not holds or p <= 0.05
