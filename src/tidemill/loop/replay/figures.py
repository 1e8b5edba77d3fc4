"""Figures of replayed curves: by calendar period, pooled, and inside blocks of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.facts.model import Score
from tidemill.loop.replay.calendar import LEAST
from tidemill.loop.replay.record import STATIC, Gain, PeriodFigure
from tidemill.measure.blocks import in_blocks
from tidemill.measure.compare import better, estimate
from tidemill.measure.score import score
from tidemill.measure.tails import student_quantile
from tidemill.spec.check import MetricName

Floats = NDArray[np.float64]
BLOCK_ROWS = 1_000
FEWEST_PERIODS = 3
"""Periods below which no error of their mean is told."""
BINARY: tuple[MetricName, ...] = ("roc_auc", "log_loss", "rate_gap")
NUMBER: tuple[MetricName, ...] = ("mae", "bias")


def by_period(
    y: Floats,
    curves: Mapping[str, Floats],
    periods: Sequence[str],
    metrics: Sequence[MetricName],
    *,
    asked_us: NDArray[np.int64] | None = None,
    entity: NDArray[Any] | None = None,
    seed: int = 0,
) -> tuple[PeriodFigure, ...]:
    """Each metric of each curve in each period, oldest first; rows that a curve did not answer are left out.

    `entity` says which rows hang together (None: each is its own), for the intervals.
    """
    names = np.array(periods, object)
    found = []
    for name in dict.fromkeys(periods):
        own = names == name
        middle = 0 if asked_us is None else int(np.median(asked_us[own]))
        for curve, predicted in curves.items():
            rows = own & np.isfinite(predicted)
            units = None if entity is None else entity[rows]
            for metric in metrics:
                one = estimate(metric, y[rows], predicted[rows], entity=units, seed=seed).interval()
                found.append(
                    PeriodFigure(
                        curve=curve, metric=metric, period=name, value=one.value, n=int(rows.sum()), low=one.low,
                        high=one.high, at_us=middle,
                    )
                )  # fmt: skip
    return tuple(found)


def gains(
    y: Floats, curves: Mapping[str, Floats], periods: Sequence[str], metrics: Sequence[MetricName]
) -> tuple[Gain, ...]:
    """How much better each other curve is than static, period by period on the rows that both answered.

    Periods of fewer than 100 such rows are left out.
    """
    names, found = np.array(periods, object), []
    for curve in (name for name in curves if name != STATIC):
        both = np.isfinite(curves[curve]) & np.isfinite(curves[STATIC])
        parts = [rows for name in dict.fromkeys(periods) if (rows := both & (names == name)).sum() >= LEAST]
        for metric in metrics:
            told = []
            for rows in parts:
                own, static = (score(metric, y[rows], curves[name][rows]).value for name in (curve, STATIC))
                if own is not None and static is not None:
                    told.append((own, static, int(rows.sum())))
            found.append(gain(curve, metric, told))
    return tuple(found)


def gain(curve: str, metric: MetricName, told: Sequence[tuple[float, float, int]]) -> Gain:
    """From the curve's figure, static's and the rows of each period: the mean difference weighted by rows.

    Its error from how the differences scatter, by Student's t over the periods: with equal rows that of a mean, else
    the ratio estimator's (Cochran 1977, chapter 2); none for fewer than 3 periods.
    """
    n, count = sum(rows for *_, rows in told), len(told)
    if not count:
        return Gain(curve=curve, metric=metric, own=None, static=None, value=None, low=None, high=None, n=0, periods=0)
    own, static, rows = np.array(told, np.float64).T
    weights, differences = rows / rows.sum(), better(metric, own) - better(metric, static)
    value = float((weights * differences).sum())
    reach = None
    if count >= FEWEST_PERIODS:
        scatter = float((weights**2 * (differences - value) ** 2).sum())
        reach = student_quantile(0.975, count - 1) * sqrt(scatter * count / (count - 1))
    return Gain(
        curve=curve, metric=metric, own=float((weights * own).sum()), static=float((weights * static).sum()),
        value=value, low=None if reach is None else value - reach, high=None if reach is None else value + reach, n=n,
        periods=count,
    )  # fmt: skip


def totals(
    y: Floats, curves: Mapping[str, Floats], figures: Sequence[PeriodFigure], metrics: Sequence[MetricName]
) -> tuple[Score, ...]:
    """Over all answered rows: pooled; the mean of the periods weighted by rows; the mean inside blocks of rows."""
    found = []
    for curve, predicted in curves.items():
        rows = np.isfinite(predicted)
        n = int(rows.sum())
        for metric in metrics:
            pooled = score(metric, y[rows], predicted[rows]).value if n else None
            parts = [f for f in figures if f.curve == curve and f.metric == metric and f.value is not None and f.n]
            weighted = (
                float(np.average([f.value or 0.0 for f in parts], weights=[f.n for f in parts])) if parts else None
            )
            inside = in_blocks(metric, y[rows], predicted[rows], count=max(n // BLOCK_ROWS, 1)).mean if n else None
            for part, value in (("pooled", pooled), ("by-period", weighted), ("in-blocks", inside)):
                found.append(Score(metric=metric, part=part, against=curve, value=value, n=n))
    return tuple(found)
