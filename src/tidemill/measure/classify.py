"""Metrics of a yes-or-no outcome: order, probability, decision."""

from __future__ import annotations

import numpy as np

from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.rows import Rows, Scorer

_EPS = float(np.finfo(np.float64).eps)


def roc_auc(rows: Rows) -> Scorer:
    """Chance that a positive is predicted above a negative, ties counted half (Hanley, McNeil 1982)."""
    order, starts = _ties(rows.predicted)
    positive = rows.outcome[order]

    def of(weights: Floats) -> float:
        ordered = weights[order]
        hits = np.add.reduceat(ordered * positive, starts)
        misses = np.add.reduceat(ordered * (1.0 - positive), starts)
        below = np.cumsum(misses) - misses
        return _ratio(float(hits @ (below + misses / 2)), float(hits.sum() * misses.sum()))

    return Scorer(of=of, n=len(rows))


def average_precision(rows: Rows) -> Scorer:
    """Precision at each threshold, averaged with the recall it adds; no interpolation (as scikit-learn)."""
    order, starts = _ties(-rows.predicted)
    positive = rows.outcome[order]

    def of(weights: Floats) -> float:
        ordered = weights[order]
        hits = np.add.reduceat(ordered * positive, starts)
        found, chosen = np.cumsum(hits), np.cumsum(np.add.reduceat(ordered, starts))
        precision = np.divide(found, chosen, out=np.zeros_like(found), where=chosen > 0)
        return _ratio(float(hits @ precision), float(hits.sum()))

    return Scorer(of=of, n=len(rows))


def log_loss(rows: Rows) -> Scorer:
    """Mean of -ln P(what happened); probabilities are clipped by the float's epsilon (as scikit-learn)."""
    chance = np.clip(rows.predicted, _EPS, 1.0 - _EPS)
    return mean_of(-np.log(np.where(rows.outcome == 1.0, chance, 1.0 - chance)))


def brier(rows: Rows) -> Scorer:
    """Mean squared distance of probability and outcome (Brier 1950)."""
    return mean_of((rows.predicted - rows.outcome) ** 2)


def accuracy(rows: Rows) -> Scorer:
    """Share of rows decided as it came."""
    return mean_of((rows.decided == rows.outcome).astype(np.float64))


def precision(rows: Rows) -> Scorer:
    """Share of positives among the rows decided yes."""
    return ratio_of(rows.decided * rows.outcome, rows.decided)


def recall(rows: Rows) -> Scorer:
    """Share of the positives that were decided yes."""
    return ratio_of(rows.decided * rows.outcome, rows.outcome)


def f1(rows: Rows) -> Scorer:
    """Harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN)."""
    return ratio_of(2 * rows.decided * rows.outcome, rows.decided + rows.outcome)


def mean_of(losses: Floats) -> Scorer:
    """A metric that is the mean of one number per row."""
    return ratio_of(losses, np.ones_like(losses))


def ratio_of(above: Floats, below: Floats) -> Scorer:
    """A metric that is the ratio of two sums over rows."""
    return Scorer(of=lambda weights: _ratio(float(weights @ above), float(weights @ below)), n=len(above))


def _ties(values: Floats) -> tuple[Ints, Ints]:
    """The order of the values, and where in that order each run of equal values begins."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    return order, np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else float("nan")
