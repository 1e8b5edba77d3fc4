"""Errors of figures and of paired differences: DeLong, clusters, bootstrap, and what happens at the ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tidemill.measure import bootstrap, compare
from tidemill.measure.delong import error, placements
from tidemill.measure.estimate import Estimate
from tidemill.measure.rows import Scorer
from tidemill.spec.check import MetricName, Per

Array = np.ndarray[Any, np.dtype[np.float64]]


def kernel(positive: Array, negative: Array) -> Array:
    """1 where the positive is above, a half where equal: all pairs, by brute force."""
    above: Array = (positive[:, None] > negative[None, :]) + 0.5 * (positive[:, None] == negative[None, :])
    return above


def clustered_variance(y: Any, p: Array, entity: Any) -> float:
    """Obuchowski 1997, equations 5 to 8, written out over clusters."""
    pairs = kernel(p[y == 1], p[y == 0])
    theta, m, n = pairs.mean(), int((y == 1).sum()), int((y == 0).sum())
    v10, v01 = pairs.mean(axis=1), pairs.mean(axis=0)
    clusters = np.unique(entity)
    x = np.array([(v10[entity[y == 1] == c] - theta).sum() for c in clusters])
    z = np.array([(v01[entity[y == 0] == c] - theta).sum() for c in clusters])
    i10, i01 = len(np.unique(entity[y == 1])), len(np.unique(entity[y == 0]))
    s10 = i10 / ((i10 - 1) * m) * (x**2).sum()
    s01 = i01 / ((i01 - 1) * n) * (z**2).sum()
    s11 = len(clusters) / (len(clusters) - 1) * (x * z).sum()
    return float(s10 / m + s01 / n + 2 * s11 / (m * n))


@given(st.integers(0, 10_000))
def test_placements_are_the_brute_force_components(seed: int) -> None:
    random = np.random.default_rng(seed)
    y = np.append([1, 0], random.integers(0, 2, 20))
    p = random.integers(0, 6, 22).astype(float)
    found, pairs = placements(y == 1, p), kernel(p[y == 1], p[y == 0])
    assert found.of_positives == pytest.approx(pairs.mean(axis=1), abs=1e-12)
    assert found.of_negatives == pytest.approx(pairs.mean(axis=0), abs=1e-12)


def test_delongs_variance_is_that_of_the_structural_components() -> None:
    random = np.random.default_rng(1)
    y, p = random.integers(0, 2, 60), np.round(random.normal(size=60), 1)
    pairs = kernel(p[y == 1], p[y == 0])
    by_hand = pairs.mean(axis=1).var(ddof=1) / (y == 1).sum() + pairs.mean(axis=0).var(ddof=1) / (y == 0).sum()
    assert error(placements(y == 1, p), y == 1, np.arange(60)).se == pytest.approx(by_hand**0.5, rel=1e-12)


def test_the_paired_difference_has_delongs_covariance() -> None:
    random = np.random.default_rng(2)
    y = random.integers(0, 2, 80)
    a, b = random.normal(size=80) + y, random.normal(size=80) + 0.5 * y
    (a10, a01), (b10, b01) = ((k.mean(axis=1), k.mean(axis=0)) for k in (kernel(p[y == 1], p[y == 0]) for p in (a, b)))
    s10, s01 = np.cov(a10, b10), np.cov(a01, b01)
    contrast = np.array([1, -1])
    variance = contrast @ (s10 / (y == 1).sum() + s01 / (y == 0).sum()) @ contrast
    found = compare.difference("roc_auc", y, a, b, seed=0)
    assert found.value == pytest.approx(a10.mean() - b10.mean())
    assert found.se == pytest.approx(variance**0.5, rel=1e-12)
    z = (a10.mean() - b10.mean()) / variance**0.5
    assert found.p_value() == pytest.approx(2 * stats.t.sf(abs(z), min((y == 1).sum(), (y == 0).sum()) - 1), rel=1e-9)


def test_rows_of_one_entity_are_counted_together_as_obuchowski_does() -> None:
    random = np.random.default_rng(3)
    entity = random.integers(0, 15, 90)
    y = (random.random(90) < 0.4).astype(int)
    p = np.round(random.normal(size=90) + random.normal(size=15)[entity] + y, 1)
    found = compare.estimate("roc_auc", y, p, entity=entity, seed=0)
    assert found.se == pytest.approx(clustered_variance(y, p, entity) ** 0.5, rel=1e-12)


def test_counting_rows_of_ten_as_independent_would_call_equals_superior() -> None:
    random = np.random.default_rng(4)
    alone = together = 0
    for _ in range(150):
        entity = np.repeat(np.arange(60), 10)
        taste = random.normal(size=60)[entity]
        y = (random.random(60) < 1 / (1 + np.exp(-taste[::10]))).astype(int)[entity]
        a, b = (taste + random.normal(size=60)[entity] * 0.8 for _ in range(2))
        alone += (compare.difference("roc_auc", y, a, b, seed=0).lower(0.95) or 0) > 0
        together += (compare.difference("roc_auc", y, a, b, entity=entity, seed=0).lower(0.95) or 0) > 0
    assert alone > 0.15 * 150
    assert together <= 0.1 * 150


def test_an_auc_interval_covers_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(5)
    truth, held = stats.norm.cdf(2 / np.sqrt(2)), 0
    for _ in range(400):
        y = np.repeat([0, 1], [60, 20])
        found = compare.estimate("roc_auc", y, random.normal(size=80) + 2 * y, seed=0).interval()
        held += found.low is not None and found.high is not None and found.low <= truth <= found.high
    assert 0.92 * 400 <= held <= 0.985 * 400


def test_the_bootstrap_of_a_mean_has_its_classical_error() -> None:
    random = np.random.default_rng(6)
    y, p = random.normal(size=3000), random.normal(size=3000)
    classical = np.abs(y - p).std(ddof=1) / 3000**0.5
    assert compare.estimate("mae", y, p, seed=1).se == pytest.approx(classical, rel=0.15)
    sums = np.abs(y - p).reshape(300, 10).mean(axis=1)
    entity = np.repeat(np.arange(300), 10)
    by_entity = compare.estimate("mae", y, p, entity=entity, seed=1)
    assert by_entity.se == pytest.approx(sums.std(ddof=1) / 300**0.5, rel=0.15)
    assert by_entity.df == 299


def test_a_large_sample_is_thinned_by_entity_and_its_error_scaled_back() -> None:
    random = np.random.default_rng(7)
    y, p = random.normal(size=12_000), random.normal(size=12_000)
    entity = random.integers(0, 3000, 12_000)
    units = np.unique(entity, return_inverse=True)[1]
    part = bootstrap.part(units, 1, most=2000)
    assert len(part.rows) <= 2000
    assert np.isin(units, units[part.rows]).sum() == len(part.rows)  # whole entities
    errors = np.abs(y - p)[part.rows]
    values = bootstrap.draws([Scorer(of=lambda w: float(w @ errors / w.sum()), n=1)], part, 1)
    assert bootstrap.spread(values[:, 0], part) == pytest.approx(np.abs(y - p).std() / 12_000**0.5, rel=0.2)


@pytest.mark.parametrize(
    ("metric", "better", "worse"),
    [
        ("roc_auc", 1.0, 3.0),
        ("log_loss", 1.0, 3.0),
        ("average_precision", 1.0, 3.0),
        ("brier", 1.0, 3.0),
        ("rate_gap", 1.0, 3.0),
        ("bias", 1.0, 3.0),
        ("ndcg@10", 1.0, 3.0),
    ],
)
def test_above_zero_is_better_in_every_metric(metric: MetricName, better: float, worse: float) -> None:
    random = np.random.default_rng(8)
    taste = random.normal(size=4000)
    y = (random.random(4000) < 1 / (1 + np.exp(-taste + 1.5))).astype(int)
    near, far = (1 / (1 + np.exp(-taste + random.normal(size=4000) * off)) for off in (better, worse))
    far = np.clip(far + 0.1, 0, 1)
    groups = np.repeat(np.arange(400), 10)
    near_first = compare.difference(metric, y, near, far, groups=groups, seed=0)
    far_first = compare.difference(metric, y, far, near, groups=groups, seed=0)
    assert near_first.value is not None
    assert near_first.value > 0
    assert far_first.value == -near_first.value
    assert far_first.se == pytest.approx(near_first.se)


def test_the_same_seed_gives_the_same_error_and_another_another() -> None:
    random = np.random.default_rng(9)
    y, p = random.integers(0, 2, 500), random.random(500)
    assert compare.estimate("f1", y, p, seed=5) == compare.estimate("f1", y, p, seed=5)
    assert compare.estimate("f1", y, p, seed=5).se != compare.estimate("f1", y, p, seed=6).se


def test_a_perfect_score_is_no_certainty() -> None:
    y = np.repeat([0, 1], [40, 8])
    found = compare.estimate("roc_auc", y, y.astype(float), seed=0)
    assert found.value == 1.0
    exact = stats.binomtest(8, 8).proportion_ci(0.95, method="exact")
    assert (found.interval().low, found.interval().high) == pytest.approx((exact.low, 1.0))
    right = compare.estimate("accuracy", np.ones(30), np.ones(30), seed=0).interval()
    assert right.low == pytest.approx(stats.binomtest(30, 30).proportion_ci(0.95, method="exact").low)
    none = compare.estimate("conversion", np.zeros(30), np.zeros(30), seed=0).interval()
    assert none.low == 0.0
    assert none.high == pytest.approx(1 - (right.low or 0.0))


def test_equal_predictions_differ_by_nothing_and_equal_orders_by_what_is_not_seen() -> None:
    y = np.tile([0, 1, 1], 20)
    p = np.linspace(0, 1, 60)
    same = compare.difference("roc_auc", y, p, p, seed=0)
    assert (same.value, same.lower(0.95), same.upper(0.95), same.p_value()) == (0.0, 0.0, 0.0, 1.0)
    alike = compare.difference("roc_auc", y, p, p**2, seed=0)
    assert alike.value == 0.0
    assert alike.lower(0.95) == pytest.approx(0.05 ** (1 / 20) - 1)


@given(st.floats(0.001, 0.999), st.floats(1e-4, 0.3), st.floats(0.5, 0.999))
def test_bounds_of_a_share_stay_inside_and_in_order(value: float, se: float, confidence: float) -> None:
    found = Estimate(value=value, se=se, df=30, n=31, support=31, scale="share")
    low, high = found.lower(confidence), found.upper(confidence)
    assert low is not None
    assert high is not None
    assert 0 <= low <= value * (1 + 1e-9)
    assert value * (1 - 1e-9) <= high <= 1


def test_few_rows_have_a_figure_without_bounds() -> None:
    found = compare.estimate("roc_auc", np.array([1, 0, 0]), np.array([0.9, 0.1, 0.2]), seed=0)
    assert (found.value, found.se, found.reason) == (1.0, None, "too-few")
    assert found.interval().low is None
    assert compare.estimate("mae", np.ones(1), np.zeros(1), seed=0).reason == "too-few"
    assert compare.estimate("mae", np.ones(9), np.zeros(9), entity=np.zeros(9), seed=0).reason == "too-few"
    nothing = compare.difference("roc_auc", np.zeros(0), np.zeros(0), np.zeros(0), seed=0)
    assert (nothing.value, nothing.reason, nothing.p_value()) == (None, "empty", None)
    broken = compare.difference("mae", np.ones(2), np.ones(2), np.array([1, np.nan]), seed=0)
    assert broken.reason == "prediction-not-finite"


def test_a_metric_per_group_is_drawn_by_entity() -> None:
    random = np.random.default_rng(10)
    groups = np.repeat(np.arange(50), 20)
    y, p = random.integers(0, 2, 1000), random.random(1000)
    found = compare.estimate(Per(column="trip", metric="roc_auc"), y, p, groups=groups, seed=0)
    each = [compare.estimate("roc_auc", y[groups == g], p[groups == g], seed=0).value or 0.0 for g in range(50)]
    assert found.value == pytest.approx(np.mean(each))
    assert found.se == pytest.approx(np.std(each, ddof=1) / 50**0.5, rel=0.2)


def test_an_error_of_zero_that_chance_explains_keeps_its_bound(random: np.random.Generator) -> None:
    p = random.beta(2, 5, 4000)
    y = (random.random(4000) < p).astype(int)
    found = Estimate(value=0.0, se=0.01, df=99, n=4000, support=4000, scale="share")
    assert found.upper(0.95) == pytest.approx(stats.t.ppf(0.95, 99) * 0.01)
    high = compare.estimate("ece", y, p, seed=0).upper(0.95)
    assert high is not None
    assert 0.003 < high < 0.05
