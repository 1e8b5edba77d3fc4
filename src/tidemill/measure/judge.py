"""From a figure with its error to passed, failed or undecided."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

from tidemill.facts.model import Outcome
from tidemill.measure.estimate import Estimate, Reason
from tidemill.measure.tails import normal_quantile

POWER = 0.8

Why = Reason | Literal["shown", "shown-better", "not-shown", "worse", "beyond-bound"]
"""shown, shown-better: passed. worse, beyond-bound: failed. not-shown, or a figure's own reason: undecided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """An outcome with its numbers: `low` and `high` are the one-sided bounds at `confidence` that it was decided on.

    `needed`: about how many rows in all would decide it, were the figure to stay as it is; None where more would not
    help.
    """

    outcome: Outcome
    why: Why
    value: float | None
    low: float | None
    high: float | None
    bound: float
    n: int
    confidence: float
    needed: int | None = None


def non_inferior(difference: Estimate, margin: float, *, confidence: float = 0.95) -> Judgement:
    """Whether the first is not worse than the second by more than the margin; `difference` as of `compare.difference`.

    passed: the lower bound is at or above -margin; `shown-better` if it is above 0 too. failed: the upper bound is
    below 0, so that it is worse for sure, and by its value by more than the margin. Else undecided: too few rows never
    pass, and bad luck never fails. (The outcomes of a non-inferiority trial, Piaggio and others 2012, where a trial
    that is "worse but perhaps within the margin" is told by its value.) After k tries on the same rows ask for
    confidence 1 - (1 - c) / k.
    """
    low, high = difference.lower(confidence), difference.upper(confidence)

    def judged(outcome: Outcome, why: Why, needed: int | None = None) -> Judgement:
        return _judgement(difference, outcome, why, bound=-margin, confidence=confidence, needed=needed)

    if difference.value is None or low is None or high is None or difference.support < difference.fewest:
        return judged("undecided", difference.reason or "too-few", _needed(difference, -margin, confidence))
    if low >= -margin:
        return judged("passed", "shown-better" if low > 0 else "shown")
    if high < 0 and difference.value < -margin:
        return judged("failed", "worse")
    return judged("undecided", "not-shown", _needed(difference, -margin, confidence))


def at_least(figure: Estimate, bound: float, *, confidence: float = 0.95) -> Judgement:
    """Whether the figure is not below the bound: passed if its lower bound is not, failed if its upper bound is."""
    low, high = figure.lower(confidence), figure.upper(confidence)
    shown, refuted = low is not None and low >= bound, high is not None and high < bound
    return _beside_bound(figure, bound, confidence, shown=shown, refuted=refuted)


def at_most(figure: Estimate, bound: float, *, confidence: float = 0.95) -> Judgement:
    """Whether the figure is not above the bound: passed if its upper bound is not, failed if its lower bound is."""
    low, high = figure.lower(confidence), figure.upper(confidence)
    shown, refuted = high is not None and high <= bound, low is not None and low > bound
    return _beside_bound(figure, bound, confidence, shown=shown, refuted=refuted)


def holm(p_values: tuple[float, ...], alpha: float) -> tuple[bool, ...]:
    """Which of several findings hold together with a chance of any false one of at most alpha (Holm 1979)."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    held = [False] * len(p_values)
    for passed, i in enumerate(order):
        if p_values[i] > alpha / (len(order) - passed):
            break
        held[i] = True
    return tuple(held)


def _beside_bound(figure: Estimate, bound: float, confidence: float, *, shown: bool, refuted: bool) -> Judgement:
    few = figure.value is None or figure.se is None or figure.support < figure.fewest
    outcome: Outcome = "undecided" if few else "passed" if shown else "failed" if refuted else "undecided"
    why: Why = (figure.reason or "too-few") if few else "shown" if shown else "beyond-bound" if refuted else "not-shown"
    needed = _needed(figure, bound, confidence) if outcome == "undecided" else None
    return _judgement(figure, outcome, why, bound=bound, confidence=confidence, needed=needed)


def _judgement(
    figure: Estimate, outcome: Outcome, why: Why, *, bound: float, confidence: float, needed: int | None
) -> Judgement:
    return Judgement(
        outcome=outcome,
        why=why,
        value=figure.value,
        low=figure.lower(confidence),
        high=figure.upper(confidence),
        bound=bound,
        n=figure.n,
        confidence=confidence,
        needed=needed,
    )


def _needed(figure: Estimate, bound: float, confidence: float) -> int | None:
    """Rows that would decide in 80 of 100 cases, the error shrinking with the root of the rows."""
    if figure.value is None or not figure.se or figure.value == bound:
        return None
    reach = (normal_quantile(confidence) + normal_quantile(POWER)) * figure.se / abs(figure.value - bound)
    return max(figure.n + 1, ceil(figure.n * reach * reach))
