"""Percentiles of latencies with the interval that their order gives."""

from __future__ import annotations

from math import ceil

import numpy as np

from tidemill.measure.arrays import Floats
from tidemill.measure.estimate import Interval
from tidemill.measure.tails import binomial_at_most


def percentile(samples: Floats, share: float, *, confidence: float = 0.95) -> Interval:
    """The smallest sample that at least that share of samples does not exceed, 0 < share < 1.

    The interval assumes nothing of the distribution: how many of n samples lie below the true percentile is binomial,
    so two order statistics hold it with at least that confidence (David, Nagaraja 2003, 7.1). A bound that would lie
    beyond the samples is None (`too-few`): a p99 has no upper bound from fewer than 368.
    """
    n = len(samples)
    if n == 0:
        return Interval(value=None, low=None, high=None, n=0, confidence=confidence, reason="empty")
    ordered = np.sort(samples)
    tail = (1.0 - confidence) / 2
    low, high = _below(n, share, tail), _below(n, share, 1.0 - tail) + 1  # ranks, from 1
    return Interval(
        value=float(ordered[max(1, ceil(round(share * n, 9))) - 1]),
        low=float(ordered[low - 1]) if low >= 1 else None,
        high=float(ordered[high - 1]) if high <= n else None,
        n=n,
        confidence=confidence,
        reason=None if low >= 1 and high <= n else "too-few",
    )


def _below(n: int, share: float, p: float) -> int:
    """The least k such that at most k of n samples lie below the percentile with a chance of p or more."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if binomial_at_most(middle, n, share) >= p else (middle + 1, high)
    return low
