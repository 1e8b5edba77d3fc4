"""Carries decisions out: the only hand of the loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from secrets import token_hex
from threading import Event as Signal
from time import monotonic

from tidemill.errors import BusyError, ModelError, StoreError
from tidemill.facts.data import Value
from tidemill.facts.event import Event
from tidemill.facts.release import Policy, Release
from tidemill.facts.signal import Reading
from tidemill.lifecycle.serve import stage as serving
from tidemill.loop import alert, canary, intake, policy, promote
from tidemill.loop.decision import Decision
from tidemill.loop.hold import Hold, acquire
from tidemill.loop.mill import Mill
from tidemill.loop.situation import Situation
from tidemill.loop.street import STREET, Street
from tidemill.loop.transition import moved
from tidemill.ports.context import Context
from tidemill.ports.ledger import Lease, Ledger

LOOP = "loop"
PATIENCE_S = 10.0
LOOK_S = 0.05
READINGS = 200
"""So many of a version's newest readings are looked at."""
LATELY = 20
"""So many of the last lines about a subject are looked through before the same is said again."""

Decide = Callable[[Situation], Decision | None]


def decide(
    mill: Mill, model: str, decision: Decide, ctx: Context, *, street: Street = STREET, patience_s: float | None = None
) -> Decision | None:
    """Reads how things stand, decides, and carries it out; no other process moves this model's traffic meanwhile.

    What was decided (None: nothing), as it was carried out. BusyError `release-going` as of `alone`.
    """
    first = decision(situation_of(mill, model, ctx))
    if first is None or not first.acts:
        return first if first is None else noted(first, mill.system.name, ctx)
    with alone(mill, model, ctx, patience_s) as hold:
        situation = situation_of(mill, model, ctx)
        decided = decision(situation)
        return None if decided is None else carry_out(decided, situation, mill, ctx, hold, by=LOOP, street=street)


def settle(mill: Mill, model: str, ctx: Context, street: Street = STREET) -> Decision | None:
    """Moves the model's challenger as far as its numbers allow; waits longer than one that died holds its lease."""
    return decide(mill, model, canary.decide, ctx, street=street, patience_s=mill.pace.lease_s + PATIENCE_S)


def promoted(
    mill: Mill, model: str, ordinal: int, ctx: Context, *, who: str, why: str, street: Street = STREET
) -> Decision:
    """Makes that version champion because a person says so.

    RunError as `promote.by_person`; ModelError or StoreError when it does not answer as it did when it was packed.
    """
    with alone(mill, model, ctx) as hold:
        situation = situation_of(mill, model, ctx)
        decision = promote.by_person(ordinal, situation, who=who, why=why)
        return carry_out(decision, situation, mill, ctx, hold, by=who, street=street)


def taken_back(
    mill: Mill, model: str, ordinal: int, ctx: Context, *, who: str, why: str, street: Street = STREET
) -> Decision:
    """Takes that version out because a person says so. RunError as `promote.taken_back_by_person`."""
    with alone(mill, model, ctx) as hold:
        situation = situation_of(mill, model, ctx)
        decision = promote.taken_back_by_person(ordinal, situation, who=who, why=why)
        return carry_out(decision, situation, mill, ctx, hold, by=who, street=street)


def paused(mill: Mill, model: str, ctx: Context, *, who: str, why: str) -> None:
    """Holds promotions and retraining of the model ("" for all) from now on; harm still rolls back."""
    ctx.ledger.commit(events=[persons("event.paused", mill, model, ctx, who, why)])


def resumed(mill: Mill, model: str, ctx: Context, *, who: str, why: str) -> None:
    """Lets the model ("" for all) go on, after a pause or a storm."""
    ctx.ledger.commit(events=[persons("event.resumed", mill, model, ctx, who, why)])


def persons(code: str, mill: Mill, model: str, ctx: Context, who: str, why: str) -> Event:
    """A line about a person's hand on the loop."""
    fields: dict[str, Value] = {"model": model or mill.system.name, "who": who, "reason": why}
    subject = hand(mill.system.name, model)
    return Event(at_us=ctx.clock.now_us(), system=mill.system.name, code=code, subject=subject, by=who, fields=fields)


def hand(system: str, model: str) -> str:
    """Under which subject persons pause and resume; nothing else is told there, so that the last line is the state."""
    return f"{system}/{model}"


def is_paused(ledger: Ledger, system: str, model: str) -> bool:
    """Whether a person holds the model, or all of the system."""
    last = (ledger.events(newest=1, subject=hand(system, name)) for name in dict.fromkeys((model, "")))
    return any(event.code == "event.paused" for events in last for event in events)


def resumed_us(ledger: Ledger, system: str, model: str) -> int:
    """When a person last let the model or the system go on; 0 for never."""
    last = (ledger.events(newest=1, subject=hand(system, name)) for name in dict.fromkeys((model, "")))
    return max((event.at_us for events in last for event in events if event.code == "event.resumed"), default=0)


@contextmanager
def alone(mill: Mill, model: str, ctx: Context, patience_s: float | None = None) -> Iterator[Hold]:
    """The right to move a model's traffic. BusyError `release-going` when another keeps it so long (else 10 s)."""
    name = f"release/{mill.system.name}/{model}"
    until = monotonic() + (PATIENCE_S if patience_s is None else patience_s)
    while (hold := acquire(ctx.ledger, name, mill.pace)) is None:
        if monotonic() > until:
            raise BusyError("release-going", model=model)
        Signal().wait(LOOK_S)
    with hold:
        yield hold


def situation_of(mill: Mill, model: str, ctx: Context) -> Situation:
    """How the model's releases and readings stand now."""
    ledger, system = ctx.ledger, mill.system.name
    bare = Situation(
        system=system,
        model=mill.system.model(model),
        releases=ledger.find(Release, system=system, model=model),
        watched=mill.watched(model),
        now_us=ctx.clock.now_us(),
        paused=is_paused(ledger, system, model),
        pace=mill.pace,
    )
    names = {release.name for release in (bare.champion, bare.live, bare.previous) if release is not None}
    readings = tuple(
        reading
        for name in sorted(names)
        for reading in ledger.find(Reading, newest=READINGS, system=system, model=model, version=name)
    )
    return replace(bare, readings=readings)


def carry_out(
    decision: Decision, situation: Situation, mill: Mill, ctx: Context, hold: Hold, *, by: str, street: Street
) -> Decision:
    """Releases, the policy that follows, its line in the diary and messages, all in one commit, or only the line.

    A version that would be let in but does not answer as it did when it was packed is refused instead. BusyError
    `online-not-there` for one whose look-ups would find nothing.
    """
    if not decision.acts:
        return noted(decision, situation.system, ctx)
    if mill.automation == "advise" and by == LOOP:
        advise(decision, situation.system, ctx, hold.lease)
        return decision
    system, model, now_us = situation.system, situation.model.name, situation.now_us
    before = ctx.ledger.get(Policy, system, model)
    after = policy_after(decision, situation, mill, before)
    try:
        if after is not None and after is not before:
            intake.demand_there(mill.system, after, before, ctx, street)
            street.serve(serving.Given(policy=after, before=before), ctx)
    except (ModelError, StoreError) as error:
        if by != LOOP:
            raise
        decision, after = not_let_in(decision, situation, error), before
        if not decision.acts:
            return noted(decision, situation.system, ctx)
    event = Event(
        at_us=now_us, system=system, code=decision.code, subject=decision.subject, by=by, fields=decision.fields
    )
    notices = alert.of_decision(decision, system, mill.system.notifies, now_us)
    moving = () if after is None or after is before else (after,)
    ctx.ledger.commit(*decision.releases, *moving, *notices, events=[event], lease=hold.lease)
    return decision


def policy_after(decision: Decision, situation: Situation, mill: Mill, before: Policy | None) -> Policy | None:
    """The policy once the decision's releases stand; None as long as nobody has any traffic."""
    changed = {release.ordinal: release for release in decision.releases}
    releases = [changed.pop(release.ordinal, release) for release in situation.releases] + list(changed.values())
    model = situation.model.name
    after = policy.after(
        before,
        releases,
        [endpoint for endpoint in mill.system.endpoints if endpoint.model == model],
        system=situation.system,
        model=model,
        salt=token_hex(16),
        now_us=situation.now_us,
    )
    return None if before is None and after.champion is None and after.challenger is None else after


def not_let_in(decision: Decision, situation: Situation, error: ModelError | StoreError) -> Decision:
    """What becomes of a decision whose version does not answer: a newcomer is refused, all else stays as it is."""
    new = decision.releases[0]
    stood = next((release for release in situation.releases if release.ordinal == new.ordinal), new)
    fields: dict[str, Value] = {"version": new.name, "error": error.code}
    refused = stood.state == "validated"
    return Decision(
        code="verdict.not-let-in",
        model=decision.model,
        subject=new.name,
        fields=fields,
        severity="critical",
        releases=(moved(stood, "refused", situation.now_us, reason="not-let-in"),) if refused else (),
    )


def noted(decision: Decision, system: str, ctx: Context) -> Decision:
    """The decision, that nothing moves and why, said once until something else happens to its subject."""
    last = ctx.ledger.events(newest=1, subject=decision.subject)
    if not any(event.code == decision.code for event in last):
        event = Event(
            at_us=ctx.clock.now_us(),
            system=system,
            code=decision.code,
            subject=decision.subject,
            fields=decision.fields,
        )
        ctx.ledger.commit(events=[event])
    return decision


def advise(decision: Decision, system: str, ctx: Context, lease: Lease) -> None:
    """Says what would have been done and only a person may do, once; the field `decision` is its code."""
    said = {"decision": decision.code, "model": decision.model, "version": decision.subject}
    event = Event(
        at_us=ctx.clock.now_us(),
        system=system,
        code="event.advised",
        subject=decision.subject,
        fields={**decision.fields, **said},
    )
    if not is_said(event, ctx.ledger):
        ctx.ledger.commit(events=[event], lease=lease)


def is_said(event: Event, ledger: Ledger) -> bool:
    """Whether the diary's last lines about the subject say the same of the same trigger, version and window already."""
    same = ("decision", "version", "trigger", "window")
    return any(
        said.code == event.code and all(said.fields.get(name) == event.fields.get(name) for name in same)
        for said in ledger.events(newest=LATELY, subject=event.subject)
    )
