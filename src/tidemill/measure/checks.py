"""A check on answers becomes a verdict: the one reading of gates, canary requirements and monitors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tidemill.facts.data import Value
from tidemill.facts.model import Outcome, Verdict
from tidemill.measure.answers import Answers, figure, paired
from tidemill.measure.estimate import Estimate
from tidemill.measure.fair import fairness
from tidemill.measure.judge import Judgement, at_least, at_most, non_inferior
from tidemill.spec.check import AtLeast, AtMost, Check, Fair, NoDrift, NotWorse, check_text, metric_text

CHAMPION = "champion"
FEWEST_IN_SLICE = 30
WORST: tuple[Outcome, ...] = ("failed", "undecided", "passed")


def verdict(check: Check, answers: Answers, *, seed: int, confidence: float = 0.95) -> Verdict:
    """The verdict of a check that outcomes and predictions can tell (not of serving metrics, nor of drift).

    `not_worse` compares with the contestant `champion`, and passes where there is none (`no-champion`).
    """
    if isinstance(check, NotWorse):
        return not_worse(check, answers, seed=seed, confidence=confidence)
    if isinstance(check, Fair):
        return fair(check, answers)
    if isinstance(check, NoDrift):
        raise TypeError("drift is told by columns, not by answers")
    if check.where is not None:
        answers = answers.take(answers.masks[check.where.text])
    if check.by is not None:
        return worst_slice(check, answers, seed=seed, confidence=confidence)
    return bounded(check, figure(check.metric, answers, seed=seed), confidence=confidence)


def bounded(check: AtLeast | AtMost, found: Estimate, *, confidence: float = 0.95) -> Verdict:
    """A figure against its bound, by the bound of its interval and not by the point."""
    judge = at_least if isinstance(check, AtLeast) else at_most
    return of(check, judge(found, check.bound, confidence=confidence))


def by_interval(
    check: AtLeast | AtMost, value: float | None, low: float | None, high: float | None, *, n: int
) -> Verdict:
    """A measured figure with its interval against the bound, where an end may lie beyond what was measured (None)."""
    most = isinstance(check, AtMost)
    shown = high is not None and high <= check.bound if most else low is not None and low >= check.bound
    refuted = low is not None and low > check.bound if most else high is not None and high < check.bound
    outcome: Outcome = "passed" if shown else "failed" if refuted else "undecided"
    few = value is None or low is None or high is None
    reasons = {"passed": "shown", "failed": "beyond-bound", "undecided": "too-few" if few else "not-shown"}
    return Verdict(
        check=check_text(check),
        value=value,
        bound=check.bound,
        outcome=outcome,
        reason=reasons[outcome],
        low=low,
        high=high,
        n=n,
    )


def unmeasured(check: Check, reason: str, *, outcome: Outcome = "undecided", **fields: Value) -> Verdict:
    """A check without a figure, and why."""
    bound = check.bound if isinstance(check, AtLeast | AtMost) else None
    return Verdict(check=check_text(check), value=None, bound=bound, outcome=outcome, reason=reason, fields=fields)


def of(check: Check, judged: Judgement, **fields: Value) -> Verdict:
    """A judgement as a verdict."""
    return Verdict(
        check=check_text(check),
        value=judged.value,
        bound=judged.bound,
        outcome=judged.outcome,
        reason=judged.why,
        low=judged.low,
        high=judged.high,
        n=judged.n,
        fields=fields if judged.needed is None else {"needed": judged.needed, **fields},
    )


def not_worse(check: NotWorse, answers: Answers, *, seed: int, confidence: float) -> Verdict:
    """The paired difference to the champion, on the rows that both answered and neither was trained on."""
    if CHAMPION not in answers.predicted:
        return replace(unmeasured(check, "no-champion", outcome="passed"), bound=-check.margin)
    judged = non_inferior(
        paired(check.metric, answers, second=CHAMPION, seed=seed), check.margin, confidence=confidence
    )
    rows = answers.answered("", CHAMPION)
    own, other = (figure(check.metric, rows, of=name, seed=seed).value for name in ("", CHAMPION))
    return of(check, judged, metric=metric_text(check.metric), own=own, champion=other)


def worst_slice(check: AtLeast | AtMost, answers: Answers, *, seed: int, confidence: float) -> Verdict:
    """The verdict of the slice that stands worst; slices under 30 rows are not judged, and it says how many."""
    column = answers.columns[str(check.by)]
    values = list(dict.fromkeys(column.tolist()))
    judged: list[tuple[object, Verdict]] = []
    for value in values:
        rows = np.fromiter((item == value for item in column), np.bool_, len(column))
        if rows.sum() >= FEWEST_IN_SLICE:
            part = figure(check.metric, answers.take(rows), seed=seed)
            judged.append((value, bounded(check, part, confidence=confidence)))
    if not judged:
        return replace(unmeasured(check, "too-few"), n=len(column))
    sign = 1.0 if isinstance(check, AtLeast) else -1.0
    value, worst = min(judged, key=lambda one: (WORST.index(one[1].outcome), sign * (one[1].value or 0.0)))
    left = len(values) - len(judged)
    return replace(worst, fields={**worst.fields, "slice": str(value), "slices": len(judged), "too_small": left})


def fair(check: Fair, answers: Answers) -> Verdict:
    """The lowest group rate of the decision over the highest, against the ratio; small groups are shown, not judged."""
    found = fairness(answers.columns["decision"] == check.decision, answers.columns[check.group.text])
    fields: dict[str, Value] = {}
    for name, rate in (("lowest", found.lowest), ("highest", found.highest)):
        if rate is not None:
            fields |= {name: str(rate.group), f"{name}_rate": rate.rate, f"{name}_n": rate.n}
    if found.ratio is None or found.low is None or found.high is None:
        outcome: Outcome = "undecided"
    else:
        outcome = "passed" if found.ratio >= check.ratio else "failed" if found.high < check.ratio else "undecided"
    reasons = {"passed": "shown", "failed": "beyond-bound", "undecided": found.reason or "not-shown"}
    return Verdict(
        check=check_text(check),
        value=found.ratio,
        bound=check.ratio,
        outcome=outcome,
        reason=reasons[outcome],
        low=found.low,
        high=found.high,
        n=found.n,
        fields=fields,
    )
