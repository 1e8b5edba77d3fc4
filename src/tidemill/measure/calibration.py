"""Whether a predicted chance comes true as often as it says: bins, their mean distance, and the line through them."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.estimate import Reason
from tidemill.measure.rows import Rows, Scorer, beside, both_classes, probability, some, yes_no
from tidemill.measure.share import wilson

BINS = 20
_CLIP = 1e-12
_STEPS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Predictions of about the same size: their mean, the share that came true with its 95 % interval, and the rows."""

    predicted: float
    actual: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The logistic line of the outcome on the prediction's logit: 1 and 0 where calibrated."""

    slope: float | None
    intercept: float | None
    n: int
    reason: Reason | None = None


def ece(rows: Rows) -> Scorer:
    """Mean distance of predicted and actual over 20 bins of equal mass, less the distance that chance alone would add.

    Chance adds sampling noise to every bin, so a perfect model shows a plain ECE above 0. Expected is what the noise of
    a bin's rate adds to its distance when drawn again; that much is taken off (Kumar, Liang, Ma 2019, with the mean of
    the normal draws in closed form: the folded normal). Not below 0. Equal predictions share a bin.
    """
    bins = _bins(rows.predicted)

    def of(weights: Floats) -> float:
        n = np.bincount(bins, weights=weights)
        filled = n > 0
        n = n[filled]
        actual = np.bincount(bins, weights=weights * rows.outcome)[filled] / n
        apart = np.abs(np.bincount(bins, weights=weights * rows.predicted)[filled] / n - actual)
        noise = np.sqrt(actual * (1.0 - actual) / n)
        again = np.array([_folded(float(d), float(s)) for d, s in zip(apart, noise, strict=True)])
        return max(0.0, float(n @ (2 * apart - again) / n.sum())) if len(n) else float("nan")

    return Scorer(of=of, n=len(rows))


def reliability(outcome: NDArray[Any], predicted: NDArray[Any], bins: int = BINS) -> tuple[Bin, ...]:
    """The bins of a reliability diagram, lowest predictions first; none where these are no chances of a yes or no."""
    rows = beside(outcome, predicted)
    if some(rows) or yes_no(rows) or probability(rows):
        return ()
    number = _bins(rows.predicted, bins)
    n = np.bincount(number)
    predicted = np.bincount(number, weights=rows.predicted)
    actual = np.bincount(number, weights=rows.outcome)
    found = []
    for i in np.flatnonzero(n):
        hits, size = int(actual[i]), int(n[i])
        low, high = wilson(hits, size)
        found.append(Bin(predicted=float(predicted[i] / size), actual=hits / size, low=low, high=high, n=size))
    return tuple(found)


def line(outcome: NDArray[Any], predicted: NDArray[Any]) -> Line:
    """Slope and intercept of the recalibration line (Cox 1958), by Newton's method on the two-parameter likelihood."""
    rows = beside(outcome, predicted)
    reason = some(rows) or yes_no(rows) or probability(rows) or both_classes(rows)
    chance = np.clip(rows.predicted, _CLIP, 1.0 - _CLIP)
    logit = np.log(chance / (1.0 - chance))
    if reason is None and np.ptp(logit) == 0:
        reason = "prediction-constant"
    if reason is not None:
        return Line(slope=None, intercept=None, n=len(rows), reason=reason)
    centre, spread = float(logit.mean()), float(logit.std())
    design = np.column_stack([np.ones_like(logit), (logit - centre) / spread])
    fitted = np.zeros(2)
    for _ in range(_STEPS):
        mean = 1.0 / (1.0 + np.exp(-np.clip(design @ fitted, -30, 30)))
        curvature = design.T @ (design * (mean * (1.0 - mean))[:, None])
        step = np.linalg.solve(curvature + np.eye(2) * _CLIP, design.T @ (rows.outcome - mean))
        fitted += np.clip(step, -5.0, 5.0)
        if float(np.abs(step).max()) < _CLIP:
            break
    slope = float(fitted[1]) / spread
    return Line(slope=slope, intercept=float(fitted[0]) - slope * centre, n=len(rows))


def _bins(predicted: Floats, count: int = BINS) -> Ints:
    edges = np.unique(np.quantile(predicted, np.linspace(0, 1, count + 1)[1:-1]))
    return np.searchsorted(edges, predicted, side="left").astype(np.int64)


def _folded(mean: float, sd: float) -> float:
    """E|X| of a normal X."""
    if sd == 0.0:
        return abs(mean)
    return sd * sqrt(2 / pi) * exp(-mean * mean / (2 * sd * sd)) + mean * erf(mean / (sd * sqrt(2)))
