"""What an attempt is asked and what it gives: plain frozen records that every door can show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tidemill.facts.data import Finding
from tidemill.measure.backtest.age import Age
from tidemill.measure.backtest.ways import Way
from tidemill.measure.estimate import Interval
from tidemill.measure.leak import Strength


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A table with the column that orders it and the one to predict.

    `time`: a time, a day, or an integer order. `positive`: the label's value that is the event (None: the rarer of
    two). `folder`: where the system file is to be written. `zone` reads naive times.
    """

    file: Path
    time: str
    label: str
    folder: Path
    positive: str | None = None
    name: str | None = None
    zone: str = "UTC"
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is predicted: the outcome as an expression, an event (`positive` names it) or a number."""

    column: str
    kind: Literal["event", "number"]
    outcome: str
    positive: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What orders the rows. `made`: SQL that makes a time of an integer order; "" where the column is a time."""

    column: str
    kind: Literal["time", "epoch", "order"]
    made: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Columns for the request, as (column, feature name), those left out with the reason, and the key ("" = none).

    `reserved`: columns whose names are the lake's own; they are left at the source.
    """

    features: tuple[tuple[str, str], ...]
    left_out: tuple[Finding, ...]
    leaks: tuple[str, ...]
    key: str
    reserved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Honesty:
    """The same recipe on the same number of rows, asked in four ways; intervals are of 95 %.

    `random`: learnt from a random half, asked about the other. `with_leaks`: the same with the leaking columns (None:
    there are none). `in_time`: learnt from the older half, asked about the newer. `rate_alone`: no model at all, only
    the rate (or median) of the last outcomes known.
    """

    random: Interval
    with_leaks: Interval | None
    in_time: Interval
    rate_alone: Interval
    rate_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One stretch of the newer half: what happened there, and what a model trained once and one retrained said.

    `actual`, `never_said`, `again_said`: mean outcome and mean predictions. `never`, `again`: the metric (None where
    it means nothing).
    """

    first_row: int
    rows: int
    first_us: int
    last_us: int
    actual: float
    never_said: float
    again_said: float
    never: float | None
    again: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """All that was learnt. `said`: verdicts, most important first; `findings`: what else is odd about the table.

    `block_rows`: rows between two looks, the unit of `every` and of ages. `each`: every how many rows one was used
    (1: all). `request`: a body for `POST /predict/{model}` from the newest row. `best`, `enough` and
    `again` (what stands beside never to retrain): places in `ways`.
    """

    name: str
    wanted: Wanted
    rows: int
    columns: int
    each: int
    first_us: int
    last_us: int
    timing: Timing
    target: Target
    share: float
    chosen: Chosen
    findings: tuple[Finding, ...]
    strengths: tuple[Strength, ...]
    said: tuple[Finding, ...]
    metric: str
    honesty: Honesty
    ways: tuple[Way, ...]
    best: int
    enough: int
    again: int
    ages: tuple[Age, ...]
    stretches: tuple[Stretch, ...]
    block_rows: int
    trainings: int
    model: str
    system_file: Path
    request: str
    took_s: float


def about(rows: int) -> int:
    """The number of rows in two digits, as a person would say it."""
    return int(float(f"{rows:.2g}"))
