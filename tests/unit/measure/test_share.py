"""Shares and fairness against scipy and the papers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tidemill.measure.fair import fairness
from tidemill.measure.judge import non_inferior
from tidemill.measure.share import apart, wilson


@given(st.integers(0, 200), st.integers(1, 200))
def test_wilson_is_scipys(hits: int, more: int) -> None:
    n = hits + more
    oracle = stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert wilson(hits, n) == pytest.approx((oracle.low, oracle.high), abs=1e-12)


def test_nothing_seen_is_nothing_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert apart(0, 0, 1, 2).reason == "too-few"
    assert apart(0, 0, 0, 0).reason == "empty"


def test_two_arms_are_apart_as_agresti_and_caffo_have_it() -> None:
    found = apart(7, 10, 3, 10)
    se = (8 / 12 * 4 / 12 / 12 + 4 / 12 * 8 / 12 / 12) ** 0.5
    assert found.value == pytest.approx(0.4)
    assert found.se == pytest.approx(se)
    none = apart(0, 40, 0, 40)
    assert non_inferior(none, 0.0).outcome == "undecided"  # no conversion in either arm shows nothing


def test_the_open_bandit_arms_differ_as_published() -> None:
    men = apart(69, 10_000, 46, 10_000)
    assert men.value is not None
    assert men.se is not None
    assert men.value / men.se == pytest.approx(2.15, abs=0.05)


def test_fairness_is_lowest_over_highest_rate() -> None:
    group = np.repeat(["a", "b", "c"], [100, 200, 10])
    decided = np.concatenate([np.arange(100) < 40, np.arange(200) < 120, np.zeros(10, bool)])
    found = fairness(decided, group)
    assert found.ratio == pytest.approx(0.4 / 0.6)
    assert (found.lowest and found.lowest.group, found.highest and found.highest.group) == ("a", "b")
    assert [(rate.group, rate.n, rate.judged) for rate in found.rates] == [
        ("b", 200, True),
        ("a", 100, True),
        ("c", 10, False),
    ]
    assert found.low is not None
    assert found.high is not None
    log_se = (0.6 / 40 + 0.4 / 120) ** 0.5  # Katz 1978: sqrt((1 - p1) / x1 + (1 - p2) / x2)
    assert found.low == pytest.approx(0.4 / 0.6 * np.exp(-1.96 * log_se), rel=0.02)
    assert found.high == pytest.approx(0.4 / 0.6 * np.exp(1.96 * log_se), rel=0.02)


def test_fairness_needs_two_groups_and_a_yes() -> None:
    yes = np.ones(60, np.bool_)
    assert fairness(yes[:0], np.array([])).reason == "empty"
    assert fairness(yes, np.repeat(["a", None], [55, 5])).reason == "too-few"
    assert fairness(~yes, np.repeat(["a", "b"], 30)).reason == "none-chosen"
    all_no = fairness(np.repeat([True, False], [30, 30]), np.repeat(["a", "b"], 30))
    assert all_no.ratio == 0.0
    assert all_no.low == 0.0
    assert all_no.high is not None
    assert all_no.high > 0.0
