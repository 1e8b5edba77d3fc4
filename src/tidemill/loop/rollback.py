"""Decides what follows when the champion misses a bound: take the previous version back, or train anew."""

from __future__ import annotations

from tidemill.facts.data import Value
from tidemill.facts.release import Release
from tidemill.facts.signal import Firing, Reading
from tidemill.loop.decision import Decision, numbers
from tidemill.loop.promote import swapped
from tidemill.loop.situation import Situation
from tidemill.spec.check import SERVING, AtLeast, AtMost, Check, Fair, NotWorse, check_text
from tidemill.spec.model import Model

Bounded = AtLeast | AtMost | Fair
JUDGED = frozenset({"shown", "shown-better", "not-shown", "worse"})
"""Reasons of a comparison that has enough rows for its bounds to be trusted."""
MISSED = "bound-missed"
SLACK = 0.01
"""Margin where the model's gates name none: this part of the bound that was missed."""


def decide(situation: Situation) -> Decision | None:
    """What follows from the champion's worst missed bound; None while it keeps all of them.

    The previous version is taken back only if it is shown to be not worse on the same mature rows (for latency and
    errors: if it kept the bound itself, and the champion is fresh); else the world has changed, and a run is wanted.
    """
    champion = situation.champion
    missed = () if champion is None else missed_bounds(champion, situation)
    if champion is None or not missed:
        return None
    previous = situation.previous
    if previous is not None and not is_resting(situation):
        for check, reading in missed:
            better = compared(check, reading, champion, previous, situation)
            if better is not None:
                return back(champion, previous, situation, reading, better)
    return None if situation.paused else anew(champion, situation, *missed[0])


def missed_bounds(champion: Release, situation: Situation) -> tuple[tuple[Bounded, Reading], ...]:
    """The champion's bounds whose newest reading since it became champion failed. Drift is no bound of the model's."""
    bounds = {check_text(check): check for check in situation.watched if isinstance(check, Bounded)}
    newest = ((check, situation.read(champion.name, text)[:1]) for text, check in bounds.items())
    return tuple(
        (check, reading)
        for check, found in newest
        for reading in found
        if reading.outcome == "failed" and reading.until_us > champion.step_since_us
    )


def comparison(check: Check, model: Model) -> NotWorse | None:
    """The paired check that tells whether the previous version is not worse in the metric whose bound was missed.

    The margin is that of the model's gate on the same metric. None for what is not judged by pairs of predictions.
    """
    if not isinstance(check, AtLeast | AtMost) or check.metric in SERVING:
        return None
    for gate in model.gates:
        if isinstance(gate, NotWorse) and gate.metric == check.metric:
            return gate
    return NotWorse(metric=check.metric, margin=SLACK * abs(check.bound))


def comparison_text(check: NotWorse, previous: Release) -> str:
    """Under which name the champion's comparison with the previous version is read."""
    return f"{check_text(check)} than {previous.name}"


def compared(
    check: Check, missed: Reading, champion: Release, previous: Release, situation: Situation
) -> Reading | None:
    """The reading that shows the previous version to be not worse, or None."""
    if isinstance(check, AtLeast | AtMost) and check.metric in SERVING:
        kept = next(iter(situation.read(previous.name, check_text(check))), None)
        fresh = situation.now_us - champion.step_since_us <= situation.pace.bake_us
        return kept if fresh and kept is not None and kept.outcome == "passed" else None
    paired = comparison(check, situation.model)
    if paired is None:
        return None
    for reading in situation.read(champion.name, comparison_text(paired, previous)):
        if reading.until_us == missed.until_us:
            return reading if is_not_worse(reading, paired.margin) else None
    return None


def is_not_worse(reading: Reading, margin: float) -> bool:
    """Whether the previous version is not worse, from the champion's difference to it (positive: champion better).

    Shown when even the upper bound of the champion's lead is within the margin.
    """
    return reading.reason in JUDGED and reading.high is not None and reading.high <= margin


def is_resting(situation: Situation) -> bool:
    """Whether a champion of this model was taken back so lately that a person should look before it happens again."""
    taken = (release.step_since_us for release in situation.releases if release.reason == MISSED)
    return any(situation.now_us - since < situation.pace.rest_us for since in taken)


def back(champion: Release, previous: Release, situation: Situation, missed: Reading, better: Reading) -> Decision:
    """The previous version answers again."""
    beside: dict[str, Value] = {
        "before": previous.name,
        "difference": better.value,
        "difference_low": better.low,
        "difference_high": better.high,
    }
    return Decision(
        code="verdict.taken-back",
        model=situation.model.name,
        subject=champion.name,
        fields={"version": champion.name, **numbers(missed), **beside},
        severity="critical",
        releases=swapped(champion, previous, situation, reason=MISSED),
    )


def anew(champion: Release, situation: Situation, check: Bounded, missed: Reading) -> Decision:
    """A run is wanted, once for each reading."""
    firing = Firing(
        system=situation.system,
        model=situation.model.name,
        trigger=check_text(check),
        window=str(missed.until_us),
        evidence={"version": champion.name, **numbers(missed)},
        at_us=situation.now_us,
    )
    return Decision(
        code="verdict.retrain",
        model=situation.model.name,
        subject=champion.name,
        fields={"version": champion.name, **numbers(missed)},
        severity="critical",
        retrain=firing,
    )
