"""Decides the next step of a challenger's way into traffic: shadow, shares of traffic, champion, or taken back."""

from __future__ import annotations

from collections.abc import Mapping

from tidemill.facts.data import Value
from tidemill.facts.release import Release
from tidemill.facts.signal import Reading
from tidemill.loop.decision import Decision, numbers
from tidemill.loop.gate import GATE, OPEN
from tidemill.loop.promote import NOTHING, promoted
from tidemill.loop.situation import Situation
from tidemill.loop.transition import moved
from tidemill.spec.check import Check, check_text
from tidemill.spec.model import Canary

Evidence = tuple[tuple[Check, Reading | None], ...]


def decide(situation: Situation) -> Decision | None:
    """What happens with the live challenger, or with the newest version that waits; None if there is neither.

    A version that is harmed by its own numbers is taken back even while a person has paused the rest.
    """
    live = situation.live
    if live is not None:
        return go_on(live, situation)
    if situation.waiting and not situation.paused:
        return begin(situation)
    return None


def way(situation: Situation) -> Canary:
    """The declared release; without one: no canary, and a version whose gate is undecided waits in shadow."""
    return situation.model.release or Canary(shares=(), deadline_us=situation.pace.undecided_us)


def demanded(release: Release, situation: Situation) -> tuple[Check, ...]:
    """What must hold on live answers before the release's next step, to be read from them.

    In shadow: the checks that the gate left open. In canary: the declared requirements.
    """
    if release.state == "canary":
        return way(situation).require
    left = release.fields.get(OPEN, ())
    texts = left if isinstance(left, tuple) else ()
    return tuple(check for check in situation.model.gates if check_text(check) in texts)


def forbidden(release: Release, situation: Situation) -> tuple[Check, ...]:
    """What must not fail meanwhile: the requirements, in shadow too, and what the gate left open."""
    both = (*way(situation).require, *demanded(release, situation))
    return tuple({check_text(check): check for check in both}.values())


def begin(situation: Situation) -> Decision:
    """The newest waiting version begins; older ones that still wait have been overtaken."""
    newest, *older = situation.waiting
    now = situation.now_us
    overtaken = tuple(moved(each, "superseded", now, reason="overtaken") for each in older)
    declared = way(situation)
    if newest.fields.get(GATE) != "passed":
        started = moved(newest, "shadow", now, reason="gate-undecided", deadline_us=now + declared.deadline_us)
        return stepped("verdict.shadow", started, situation, overtaken)
    if situation.champion is None:
        return promoted(newest, situation, code="verdict.first", also=overtaken)
    if declared.shadow_us is not None:
        started = moved(newest, "shadow", now, reason="shadow-declared", deadline_us=None)
        return stepped("verdict.shadow", started, situation, overtaken)
    return next_share(newest, situation, overtaken)


def next_share(
    release: Release,
    situation: Situation,
    also: tuple[Release, ...] = (),
    fields: Mapping[str, Value] = NOTHING,
) -> Decision:
    """The next share of traffic, or the champion's place when there is none left (or nobody to share with)."""
    declared = way(situation)
    step = release.step + 1 if release.state == "canary" else 0
    if step >= len(declared.shares) or situation.champion is None:
        return promoted(release, situation, also=also, fields=fields)
    taken = moved(
        release,
        "canary",
        situation.now_us,
        reason="step-up",
        share=declared.shares[step],
        step=step,
        deadline_us=situation.now_us + declared.deadline_us,
    )
    return stepped("verdict.step-up", taken, situation, also, {"before": release.share, **fields})


def stepped(
    code: str,
    release: Release,
    situation: Situation,
    also: tuple[Release, ...] = (),
    fields: Mapping[str, Value] = NOTHING,
) -> Decision:
    """The decision that puts a release where it now is."""
    said: dict[str, Value] = {"version": release.name, "share": release.share, "deadline_us": release.deadline_us}
    return Decision(
        code=code,
        model=situation.model.name,
        subject=release.name,
        fields={**said, **fields},
        releases=(release, *also),
    )


def go_on(live: Release, situation: Situation) -> Decision | None:
    """Harm takes back at once; every demand met steps up; else it is held, until the deadline decides as declared."""
    for check, reading in situation.since_step(live, forbidden(live, situation)):
        if reading is not None and reading.outcome == "failed":
            return taken_back(live, situation, check, reading)
    if situation.paused:
        return None
    evidence = situation.since_step(live, demanded(live, situation))
    stayed = situation.now_us - live.step_since_us
    least = way(situation).shadow_us or 0 if live.state == "shadow" else situation.pace.stay_us
    if all(is_shown(reading) for _, reading in evidence) and stayed >= least:
        return next_share(live, situation, fields=decisive(evidence))
    if live.deadline_us is not None and situation.now_us >= live.deadline_us:
        return overdue(live, situation, evidence)
    return held(live, situation, evidence)


def is_shown(reading: Reading | None) -> bool:
    """Whether live answers show that the check holds; no data never does."""
    return reading is not None and reading.outcome == "passed" and reading.n > 0


def decisive(evidence: Evidence) -> dict[str, Value]:
    """The numbers of the demand that stands on the most answers; {} where nothing was demanded."""
    readings = [reading for _, reading in evidence if reading is not None]
    return numbers(max(readings, key=lambda reading: reading.n)) if readings else {}


def taken_back(live: Release, situation: Situation, check: Check, reading: Reading) -> Decision:
    """The challenger out of traffic, with the numbers of the check that failed."""
    back = moved(
        live, "rolled_back", situation.now_us, reason="requirement-failed", fields={"failed": check_text(check)}
    )
    return Decision(
        code="verdict.rolled-back",
        model=situation.model.name,
        subject=live.name,
        fields={"version": live.name, "state": live.state, "share": live.share, **numbers(reading)},
        severity="warning",
        releases=(back,),
    )


def overdue(live: Release, situation: Situation, evidence: Evidence) -> Decision:
    """Past its deadline: the declared outcome, keep the champion or promote the fresher version."""
    declared = way(situation)
    fields: dict[str, Value] = {"days": declared.deadline_us / 86_400e6, **open_of(evidence)}
    if declared.undecided == "promote_fresher":
        return promoted(live, situation, code="verdict.promoted-fresher", fields=fields)
    kept = moved(live, "superseded", situation.now_us, reason="undecided-at-deadline")
    champion = situation.champion
    return Decision(
        code="verdict.kept",
        model=situation.model.name,
        subject=live.name,
        fields={"version": live.name, "champion": champion.name if champion else "", **fields},
        releases=(kept,),
    )


def held(live: Release, situation: Situation, evidence: Evidence) -> Decision:
    """Why nothing moves yet: no data (which is no success), not enough of it, or only its time."""
    fields: dict[str, Value] = {
        "version": live.name,
        "share": live.share,
        "deadline_us": live.deadline_us,
        "shown": sum(is_shown(reading) for _, reading in evidence),
        "demands": len(evidence),
        **open_of(evidence),
    }
    still_open = [reading for _, reading in evidence if not is_shown(reading)]
    if not still_open:
        code = "verdict.hold-time"
    elif all(reading is None or reading.n == 0 for reading in still_open):
        code = "verdict.hold-no-data"
    else:
        code = "verdict.hold"
    return Decision(code=code, model=situation.model.name, subject=live.name, fields=fields)


def open_of(evidence: Evidence) -> dict[str, Value]:
    """The first demand that is not shown, with its numbers so far."""
    for check, reading in evidence:
        if not is_shown(reading):
            return {"check": check_text(check)} if reading is None else numbers(reading)
    return {}
