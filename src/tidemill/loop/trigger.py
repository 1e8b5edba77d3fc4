"""Decides whether a run is due: schedule, new rows, failed checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from tidemill.facts.data import Value
from tidemill.facts.run import Run
from tidemill.facts.signal import Firing, Reading
from tidemill.loop.decision import Decision, numbers
from tidemill.loop.pace import Pace
from tidemill.loop.schedule import latest
from tidemill.spec.check import Check, Cron, NewRows, Trigger, check_text

FIRST, MANUAL = "first", "manual"
UNSUCCESSFUL = frozenset({"failed", "refused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """How many rows or newly mature asks came since the data of version `since` (or the training set of that name)."""

    since: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the triggers of one model are judged on.

    `champion`: name of the version that answers, "" for none. `readings`: the newest of each monitor on it, by check
    text. `grown`: by trigger text. `fired`: earlier firings of this model. `runs`: earlier runs of it, newest first.
    `challenger`: name of the version that is live in shadow or canary, "" for none. `is_running`: a run is going on.
    `wanted`: a run that a missed bound asks for. `resumed_us`: when a person last let retraining go on. `paused`: one
    holds it.
    """

    system: str
    zone: str
    model: str
    triggers: tuple[Trigger | Check, ...]
    now_us: int
    pace: Pace
    champion: str = ""
    readings: Mapping[str, Reading] = field(default_factory=dict)
    grown: Mapping[str, Grown] = field(default_factory=dict)
    fired: tuple[Firing, ...] = ()
    runs: tuple[Run, ...] = ()
    challenger: str = ""
    is_running: bool = False
    wanted: Firing | None = None
    resumed_us: int = 0
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What goes off now. `fired`: new firings, to be kept. `start`: firings that one run is now due for, newest last.

    `hold`: why nothing starts although something would (a decision that changes nothing); None if nothing is held.
    """

    fired: tuple[Firing, ...] = ()
    start: tuple[Firing, ...] = ()
    hold: Decision | None = None


def decide(given: Given) -> Due:
    """The firings of this moment and whether a run starts for them and for those that wait.

    Each trigger goes off once for each window. While a challenger is live, or a run goes on, firings wait; one run then
    answers all of them, less those about a champion that another has taken the place of meanwhile. After so many failed
    or refused runs in a row retraining stops until it has rested.
    """
    if given.paused:
        return Due()
    if storm := storming(given):
        return Due(hold=storm)
    known = {(firing.trigger, firing.window) for firing in given.fired}
    gone_off = {(firing.trigger, firing.window): firing for firing in going_off(given)}
    found = tuple(firing for key, firing in gone_off.items() if key not in known and is_about_now(firing, given))
    kept = (one for one in given.fired if not one.run and is_about_now(one, given))
    waiting = tuple(sorted(kept, key=lambda one: one.at_us)) + found
    if not waiting or given.is_running:
        return Due(fired=found)
    if given.challenger:
        fields: dict[str, Value] = {"trigger": waiting[-1].trigger, "challenger": given.challenger}
        hold = Decision(code="verdict.trigger-waits", model=given.model, subject=given.model, fields=fields)
        return Due(fired=found, hold=hold)
    return Due(fired=found, start=waiting)


def is_about_now(firing: Firing, given: Given) -> bool:
    """Whether the firing does not stand on what another version than the champion showed."""
    return firing.evidence.get("version", given.champion) == given.champion


def going_off(given: Given) -> Iterator[Firing]:
    """Every trigger whose condition holds now, with its window and the numbers of why; known windows among them."""
    if given.triggers and not given.runs:
        yield firing(given, FIRST, FIRST, {})
    if given.wanted is not None and not is_cooling(given):
        yield given.wanted
    for trigger in given.triggers:
        text = trigger_text(trigger)
        if isinstance(trigger, Cron):
            yield from on_schedule(given, trigger, text)
        elif isinstance(trigger, NewRows):
            yield from on_new_rows(given, trigger, text)
        elif (reading := given.readings.get(text)) and reading.outcome == "failed" and not is_cooling(given):
            evidence = {"version": reading.version, **numbers(reading)}
            yield firing(given, text, str(reading.until_us), evidence)


def on_schedule(given: Given, trigger: Cron, text: str) -> Iterator[Firing]:
    """The last scheduled moment, if no run has begun since; moments that were slept through come once."""
    moment = latest(trigger.text, given.zone, given.now_us)
    if moment is not None and given.runs and moment > given.runs[0].at_us:
        yield firing(given, text, str(moment), {"moment_us": moment})


def on_new_rows(given: Given, trigger: NewRows, text: str) -> Iterator[Firing]:
    """As many new rows as asked for; after a run that brought no new champion, again after as many more."""
    grown = given.grown.get(text)
    if grown is not None and grown.rows >= trigger.rows:
        evidence: dict[str, Value] = {
            "rows": grown.rows,
            "bound": trigger.rows,
            "of": trigger.of,
            "since": grown.since,
        }
        yield firing(given, text, f"{grown.since}+{grown.rows // trigger.rows}", evidence)


def is_cooling(given: Given) -> bool:
    """Whether the last run began too lately for a failed check to start the next."""
    return bool(given.runs) and given.now_us - given.runs[0].at_us < given.pace.cool_down_us


def storming(given: Given) -> Decision | None:
    """The hold after so many failed or refused runs in a row; a manual or good run, rest or a person end it."""
    last = given.runs[: given.pace.storm]
    since = max(given.now_us - given.pace.storm_us, given.resumed_us)
    lately = all(run.state in UNSUCCESSFUL and run.cause != MANUAL and run.at_us > since for run in last)
    if len(last) < given.pace.storm or not lately:
        return None
    fields: dict[str, Value] = {"runs": len(last), "state": last[0].state, "run": last[0].id}
    return Decision(code="verdict.storm", model=given.model, subject=given.model, fields=fields, severity="critical")


def firing(given: Given, trigger: str, window: str, evidence: Mapping[str, Value]) -> Firing:
    """A trigger that goes off now, not yet answered by a run."""
    return Firing(
        system=given.system, model=given.model, trigger=trigger, window=window, evidence=evidence, at_us=given.now_us
    )


def answered(firings: tuple[Firing, ...], run: str) -> tuple[Firing, ...]:
    """The firings, answered by that run."""
    return tuple(replace(firing, run=run) for firing in firings)


def trigger_text(trigger: Trigger | Check) -> str:
    """How a trigger is named: `cron 0 3 * * *`, `new_rows events 1000`, or as its check."""
    if isinstance(trigger, Cron):
        return f"cron {trigger.text}"
    return f"new_rows {trigger.of} {trigger.rows}" if isinstance(trigger, NewRows) else check_text(trigger)
