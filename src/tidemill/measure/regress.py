"""Metrics of a number, and of how far predictions are off in the large."""

from __future__ import annotations

from math import sqrt

import numpy as np

from tidemill.measure.arrays import Floats
from tidemill.measure.classify import mean_of
from tidemill.measure.rows import Rows, Scorer


def mae(rows: Rows) -> Scorer:
    """Mean absolute error."""
    return mean_of(np.abs(rows.predicted - rows.outcome))


def rmse(rows: Rows) -> Scorer:
    """Root of the mean squared error."""
    squared = mean_of((rows.predicted - rows.outcome) ** 2)
    return Scorer(of=lambda weights: sqrt(squared.of(weights)), n=squared.n)


def mape(rows: Rows) -> Scorer:
    """Mean of |error / actual|, as a share (0.1 = 10 %); undefined where an actual is 0."""
    return mean_of(np.abs((rows.predicted - rows.outcome) / rows.outcome))


def bias(rows: Rows) -> Scorer:
    """Mean of predicted minus actual: above 0 the model promises too much."""
    return mean_of(rows.predicted - rows.outcome)


def r2(rows: Rows) -> Scorer:
    """1 - squared error / squared distance from the mean."""
    y, squared = rows.outcome, (rows.predicted - rows.outcome) ** 2

    def of(weights: Floats) -> float:
        total = float(weights.sum())
        if total <= 0:
            return float("nan")
        around = float(weights @ (y - (weights @ y) / total) ** 2)
        return 1.0 - float(weights @ squared) / around if around > 0 else float("nan")

    return Scorer(of=of, n=len(rows))


def rate_gap(rows: Rows) -> Scorer:
    """|mean predicted - mean actual| / |mean actual|: how far predictions are off in the large."""
    off = rows.predicted - rows.outcome

    def of(weights: Floats) -> float:
        actual = abs(float(weights @ rows.outcome))
        return abs(float(weights @ off)) / actual if actual > 0 else float("nan")

    return Scorer(of=of, n=len(rows))
