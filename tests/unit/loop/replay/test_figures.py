"""What a curve is worth beside static: paired by period, with the interval that scipy gives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import log_loss, roc_auc_score

from tidemill.loop.replay.figures import by_period, gain, gains

PERIODS, ROWS = ("2026-01", "2026-02", "2026-03", "2026-04"), 300


def told() -> tuple[np.ndarray, dict[str, np.ndarray], list[str]]:
    """Outcomes, and three curves: the loop knows more than static, and answers from the second period on."""
    random = np.random.default_rng(5)
    y = (random.random(ROWS * len(PERIODS)) < 0.4).astype(float)
    noise = random.normal(size=(3, len(y)))
    chance = [1 / (1 + np.exp(-(strength * (y - 0.5) + noise[k]))) for k, strength in enumerate((0.3, 1.5, 2.0))]
    chance[2][:ROWS] = np.nan
    return y, dict(zip(("static", "retrained", "loop"), chance, strict=True)), [p for p in PERIODS for _ in range(ROWS)]


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss"])
def test_the_gain_is_the_paired_difference_by_period(metric: str) -> None:
    y, curves, periods = told()
    found = {(one.curve, one.metric): one for one in gains(y, curves, periods, ("roc_auc", "log_loss"))}
    measure, sign = (roc_auc_score, 1.0) if metric == "roc_auc" else (log_loss, -1.0)
    parts = [slice(k * ROWS, (k + 1) * ROWS) for k in range(len(PERIODS))]
    own = np.array([measure(y[part], curves["retrained"][part]) for part in parts])
    static = np.array([measure(y[part], curves["static"][part]) for part in parts])
    one = found["retrained", metric]
    beyond = stats.ttest_1samp(sign * (own - static), 0.0).confidence_interval()
    assert [one.own, one.static] == pytest.approx([own.mean(), static.mean()])
    assert [one.low, one.high] == pytest.approx([beyond.low, beyond.high])
    assert (one.n, one.periods) == (len(y), 4)


def test_only_rows_that_both_answered_are_compared() -> None:
    y, curves, periods = told()
    one = next(one for one in gains(y, curves, periods, ("roc_auc",)) if one.curve == "loop")
    assert (one.n, one.periods) == (3 * ROWS, 3)


def test_periods_weigh_as_their_rows() -> None:
    one = gain("loop", "mae", [(1.0, 2.0, 100), (1.0, 1.0, 300), (2.0, 1.5, 100)])
    assert one.value == pytest.approx((1.0 * 100 + 0.0 - 0.5 * 100) / 500)


def test_few_periods_have_no_interval_and_none_no_figure() -> None:
    two = gain("loop", "roc_auc", [(0.8, 0.7, 200), (0.7, 0.7, 200)])
    assert two.value == pytest.approx(0.05)
    assert (two.low, two.high) == (None, None)
    assert gain("loop", "roc_auc", []).value is None


def test_a_period_with_too_few_common_rows_is_left_out() -> None:
    y, curves, periods = told()
    curves["loop"][2 * ROWS : 3 * ROWS - 99] = np.nan
    assert next(one for one in gains(y, curves, periods, ("roc_auc",)) if one.curve == "loop").periods == 2


def test_figures_carry_their_interval_and_where_their_rows_stand() -> None:
    y, curves, periods = told()
    asked = np.arange(len(y), dtype=np.int64)
    found = by_period(y, curves, periods, ("roc_auc",), asked_us=asked)
    one = next(one for one in found if (one.curve, one.period) == ("static", "2026-02"))
    assert one.low is not None
    assert one.high is not None
    assert one.low < (one.value or 0) < one.high
    assert one.at_us == pytest.approx(1.5 * ROWS, abs=1)
    silent = next(one for one in found if (one.curve, one.period) == ("loop", "2026-01"))
    assert (silent.value, silent.low, silent.n) == (None, None, 0)


def test_rows_of_one_entity_make_the_interval_wider() -> None:
    y, curves, periods = told()
    entity = np.array([f"c{row % 40}" for row in range(len(y))], object)
    shared = np.repeat(np.random.default_rng(1).normal(size=40), 1)[np.arange(len(y)) % 40]
    y = (shared > 0.3).astype(float)
    alone = by_period(y, curves, periods, ("log_loss",))[0]
    together = by_period(y, curves, periods, ("log_loss",), entity=entity)[0]
    assert (together.high or 0) - (together.low or 0) > (alone.high or 0) - (alone.low or 0)
