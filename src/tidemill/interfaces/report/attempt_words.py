"""Words of the first look that page and terminal share."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from tidemill.app.attempt.record import Attempt, about
from tidemill.facts.data import Finding
from tidemill.measure.backtest.ways import Way
from tidemill.measure.estimate import Interval
from tidemill.tell.draw import number
from tidemill.tell.draw.icon import State
from tidemill.tell.words import sentence

NAMES = {"roc_auc": "AUC", "mae": "MAE"}
STATES: dict[str, State] = {
    "finding.flattered": "bad", "finding.not-flattered": "ok", "finding.retraining-pays": "ok",
    "finding.retraining-not-shown": "none", "finding.rate-tracked": "warn", "finding.outcome-late": "warn",
    "finding.newest-not-shown": "warn",
    "finding.ages": "warn", "finding.does-not-age": "ok",
}  # fmt: skip
PLACES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class WayRow:
    """One way to retrain in words."""

    learns: str
    again: str
    trainings: str
    pooled: str
    pooled_ci: str
    inside: str
    inside_ci: str
    saved: str
    saved_ci: str
    mark: str


def state_said(finding: Finding) -> State:
    """How a verdict is marked."""
    return STATES.get(finding.code, "none")


def says(finding: Finding, language: str = "en") -> str:
    """The verdict's sentence."""
    return sentence(finding.code, finding.fields, language=language)


def figure(value: float | None) -> str:
    """A metric: three places below ten, else three digits."""
    return number.fixed(value, PLACES) if value is None or abs(value) < 10 else number.amount(value, PLACES)


def interval(one: Interval) -> str:
    """Its bounds."""
    return "" if one.low is None or one.high is None else f"({figure(one.low)} to {figure(one.high)})"


def headline(attempt: Attempt) -> str:
    """The two figures that a colleague must know."""
    metric = NAMES[attempt.metric]
    random, in_time = attempt.honesty.random.value, attempt.honesty.in_time.value
    if attempt.said[0].code == "finding.flattered":
        return f"{metric} {two(random)} on a random split, {two(in_time)} in time order"
    return f"{metric} {two(in_time)}, in time order too"


def two(value: float | None) -> str:
    """A metric in two places, of great ones three digits."""
    return number.fixed(value, 2) if value is None or abs(value) < 10 else number.amount(value, PLACES)


def every_text(attempt: Attempt, way: Way) -> str:
    """How often."""
    return f"every {number.count(about(way.every * attempt.block_rows))} rows" if way.every else "never again"


def window_text(attempt: Attempt, way: Way) -> str:
    """From what."""
    return "all rows" if way.window is None else f"newest {number.count(about(way.window * attempt.each))}"


def way_rows(attempt: Attempt) -> Iterator[WayRow]:
    """Every way in words."""
    for place, way in enumerate(attempt.ways):
        mark = "enough" if place == attempt.enough else "least loss" if place == attempt.best else ""
        pooled, inside, saved = (one.interval() for one in (way.pooled, way.inside, way.saved))
        yield WayRow(
            learns=window_text(attempt, way),
            again=every_text(attempt, way),
            trainings=number.count(way.trainings),
            pooled=figure(pooled.value),
            pooled_ci=interval(pooled),
            inside=figure(inside.value),
            inside_ci=interval(inside),
            saved=figure(saved.value) if way.every else number.NONE,
            saved_ci=interval(saved) if way.every else "",
            mark=mark,
        )


def next_steps(attempt: Attempt) -> tuple[tuple[str, str], ...]:
    """Commands with what each does."""
    folder = shlex.quote(str(attempt.system_file.parent))
    body = shlex.quote(attempt.request)
    url = f"http://127.0.0.1:8000/predict/{attempt.model}"
    return (
        ("go to the system file", f"cd {folder}"),
        ("see what follows from it", "tidemill check"),
        ("run the eight stages once", "tidemill run"),
        ("serve, watch and retrain", "tidemill up"),
        ("ask it, elsewhere", f"curl -s {url} -H 'content-type: application/json' -d {body}"),
    )
