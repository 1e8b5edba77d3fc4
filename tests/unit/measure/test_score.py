"""Every metric against scikit-learn or a closed form; what is undefined says why and is never NaN."""

from __future__ import annotations

from itertools import pairwise, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics

from tidemill.errors import DataError
from tidemill.measure.score import MEASURES, score
from tidemill.spec.check import METRICS, SERVING, MetricName, Per

RANDOM = np.random.default_rng(7)
N = 400
YES = (RANDOM.random(N) < 0.3).astype(int)
CHANCE = np.clip(np.round(RANDOM.beta(2, 4, N) + 0.2 * YES, 2), 0.01, 0.99)
NUMBER = RANDOM.normal(5, 2, N) + 0.3
GUESS = NUMBER + RANDOM.normal(0.1, 1, N)
GROUP = RANDOM.integers(0, 40, N)


def test_every_metric_that_rows_can_tell_is_in_the_table() -> None:
    assert set(MEASURES) == METRICS - SERVING


@pytest.mark.parametrize(
    ("metric", "oracle"),
    [
        ("roc_auc", metrics.roc_auc_score),
        ("average_precision", metrics.average_precision_score),
        ("log_loss", metrics.log_loss),
        ("brier", metrics.brier_score_loss),
        ("accuracy", lambda y, p: metrics.accuracy_score(y, p >= 0.5)),
        ("precision", lambda y, p: metrics.precision_score(y, p >= 0.5)),
        ("recall", lambda y, p: metrics.recall_score(y, p >= 0.5)),
        ("f1", lambda y, p: metrics.f1_score(y, p >= 0.5)),
        ("rate_gap", lambda y, p: abs(p.mean() - y.mean()) / y.mean()),
    ],
)
def test_yes_no_metrics_are_sklearns_also_with_weights(
    metric: MetricName, oracle: Any, random: np.random.Generator
) -> None:
    assert score(metric, YES, CHANCE).value == pytest.approx(oracle(YES, CHANCE), rel=1e-12)
    times = random.integers(0, 4, N)
    again = np.repeat(np.arange(N), times)
    weighted = score(metric, YES, CHANCE, weights=times.astype(float)).value
    assert weighted == pytest.approx(oracle(YES[again], CHANCE[again]), rel=1e-12)


@pytest.mark.parametrize(
    ("metric", "oracle"),
    [
        ("mae", metrics.mean_absolute_error),
        ("rmse", metrics.root_mean_squared_error),
        ("mape", metrics.mean_absolute_percentage_error),
        ("r2", metrics.r2_score),
        ("bias", lambda y, p: (p - y).mean()),
    ],
)
def test_number_metrics_are_sklearns_also_with_weights(
    metric: MetricName, oracle: Any, random: np.random.Generator
) -> None:
    assert score(metric, NUMBER, GUESS).value == pytest.approx(oracle(NUMBER, GUESS), rel=1e-12)
    times = random.integers(0, 4, N)
    again = np.repeat(np.arange(N), times)
    weighted = score(metric, NUMBER, GUESS, weights=times.astype(float)).value
    assert weighted == pytest.approx(oracle(NUMBER[again], GUESS[again]), rel=1e-9)


def test_a_decision_can_stand_in_place_of_a_chance() -> None:
    decided = CHANCE >= 0.4
    assert score("precision", YES, decided).value == pytest.approx(metrics.precision_score(YES, decided))


@pytest.mark.parametrize("k", [5, 10, 20])
def test_ndcg_is_sklearns_over_groups_that_have_a_positive(k: int) -> None:
    told = [group for group in range(40) if YES[group == GROUP].any()]
    mean = np.mean([metrics.ndcg_score([YES[g == GROUP]], [CHANCE[g == GROUP]], k=k) for g in told])
    found = score(f"ndcg@{k}", YES, CHANCE, groups=GROUP)  # type: ignore[arg-type] # the three names of the parameters
    assert found.value == pytest.approx(mean, abs=1e-12)
    assert found.n == len(told)


def best_of(relevant: list[int], k: int) -> tuple[float, float]:
    """MAP and recall of one order, by their definitions."""
    found = [place for place, hit in enumerate(relevant, 1) if hit and place <= k]
    precision = [(i + 1) / place for i, place in enumerate(found)]
    return sum(precision) / min(sum(relevant), k), len(found) / sum(relevant)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=6), st.integers(0, 8))
def test_map_and_recall_are_the_mean_over_all_orders_of_ties(items: list[tuple[int, int]], filler: int) -> None:
    predicted, outcome = (np.array(side) for side in zip(*items, strict=True))
    if not outcome.any():
        assert score("map@10", outcome, predicted, groups=np.zeros(len(items))).reason == "no-positive"
        return
    ahead = np.full(filler, 9)  # misses that push the items beyond the first 10
    orders = [o for o in permutations(range(len(items))) if all(predicted[a] >= predicted[b] for a, b in pairwise(o))]
    both = np.mean([best_of([0] * filler + outcome[list(order)].tolist(), 10) for order in orders], axis=0)
    y, p = np.append(np.zeros(filler), outcome), np.append(ahead, predicted)
    groups = np.zeros(len(y))
    assert score("map@10", y, p, groups=groups).value == pytest.approx(both[0], abs=1e-12)
    assert score("recall@10", y, p, groups=groups).value == pytest.approx(both[1], abs=1e-12)


def test_a_group_without_a_positive_is_left_out() -> None:
    y, p, groups = np.array([1, 0, 0, 0]), np.array([0.9, 0.1, 0.5, 0.4]), np.array([1, 1, 2, 2])
    found = score("ndcg@10", y, p, groups=groups)
    assert (found.value, found.n) == (1.0, 1)


def test_conversion_counts_each_entity_once() -> None:
    y, entity = np.array([1, 1, 0, 0, 0]), np.array(["a", "a", "a", "b", "c"])
    found = score("conversion", y, np.zeros(5), groups=entity)
    assert found.value == pytest.approx(1 / 3)
    assert found.n == 3
    assert score("conversion", y, np.zeros(5)).value == pytest.approx(0.4)


def test_per_averages_any_metric_over_groups_each_once() -> None:
    told = [g for g in range(40) if 0 < YES[g == GROUP].mean() < 1]
    mean = np.mean([metrics.roc_auc_score(YES[g == GROUP], CHANCE[g == GROUP]) for g in told])
    found = score(Per(column="trip", metric="roc_auc"), YES, CHANCE, groups=GROUP)
    assert found.value == pytest.approx(mean, abs=1e-12)
    assert found.n == len(told)
    ranked = score("ndcg@10", YES, CHANCE, groups=GROUP)
    assert score(Per(column="customer", metric="ndcg@10"), YES, CHANCE, groups=GROUP) == ranked
    assert score(Per(column="trip", metric="roc_auc"), YES, CHANCE).reason == "no-groups"


@pytest.mark.parametrize(
    ("metric", "outcome", "predicted", "reason"),
    [
        ("roc_auc", [], [], "empty"),
        ("roc_auc", [1, 1], [0.2, 0.3], "one-class"),
        ("roc_auc", [1, 0], [np.nan, 0.3], "prediction-not-finite"),
        ("mae", [1, np.nan], [0.2, 0.3], "outcome-missing"),
        ("mae", [1, 2], [np.inf, 0.3], "prediction-not-finite"),
        ("brier", [1, 2], [0.2, 0.3], "outcome-not-yes-no"),
        ("log_loss", [1, 0], [1.2, 0.3], "prediction-not-a-probability"),
        ("average_precision", [0, 0], [0.2, 0.3], "no-positive"),
        ("recall", [0, 0], [0.2, 0.3], "no-positive"),
        ("precision", [1, 0], [0.2, 0.3], "none-chosen"),
        ("rate_gap", [0, 0], [0.2, 0.3], "outcome-zero"),
        ("mape", [0, 1], [0.2, 0.3], "outcome-zero"),
        ("r2", [1, 1], [0.2, 0.3], "outcome-constant"),
        ("ndcg@10", [1, 0], [0.2, 0.3], "no-groups"),
    ],
)
def test_an_undefined_figure_says_why(metric: MetricName, outcome: Any, predicted: Any, reason: str) -> None:
    found = score(metric, np.array(outcome, float), np.array(predicted, float))
    assert (found.value, found.reason) == (None, reason)


@given(
    st.sampled_from(sorted(MEASURES)),
    hnp.arrays(float, st.integers(0, 12), elements=st.sampled_from([0.0, 1.0, 2.0, -1.0, np.nan])),
    st.data(),
)
def test_a_figure_is_a_number_or_a_reason(metric: MetricName, outcome: Any, data: st.DataObject) -> None:
    value = st.sampled_from([0.0, 0.5, 1.0, 3.0, np.nan, np.inf])
    predicted = data.draw(hnp.arrays(float, len(outcome), elements=value))
    found = score(metric, outcome, predicted, groups=np.arange(len(outcome)) // 3)
    assert (found.value is None) == (found.reason is not None)
    assert found.value is None or np.isfinite(found.value)


def test_unequal_lengths_and_a_servers_metric_are_refused() -> None:
    with pytest.raises(DataError, match="lengths-differ"):
        score("mae", np.zeros(2), np.zeros(3))
    with pytest.raises(DataError, match="lengths-differ"):
        score("ndcg@10", np.zeros(2), np.zeros(2), groups=np.zeros(1))
    with pytest.raises(DataError, match="metric-not-scored"):
        score("p99_ms", np.zeros(2), np.zeros(2))
