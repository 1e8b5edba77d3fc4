"""Drives one model over past data: trains at every trigger, and lets each curve's version answer what is asked next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tidemill.errors import DataError
from tidemill.facts.model import ModelVersion
from tidemill.features.offline.answered import entity_of, joined
from tidemill.loop.replay.calendar import names_of, suiting
from tidemill.loop.replay.checked import first_failure
from tidemill.loop.replay.figures import BINARY, BLOCK_ROWS, NUMBER, by_period, gains, totals
from tidemill.loop.replay.past import Past, past
from tidemill.loop.replay.record import LOOP, RETRAINED, ROLLING, STATIC, Replayed, Turn, Wanted
from tidemill.loop.replay.trained import Trained, answered, trained
from tidemill.loop.replay.turns import Due, next_due
from tidemill.measure.baseline import rolling_rate
from tidemill.ports.context import Context
from tidemill.spec.check import AtLeast, AtMost, Check, Cron, NewRows, Trigger

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
    passed. Serving gates are not replayed: no server ran then. DataError `no-asks-between`: nothing was asked then.
    """
    before = past(wanted, ctx)
    if not before.asked_between(before.since_us, before.until_us).any():
        raise DataError(
            "no-asks-between", label=wanted.system.model(wanted.model).label.name, since_us=before.since_us,
            until_us=before.until_us, first_us=int(before.asked_us.min()), last_us=int(before.asked_us.max()),
        )  # fmt: skip
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
            fields=made.fields,
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
    places = np.flatnonzero(before.asked_between(at_us, until))
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
    rows = before.asked_between(before.since_us, before.until_us) & before.known_at_last
    y, asked, zone = before.y[rows], before.asked_us[rows], wanted.system.zone
    model = wanted.system.model(wanted.model)
    together = entity_of(model)
    curves = {name: scores[rows] for name, scores in course.curves.items()}
    curves[ROLLING] = rolling_rate(before.y, before.known_us, asked, last=BLOCK_ROWS, start=np.nan)
    period = suiting(asked, zone) if wanted.period == "auto" else wanted.period
    periods = names_of(asked, period, zone)
    metrics = BINARY if before.binary else NUMBER
    entity = joined(before.table.filter(pa.array(rows)), together) if together else None
    figures = by_period(y, curves, periods, metrics, asked_us=asked, entity=entity, seed=wanted.seed)
    return Replayed(
        system=wanted.system.name,
        model=wanted.model,
        labels=wanted.labels,
        period=period,
        zone=zone,
        since_us=before.since_us,
        until_us=before.until_us,
        turns=tuple(course.turns),
        figures=figures,
        totals=totals(y, curves, figures, metrics),
        gains=gains(y, curves, periods, metrics),
        floors=floors(model.gates, metrics),
        truncated=before.truncated,
    )


def floors(gates: Sequence[Check], metrics: Sequence[str]) -> dict[str, float]:
    """The bounds that gates ask of these metrics over all rows."""
    plain = [one for one in gates if isinstance(one, AtLeast | AtMost) and one.by is None and one.where is None]
    return {one.metric: one.bound for one in plain if isinstance(one.metric, str) and one.metric in metrics}
