"""What watches a running system: baselines, cumulative sums, canary evidence, latencies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tidemill.measure.baseline import constant, rolling_rate
from tidemill.measure.cusum import cusum, overdispersion, residuals, run_length
from tidemill.measure.sequential import above, below, rate_ratio
from tidemill.measure.timing import percentile


def test_the_constant_is_the_rate_or_the_median() -> None:
    assert constant(np.array([1, 0, 0, np.nan]), yes_no=True) == pytest.approx(1 / 3)
    assert constant(np.array([1, 5, 100, np.nan]), yes_no=False) == 5


@given(
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from([0.0, 1.0, float("nan")])), max_size=25),
    st.lists(st.integers(-1, 22), max_size=10),
    st.integers(1, 6),
)
def test_the_rolling_rate_sees_the_last_known_strictly_before(
    history: list[tuple[int, float]], asks: list[int], last: int
) -> None:
    known, outcome = (np.array([row[i] for row in history], float) for i in (0, 1))
    found = rolling_rate(outcome, known.astype(np.int64), np.array(asks, np.int64), last=last, start=0.25)
    ordered = sorted((row for row in history if not np.isnan(row[1])), key=lambda row: row[0])
    for ask, rate in zip(asks, found, strict=True):
        seen = [value for at, value in ordered if at < ask][-last:]
        assert rate == pytest.approx(np.mean(seen) if seen else 0.25)


def test_cusum_follows_page_by_hand() -> None:
    found = cusum(np.array([1.0, 2.0, -3.0, 4.0, 4.0, 0.0]))
    assert found.up == (0.5, 2.0, 0.0, 3.5, 7.0, 0.0)
    assert found.up_alarms == (4,)
    assert found.down == (0.0, 0.0, 2.5, 0.0, 0.0, 0.0)
    assert found.down_alarms == ()


@pytest.mark.parametrize(("limit", "shift", "published"), [(4, 0, 336), (5, 0, 930), (4, 1, 8.38), (5, 1, 10.4)])
def test_run_lengths_are_the_published_ones(limit: float, shift: float, published: float) -> None:
    """Montgomery, Introduction to Statistical Quality Control; in control for two sides there: 168 and 465."""
    assert run_length(shift, limit=limit) == pytest.approx(published, rel=0.03)


def test_our_limit_alarms_as_seldom_as_it_says() -> None:
    random = np.random.default_rng(3)
    alarms = len(cusum(random.normal(size=200_000)).up_alarms)
    assert alarms == pytest.approx(200_000 / run_length(0.0), rel=0.35)
    shifted = [cusum(random.normal(1, 1, 60)).up_alarms[0] + 1 for _ in range(200)]
    assert np.mean(shifted) == pytest.approx(run_length(1.0), rel=0.1)


def test_residuals_of_cohorts_in_order_are_standard_after_phi() -> None:
    random = np.random.default_rng(4)
    p = random.beta(1, 19, (300, 1000))
    lift = np.exp(random.normal(0, 0.2, 300))
    actual = (random.random((300, 1000)) < np.clip(p * lift[:, None], 0, 1)).sum(axis=1)
    expected, variance = p.sum(axis=1), (p * (1 - p)).sum(axis=1)
    phi = overdispersion(expected, actual, variance)
    assert phi > 1.5
    assert residuals(expected, actual, variance, phi=phi).std() == pytest.approx(1.0, abs=0.05)
    assert overdispersion(expected[:0], actual[:0], variance[:0]) == 1.0


def arms(random: np.random.Generator, events: int, ratio: float, share: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    chance = share * ratio / (share * ratio + 1 - share)
    return random.random(events) < chance, np.full(events, share)


def test_evidence_is_the_mean_of_likelihood_ratios() -> None:
    challenger, share = np.array([True, False, True]), np.full(3, 0.3)
    factors = np.array([1.05, 1.1, 1.25, 1.5, 2, 3, 5, 10])
    null, others = 0.3, 0.3 * factors / (0.3 * factors + 0.7)
    ratios = stats.binom.pmf(2, 3, others) / stats.binom.pmf(2, 3, null)
    assert above(challenger, share).value == pytest.approx(ratios.mean())
    assert above(challenger[:0], share[:0]).value == 1.0


@pytest.mark.parametrize("ratio", [1.0, 0.7])
def test_looking_after_every_event_raises_a_false_alarm_as_seldom_as_said(ratio: float) -> None:
    random = np.random.default_rng(5)
    peaks = [above(*arms(random, 400, ratio)).peak for _ in range(400)]
    assert np.mean(np.array(peaks) >= 20) <= 0.05
    assert all(peak >= 1.0 for peak in peaks)


def test_a_bad_arm_is_found_and_a_good_one_is_shown() -> None:
    random = np.random.default_rng(6)
    assert min(above(*arms(random, 300, 3.0)).value for _ in range(20)) > 200
    shown = [below(*arms(random, 3000, 1.0), ratio=1.25).value >= 20 for _ in range(20)]
    assert np.mean(shown) > 0.7
    assert max(below(*arms(random, 300, 1.5), ratio=1.25).peak for _ in range(50)) < 200


def test_the_ratios_bounds_hold_at_all_looks_together() -> None:
    random = np.random.default_rng(7)
    missed = 0
    for _ in range(40):
        challenger, share = arms(random, 300, 1.5)
        looks = [rate_ratio(challenger[:n], share[:n]) for n in (50, 100, 200, 300)]
        missed += any((one.low or 0) > 1.5 or (one.high or 1e9) < 1.5 for one in looks)
    assert missed <= 4
    mine = int(challenger.sum())
    assert looks[-1].value == pytest.approx(mine / (300 - mine) * 4)
    assert rate_ratio(challenger[:0], share[:0]).value is None
    assert rate_ratio(np.zeros(5, np.bool_), np.full(5, 0.5)).value is None


def test_the_canarys_share_may_change_on_the_way() -> None:
    random = np.random.default_rng(8)
    share = np.repeat([0.05, 0.25, 0.5], 2000)
    challenger = random.random(6000) < share * 2 / (share * 2 + 1 - share)
    found = rate_ratio(challenger, share)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 2 < found.high
    assert found.value == pytest.approx(2, rel=0.1)


def test_a_percentile_is_an_order_statistic_with_binomial_bounds() -> None:
    samples = np.random.default_rng(9).permutation(np.arange(1, 1001)).astype(float)
    found = percentile(samples, 0.99)
    assert (found.value, found.reason) == (990.0, None)
    low, high = found.low or 0, found.high or 0
    assert stats.binom.cdf(low - 1, 1000, 0.99) <= 0.025 < stats.binom.cdf(low, 1000, 0.99)
    assert stats.binom.cdf(high - 1, 1000, 0.99) >= 0.975 > stats.binom.cdf(high - 2, 1000, 0.99)
    assert percentile(samples, 0.5).value == 500.0


def test_a_p99_of_few_has_no_upper_bound() -> None:
    assert percentile(np.arange(367.0), 0.99).high is None
    assert percentile(np.arange(367.0), 0.99).reason == "too-few"
    assert percentile(np.arange(368.0), 0.99).high == 367.0
    assert percentile(np.zeros(0), 0.99).reason == "empty"
    assert percentile(np.array([5.0]), 0.5).value == 5.0


def test_percentile_bounds_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(10)
    truth, held = -np.log(0.05), 0
    for _ in range(400):
        found = percentile(random.exponential(1, 300), 0.95)
        held += (found.low or 0) <= truth <= (found.high or np.inf)
    assert 0.94 * 400 <= held <= 400
