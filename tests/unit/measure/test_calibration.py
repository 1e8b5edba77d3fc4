"""Calibration: expected error with what chance adds taken off, bins, and the recalibration line."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression

from tidemill.measure.calibration import line, reliability
from tidemill.measure.score import score

RANDOM = np.random.default_rng(3)


def plain_and_drawn(y: np.ndarray, p: np.ndarray) -> tuple[float, float]:
    """Plain ECE over 20 quantile bins, and its mean when each bin's rate is drawn again."""
    place = np.searchsorted(np.unique(np.quantile(p, np.arange(1, 20) / 20)), p)
    plain = drawn = 0.0
    for i in np.unique(place):
        mine = place == i
        rate, share = y[mine].mean(), mine.mean()
        sd = np.sqrt(rate * (1 - rate) / mine.sum())
        plain += share * abs(p[mine].mean() - rate)
        drawn += share * np.abs(p[mine].mean() - RANDOM.normal(rate, sd, 200_000)).mean()
    return plain, drawn


def test_ece_takes_off_what_drawing_again_adds(random: np.random.Generator) -> None:
    p = random.beta(2, 5, 3000)
    y = (random.random(3000) < p**1.3).astype(float)
    plain, drawn = plain_and_drawn(y, p)
    assert score("ece", y, p).value == pytest.approx(2 * plain - drawn, abs=3e-4)


def test_a_calibrated_model_has_less_than_half_of_its_plain_error(random: np.random.Generator) -> None:
    found, plain = [], []
    for _ in range(40):
        p = random.beta(2, 5, 2000)
        y = (random.random(2000) < p).astype(float)
        found.append(score("ece", y, p).value or 0.0)
        place = np.searchsorted(np.quantile(p, np.arange(1, 20) / 20), p)
        gaps = [abs((p - y)[place == i].sum()) for i in range(20)]
        plain.append(sum(gaps) / 2000)
    assert np.mean(found) < 0.65 * np.mean(plain)


def test_a_wrong_model_keeps_its_error(random: np.random.Generator) -> None:
    y = (random.random(20_000) < 0.3).astype(float)
    assert score("ece", y, np.full(20_000, 0.5)).value == pytest.approx(0.2, abs=0.01)


def test_bins_hold_every_row_once_with_wilson_intervals(random: np.random.Generator) -> None:
    p = np.round(random.beta(2, 5, 999), 2)
    y = (random.random(999) < p).astype(float)
    bins = reliability(y, p)
    assert sum(one.n for one in bins) == 999
    assert sum(one.actual * one.n for one in bins) == pytest.approx(y.sum())
    assert [one.predicted for one in bins] == sorted(one.predicted for one in bins)
    wilson = stats.binomtest(round(bins[0].actual * bins[0].n), bins[0].n).proportion_ci(0.95, method="wilson")
    assert (bins[0].low, bins[0].high) == pytest.approx((wilson.low, wilson.high))
    assert reliability(y, p * 2) == ()


def test_the_line_is_an_unpenalised_logistic_regression_on_the_logit(random: np.random.Generator) -> None:
    p = random.beta(2, 5, 2000)
    logit = np.log(p / (1 - p))
    y = (random.random(2000) < 1 / (1 + np.exp(-(0.6 * logit - 0.4)))).astype(float)
    oracle = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(logit[:, None], y)
    found = line(y, p)
    assert found.slope == pytest.approx(oracle.coef_[0, 0], rel=1e-4)
    assert found.intercept == pytest.approx(oracle.intercept_[0], rel=1e-3)


@pytest.mark.parametrize(
    ("y", "p", "reason"),
    [
        ([], [], "empty"),
        ([1, 1], [0.2, 0.3], "one-class"),
        ([1, 0], [0.3, 0.3], "prediction-constant"),
        ([1, 0], [0.3, np.nan], "prediction-not-finite"),
    ],
)
def test_no_line_says_why(y: list[float], p: list[float], reason: str) -> None:
    assert line(np.array(y, float), np.array(p, float)).reason == reason


def test_a_perfect_separation_does_not_run_away() -> None:
    found = line(np.repeat([0.0, 1.0], 50), np.repeat([0.2, 0.8], 50))
    assert found.slope is not None
    assert np.isfinite(found.slope)
