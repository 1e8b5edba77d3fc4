"""Decides from verdicts whether a version may be released."""

from __future__ import annotations

from dataclasses import replace

from tidemill.facts.data import Value
from tidemill.facts.model import Evaluation, ModelVersion, Validation, Verdict
from tidemill.facts.release import Release
from tidemill.loop.decision import Decision, numbers
from tidemill.loop.transition import moved
from tidemill.spec.check import HIGHER_IS_BETTER

GATE, OPEN = "gate", "open"
"""Fields of a release: what its gate said, and the texts of the checks that it left undecided."""


def decide(validation: Validation, version: ModelVersion, now_us: int) -> Decision:
    """The version's release: validated (with the checks that are still open), or refused with the numbers of why."""
    release = Release(
        system=version.system,
        model=version.model,
        ordinal=version.ordinal,
        bundle=version.bundle,
        state="validated",
        step_since_us=now_us,
        reason=f"gate-{validation.outcome}",
        fields={GATE: validation.outcome, OPEN: open_checks(validation)},
        at_us=now_us,
    )
    if validation.outcome == "failed":
        failed = [verdict for verdict in validation.verdicts if verdict.outcome == "failed"]
        return refused(release, failed[0], more=len(failed) - 1)
    fields: dict[str, Value] = {"version": version.name}
    code, verdicts = "verdict.passed", validation.verdicts
    if validation.outcome == "undecided":
        code = "verdict.undecided"
        first = next(verdict for verdict in verdicts if verdict.outcome == "undecided")
        needed = {"needed": first.fields["needed"]} if "needed" in first.fields else {}
        fields |= {**numbers(first), **needed}
    elif not verdicts:
        code = "verdict.ungated"
    else:
        fields |= {"check": verdicts[0].check} if len(verdicts) == 1 else {"checks": len(verdicts)}
    return Decision(code=code, model=version.model, subject=version.name, fields=fields, releases=(release,))


def refused(release: Release, failed: Verdict, *, more: int = 0) -> Decision:
    """The release refused, with the numbers of the check that failed and how many others did."""
    fields: dict[str, Value] = {"version": release.name, **numbers(failed), "more": more or None}
    fields |= {name: value for name, value in failed.fields.items() if name in {"slice", "own", "champion"}}
    shut = moved(release, "refused", release.at_us, reason="gate-failed", fields={"failed": failed.check})
    return Decision(code="verdict.refused", model=release.model, subject=release.name, fields=fields, releases=(shut,))


def open_checks(validation: Validation) -> tuple[str, ...]:
    """The checks that the gate could not decide."""
    return tuple(verdict.check for verdict in validation.verdicts if verdict.outcome == "undecided")


def refit_verdict(tested: Evaluation, refit: Evaluation) -> Verdict:
    """Whether the refit of a tested version answers its test rows no worse than that did, in any figure of theirs.

    It was trained on those rows, so a figure that lies a whole width of the tested version's interval beyond the worse
    end of it means that something broke on the way. The verdict is that of the figure that fell farthest.
    """
    before = {score.metric: score for score in tested.scores if score.part == "test" and not score.against}
    fallen: list[tuple[float, Verdict]] = []
    for score in refit.scores:
        old = before.get(score.metric)
        if score.part != "test" or score.against or score.metric == "bias" or old is None:
            continue
        if score.value is not None and old.low is not None and old.high is not None:
            beyond, verdict = fall(score.metric, score.value, (old.low, old.high))
            fallen.append((beyond, replace(verdict, n=score.n)))
    if not fallen:
        return Verdict(check="refit", value=None, bound=None, outcome="undecided", reason="not-measured")
    return max(fallen, key=lambda one: one[0])[1]


def fall(metric: str, value: float, interval: tuple[float, float]) -> tuple[float, Verdict]:
    """How far the value lies beyond the bound, in widths of the interval (negative: it does not), and the verdict."""
    low, high = interval
    width = high - low
    higher = metric.partition(" ")[0] in HIGHER_IS_BETTER
    bound = low - width if higher else high + width
    beyond = (bound - value if higher else value - bound) / max(width, 1e-12)
    sign = ">=" if higher else "<="
    return beyond, Verdict(
        check=f"refit {metric} {sign} {bound:.6g}",
        value=value,
        bound=bound,
        outcome="failed" if beyond > 0 else "passed",
        reason="beyond-bound" if beyond > 0 else "shown",
    )
