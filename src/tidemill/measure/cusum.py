"""Small shifts that last: the cumulative sum of standardised residuals (Page 1954)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tidemill.measure.arrays import Floats

SLACK = 0.5
"""Half of the shift worth finding, in standard deviations (k)."""
LIMIT = 6.0
"""Sum beyond which it is found (h): one false alarm a side in about 2,600 steps, a shift of 1 found in about 12."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cusum:
    """Both sums after each step, and the steps at which one passed the limit (it starts anew there)."""

    up: tuple[float, ...]
    down: tuple[float, ...]
    up_alarms: tuple[int, ...]
    down_alarms: tuple[int, ...]


def cusum(residuals: Floats, *, slack: float = SLACK, limit: float = LIMIT) -> Cusum:
    """One-sided sums of residuals that should have mean 0 and deviation 1: `up` of too many, `down` of too few."""
    up, up_alarms = _one_side(residuals, slack, limit)
    down, down_alarms = _one_side(-residuals, slack, limit)
    return Cusum(up=up, down=down, up_alarms=up_alarms, down_alarms=down_alarms)


def residuals(expected: Floats, actual: Floats, variance: Floats, *, phi: float = 1.0) -> Floats:
    """(actual - expected) / sqrt(phi variance) per cohort: sums of outcomes, of chances p, and of p (1 - p)."""
    return (actual - expected) / np.sqrt(phi * variance)


def overdispersion(expected: Floats, actual: Floats, variance: Floats) -> float:
    """phi: mean squared residual of cohorts that are in order, at least 1: days differ by more than chance."""
    return max(1.0, float((residuals(expected, actual, variance) ** 2).mean())) if len(expected) else 1.0


def run_length(shift: float, *, slack: float = SLACK, limit: float = LIMIT) -> float:
    """Mean steps until one side alarms under a constant shift in deviations (Siegmund 1985: limit + 1.166)."""
    drift, wall = shift - slack, limit + 1.166
    if drift == 0:
        return wall * wall
    return float((np.exp(-2 * drift * wall) + 2 * drift * wall - 1) / (2 * drift * drift))


def _one_side(residuals: Floats, slack: float, limit: float) -> tuple[tuple[float, ...], tuple[int, ...]]:
    total, sums, alarms = 0.0, [], []
    for step, residual in enumerate(residuals.tolist()):
        total = max(0.0, total + residual - slack)
        sums.append(total)
        if total > limit:
            alarms.append(step)
            total = 0.0
    return tuple(sums), tuple(alarms)
