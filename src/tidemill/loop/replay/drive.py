"""Drives one model over past data: trains at every trigger, and lets each curve's version answer what is asked next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidemill.facts.model import ModelVersion
from tidemill.loop.replay.checked import first_failure
from tidemill.loop.replay.figures import BINARY, NUMBER, by_period, period_name, totals
from tidemill.loop.replay.past import Past, past
from tidemill.loop.replay.record import LOOP, RETRAINED, STATIC, Replayed, Turn, Wanted
from tidemill.loop.replay.trained import Trained, answered, trained
from tidemill.loop.replay.turns import Due, next_due
from tidemill.ports.context import Context
from tidemill.spec.check import Check, Cron, NewRows, Trigger

Told = Callable[[str, int, int], None]
Floats = NDArray[np.float64]

FIRST = "first"


@dataclass(slots=True, kw_only=True)
class Course:
    """Where the replay stands: who answers for each curve, and what was answered so far (NaN: not)."""

    curves: dict[str, Floats]
    turns: list[Turn] = field(default_factory=list)
    static: ModelVersion | None = None
    newest: ModelVersion | None = None
    champion: ModelVersion | None = None


def replay(wanted: Wanted, ctx: Context, told: Told) -> Replayed:
    """All three curves over the asks from `since_us` to `until_us` whose outcome is known by the end of the data.

    `retrained`: every trigger's version answers, whatever its gates say. `loop`: a version answers once its gates have
    passed. Serving gates are not replayed: no server ran then.
    """
    before = past(wanted, ctx)
    course = Course(curves={name: np.full(len(before.asked_us), np.nan) for name in (STATIC, RETRAINED, LOOP)})
    due: Due | None = Due(at_us=before.since_us, trigger=FIRST, evidence={})
    while due is not None:
        take_turn(course, due, before, wanted, ctx)
        following = next_turn(course, due.at_us, before, wanted, ctx)
        told("replay", due.at_us - before.since_us, before.until_us - before.since_us)
        due = following
    told("replay", 1, 1)
    return summed(course, before, wanted)


def take_turn(course: Course, due: Due, before: Past, wanted: Wanted, ctx: Context) -> None:
    """Trains at the trigger, records what the gates said, and puts the versions in place."""
    made: Trained = trained(wanted, before, due.at_us, len(course.turns), course.champion, ctx)
    course.newest = made.answering or course.newest
    course.static = course.static or course.newest
    first = course.champion is None and made.decision == "promoted"
    course.champion = made.released if made.decision == "promoted" else course.champion
    course.turns.append(
        Turn(
            at_us=due.at_us,
            trigger=due.trigger,
            evidence=due.evidence,
            version=made.answering.name if made.answering else "",
            verdicts=made.verdicts,
            decision="first" if first else made.decision,
            reason=made.reason,
        )
    )


def next_turn(course: Course, at_us: int, before: Past, wanted: Wanted, ctx: Context) -> Due | None:
    """Answers what is asked until the next trigger, and finds that trigger: by time, by rows, or by a failed check."""
    model = wanted.system.model(wanted.model)
    declared = [one for name, one in wanted.system.triggers if name == model.name]
    plain: list[Trigger] = [one for one in declared if isinstance(one, Cron | NewRows)]
    checks: list[Check] = [one for one in declared if not isinstance(one, Cron | NewRows)]
    due = later(plain, at_us, before, wanted)
    until = due.at_us if due else before.until_us
    rows = (before.asked_us > at_us) & (before.asked_us <= until)
    places = np.flatnonzero(rows)
    for name, version in ((STATIC, course.static), (RETRAINED, course.newest), (LOOP, course.champion)):
        if version is not None and len(places):
            course.curves[name][places] = answered(version, before, places, ctx)
    if checks and course.newest is not None and len(places):
        failure = first_failure(checks, course.curves[RETRAINED], places, before, (wanted, course.newest, until), ctx)
        if failure is not None:
            undone = places[before.asked_us[places] > failure.at_us]
            for name in (STATIC, RETRAINED, LOOP):
                course.curves[name][undone] = np.nan
            return failure
    return due


def later(plain: list[Trigger], at_us: int, before: Past, wanted: Wanted) -> Due | None:
    """The next moment at which a schedule or a count goes off and there is something new to learn from."""
    moment = at_us
    while True:
        due = next_due(plain, before.arrivals, zone=wanted.system.zone, trained_us=moment, until_us=before.until_us)
        if due is None or before.mature_by(due.at_us) > before.mature_by(at_us):
            return due
        moment = due.at_us


def summed(course: Course, before: Past, wanted: Wanted) -> Replayed:
    """Figures over the rows that were asked in the span and whose outcome is known by the end of the data."""
    rows = (before.asked_us > before.since_us) & (before.asked_us <= before.until_us) & before.known_at_last
    y = before.y[rows]
    curves = {name: scores[rows] for name, scores in course.curves.items()}
    periods = [period_name(int(us), wanted.period, wanted.system.zone) for us in before.asked_us[rows]]
    metrics = BINARY if before.binary else NUMBER
    figures = by_period(y, curves, periods, metrics)
    return Replayed(
        system=wanted.system.name,
        model=wanted.model,
        labels=wanted.labels,
        since_us=before.since_us,
        until_us=before.until_us,
        turns=tuple(course.turns),
        figures=figures,
        totals=totals(y, curves, figures, metrics),
        truncated=before.truncated,
    )
