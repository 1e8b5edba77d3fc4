"""How sure a share of independent yes-or-no units is, and the difference between two such shares."""

from __future__ import annotations

from math import inf, sqrt

from tidemill.measure.estimate import Estimate, unknown
from tidemill.measure.tails import normal_quantile


def wilson(hits: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The two-sided interval of the share hits / n (Wilson 1927); 0 to 1 where n is 0."""
    if n == 0:
        return 0.0, 1.0
    z = normal_quantile((1.0 + confidence) / 2)
    share, pulled = hits / n, z * z / n
    middle = (share + pulled / 2) / (1 + pulled)
    half = z * sqrt(share * (1 - share) / n + pulled / (4 * n)) / (1 + pulled)
    return max(0.0, middle - half), min(1.0, middle + half)


def apart(hits: int, n: int, other_hits: int, other_n: int) -> Estimate:
    """The first arm's share less the second's, for arms of different units: conversion or error rate of a canary.

    The error is that of Agresti and Caffo (2000), who add one hit and one miss to each arm: no hit at all is not
    certainty.
    """
    if n == 0 or other_n == 0:
        return unknown("too-few" if n or other_n else "empty", n + other_n)
    added, other_added = (hits + 1) / (n + 2), (other_hits + 1) / (other_n + 2)
    se = sqrt(added * (1 - added) / (n + 2) + other_added * (1 - other_added) / (other_n + 2))
    return Estimate(value=hits / n - other_hits / other_n, se=se, df=inf, n=n + other_n, support=min(n, other_n))
