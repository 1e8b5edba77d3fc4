"""A figure from a sample and how far it may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import Literal

from tidemill.measure.tails import student_above, student_quantile

Reason = Literal[
    "empty",  # no row
    "outcome-missing",  # an outcome is NaN: immature rows were not left out
    "outcome-not-yes-no",  # an outcome is neither 0 nor 1
    "outcome-negative",  # a relevance below 0
    "outcome-constant",  # all outcomes are equal
    "outcome-zero",  # an outcome is 0 and the metric divides by it
    "prediction-not-finite",  # a prediction is NaN or infinite
    "prediction-not-a-probability",  # a prediction is outside 0 to 1
    "prediction-constant",  # no difference between predictions to learn from
    "one-class",  # only positives or only negatives
    "no-positive",  # no positive outcome, or no group that has one
    "none-chosen",  # the decision is yes for no row
    "no-groups",  # a ranking metric without its groups
    "too-few",  # too few independent units for an interval
]
"""Why a figure, or its interval, cannot be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A metric's value on `n` rows (groups, for ranking metrics); None with the reason where it is undefined."""

    value: float | None
    n: int
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure with its two-sided bounds; a bound that cannot be had is None, and `reason` says why."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    confidence: float = 0.95
    reason: Reason | None = None


FEWEST = 10
"""Independent rows (of the rarer class for AUC) below which nothing is decided: errors are not to be trusted there."""
FEWEST_ENTITIES = 6
"""The same where rows hang together by entity: Student's t with so few degrees of freedom already allows for it."""

Scale = Literal["share", "positive", "free"]
"""Where a figure can lie: 0 to 1, 0 and above, anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its standard error, from which bounds at any confidence follow, by Student's t with `df`.

    Bounds of a share are made on the logit scale, which keeps them between 0 and 1 and honest near the ends. A share of
    exactly 0 or 1 has no standard error to go by: there the bound is Clopper and Pearson's for `support` independent
    trials that all went one way (entities; for AUC pairs of one positive and one negative, no two sharing an entity).
    `alike`: whether a zero error means equality; where it only means that no unit disagreed, bounds are made the same
    way. `fewest`: the support below which nothing is decided on it.
    """

    value: float | None
    se: float | None
    df: float
    n: int
    support: int
    fewest: int = FEWEST
    scale: Scale = "free"
    alike: bool = True
    reason: Reason | None = None

    def lower(self, confidence: float) -> float | None:
        """The one-sided lower bound at that confidence; None where it cannot be had."""
        return self._bound(confidence, -1.0)

    def upper(self, confidence: float) -> float | None:
        """The one-sided upper bound at that confidence; None where it cannot be had."""
        return self._bound(confidence, 1.0)

    def interval(self, confidence: float = 0.95) -> Interval:
        """The two-sided interval: half of the error on each side."""
        side = (1.0 + confidence) / 2
        low, high = self.lower(side), self.upper(side)
        return Interval(value=self.value, low=low, high=high, n=self.n, confidence=confidence, reason=self.reason)

    def p_value(self, against: float = 0.0) -> float | None:
        """Two-sided p-value of the figure being `against`; with zero error 1, unless the figure is known to differ."""
        if self.value is None or self.se is None:
            return None
        if self.se == 0.0:
            return 0.0 if self.alike and self.value != against else 1.0
        return 2 * student_above(abs(self.value - against) / self.se, self.df)

    def _bound(self, confidence: float, side: float) -> float | None:
        if self.value is None or self.se is None:
            return None
        doubt: float = 1.0 - (1.0 - confidence) ** (1.0 / self.support)
        if not self.alike:
            return self.value + side * doubt
        reach = side * student_quantile(confidence, self.df) * self.se
        if self.scale == "share" and self.value in {0.0, 1.0}:
            return min(max(self.value + side * max(doubt, abs(reach)), 0.0), 1.0)
        if self.scale == "share":
            odds_reach = reach / (self.value * (1.0 - self.value))
            return _logistic(log(self.value / (1.0 - self.value)) + odds_reach)
        return max(0.0, self.value + reach) if self.scale == "positive" else self.value + reach


def unknown(reason: Reason, n: int) -> Estimate:
    """The estimate that cannot be had."""
    return Estimate(value=None, se=None, df=1.0, n=n, support=0, reason=reason)


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + exp(-x)) if x > -700.0 else 0.0
