"""How the rate of one decision differs between groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.measure.arrays import Bools
from tidemill.measure.column import codes
from tidemill.measure.estimate import Reason
from tidemill.measure.share import wilson
from tidemill.measure.tails import normal_quantile

FEWEST = 30
"""Rows below which a group is shown but not judged: a few decisions would set the ratio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """The decision's rate in one group (None = null), its 95 % interval, and if the group is large enough to judge."""

    group: object
    rate: float
    low: float
    high: float
    n: int
    judged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """All rates, the largest group first, and the lowest judged rate over the highest (demographic parity ratio).

    `low`, `high`: 95 % interval of that ratio, as if its two groups had been named before (Katz and others 1978).
    """

    rates: tuple[Rate, ...]
    ratio: float | None
    low: float | None
    high: float | None
    lowest: Rate | None
    highest: Rate | None
    n: int
    reason: Reason | None = None


def fairness(decided: Bools, group: NDArray[Any]) -> Fairness:
    """Rates of a yes decision by group; no ratio with fewer than two groups to judge, or if none of them gets a yes."""
    code, values = codes(group)
    n = np.bincount(code, minlength=len(values))
    hits = np.bincount(code[decided], minlength=len(values))
    rates = [_rate(value, int(hits[i]), int(n[i])) for i, value in enumerate(values)]
    rates.sort(key=lambda rate: rate.n, reverse=True)
    judged = [rate for rate in rates if rate.judged]
    reason: Reason | None = "empty" if not rates else "too-few" if len(judged) < 2 else None
    if reason is None and not any(rate.rate for rate in judged):
        reason = "none-chosen"
    return _fairness(rates, judged, len(code), reason)


def _rate(group: object, hits: int, n: int) -> Rate:
    low, high = wilson(hits, n)
    return Rate(group=group, rate=hits / n, low=low, high=high, n=n, judged=n >= FEWEST)


def _fairness(rates: Sequence[Rate], judged: Sequence[Rate], n: int, reason: Reason | None) -> Fairness:
    if reason is not None:
        return Fairness(
            rates=tuple(rates), ratio=None, low=None, high=None, lowest=None, highest=None, n=n, reason=reason
        )
    lowest, highest = min(judged, key=lambda rate: rate.rate), max(judged, key=lambda rate: rate.rate)
    low, high = _ratio_interval(lowest, highest)
    ratio = lowest.rate / highest.rate
    return Fairness(rates=tuple(rates), ratio=ratio, low=low, high=high, lowest=lowest, highest=highest, n=n)


def _ratio_interval(below: Rate, above: Rate) -> tuple[float, float]:
    """On the log scale, half a yes added to each group, so that no yes at all has an interval too."""
    hits, other = below.rate * below.n + 0.5, above.rate * above.n + 0.5
    n, other_n = below.n + 0.5, above.n + 0.5
    middle = log(hits / n) - log(other / other_n)
    half = normal_quantile(0.975) * sqrt(1 / hits - 1 / n + 1 / other - 1 / other_n)
    ratio = below.rate / above.rate
    return min(exp(middle - half), ratio), max(exp(middle + half), ratio)
