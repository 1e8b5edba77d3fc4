"""Ranks with ties shared, and the two strengths of order made of them: AUC and Spearman's rho."""

from __future__ import annotations

import numpy as np

from tidemill.measure.arrays import Bools, Floats


def midranks(values: Floats) -> Floats:
    """Rank of each value, 1 = smallest; equal values share the mean of their ranks."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))[: len(values)]
    sizes = np.diff(np.append(starts, len(values)))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat(starts + (sizes + 1) / 2, sizes)
    return ranks


def auc(positive: Bools, values: Floats) -> float:
    """P(a positive's value > a negative's) + P(equal) / 2 (Mann-Whitney); NaN where one class is missing."""
    hits = int(positive.sum())
    misses = len(positive) - hits
    if hits == 0 or misses == 0:
        return float("nan")
    return float((midranks(values)[positive].sum() - hits * (hits + 1) / 2) / (hits * misses))


def spearman(left: Floats, right: Floats) -> float:
    """Correlation of the midranks, -1 to 1; NaN where one side is constant."""
    if not len(left):
        return float("nan")
    a, b = midranks(left), midranks(right)
    a -= a.mean()
    b -= b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b / scale) if scale > 0 else float("nan")
