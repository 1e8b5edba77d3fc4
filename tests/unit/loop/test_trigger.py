"""When a run is due, once for each window, and what makes it wait."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import tidemill as tm
from tests.unit.loop.kit import DAY, FLOOR, HOUR, NOON, reading
from tidemill.facts.run import Run, RunState
from tidemill.facts.signal import Firing
from tidemill.loop.pace import Pace
from tidemill.loop.trigger import Due, Given, Grown, answered, decide
from tidemill.spec.check import check_text
from tidemill.testing.fakes import VirtualClock

NIGHTLY = tm.cron("0 3 * * *")
ROWS: Any = tm.new_rows(tm.System("x", owner="o").source("loans", tm.files("l"), time="at"), 1_000)
AT_THREE = VirtualClock.at("2026-11-02T02:00:00").now_us()  # Berlin, winter


def run(state: RunState = "passed", age_us: int = 2 * DAY, cause: str = "cron 0 3 * * *") -> Run:
    return Run(
        id=f"run_{age_us}", system="bank", model="risk", state=state, cause=cause, declaration="d", at_us=NOON - age_us
    )


def due(*triggers: Any, **changes: Any) -> Due:
    given: dict[str, Any] = {"runs": (run(),), "champion": "risk@2", "pace": Pace()}
    return decide(
        Given(system="bank", zone="Europe/Berlin", model="risk", triggers=triggers, now_us=NOON, **given | changes)
    )


def names(firings: tuple[Firing, ...]) -> list[tuple[str, str]]:
    return [(firing.trigger, firing.window) for firing in firings]


def test_without_triggers_nothing_goes_off() -> None:
    assert due(runs=()) == Due()


def test_a_model_that_never_ran_runs() -> None:
    assert names(due(NIGHTLY, runs=(), champion="").start) == [("first", "first")]


@pytest.mark.parametrize(
    ("age_us", "expected"),
    [(2 * DAY, 1), (11 * HOUR, 1), (11 * HOUR - 1, 1), (10 * HOUR, 0), (HOUR, 0)],
)
def test_a_schedule_goes_off_once_for_its_last_moment_after_the_last_run(age_us: int, expected: int) -> None:
    found = due(NIGHTLY, runs=(run(age_us=age_us),))
    assert names(found.start) == [("cron 0 3 * * *", str(AT_THREE))] * expected


def test_a_window_goes_off_once() -> None:
    first = due(NIGHTLY)
    assert due(NIGHTLY, fired=answered(first.fired, "run_9")) == Due()


@pytest.mark.parametrize(("came", "windows"), [(999, []), (1_000, ["risk@2+1"]), (2_999, ["risk@2+2"])])
def test_new_rows_go_off_for_every_so_many(came: int, windows: list[str]) -> None:
    found = due(ROWS, grown={"new_rows loans 1000": Grown(since="risk@2", rows=came)})
    assert [firing.window for firing in found.start] == windows
    if windows:
        assert found.start[0].evidence == {"rows": came, "bound": 1_000, "of": "loans", "since": "risk@2"}


FAILED = reading("risk@2", check_text(FLOOR), "failed")


def test_a_failed_check_goes_off_with_its_numbers() -> None:
    found = due(FLOOR, readings={check_text(FLOOR): FAILED})
    assert names(found.start) == [(check_text(FLOOR), str(NOON + HOUR))]
    assert found.start[0].evidence["value"] == 0.5
    for outcome in ("passed", "undecided"):
        assert due(FLOOR, readings={check_text(FLOOR): replace(FAILED, outcome=outcome)}) == Due()


@pytest.mark.parametrize(("age_us", "goes"), [(DAY, True), (DAY - 1, False)])
def test_a_failed_check_waits_until_the_last_run_has_cooled_down(age_us: int, goes: bool) -> None:
    found = due(FLOOR, readings={check_text(FLOOR): FAILED}, runs=(run(age_us=age_us),))
    assert bool(found.start) is goes


def test_a_bound_that_was_missed_wants_a_run_though_nobody_declared_it_as_a_trigger() -> None:
    wanted = Firing(system="bank", model="risk", trigger="mae <= 4", window="7", at_us=NOON)
    assert due(wanted=wanted).start == (wanted,)
    assert due(wanted=wanted, runs=(run(age_us=HOUR),)) == Due()
    assert due(wanted=wanted, fired=(replace(wanted, run="run_1"),)) == Due()


def test_waits_while_a_challenger_is_live_and_one_run_answers_all() -> None:
    first = due(NIGHTLY, challenger="risk@3")
    assert (first.start, len(first.fired)) == ((), 1)
    assert first.hold is not None
    assert first.hold.code == "verdict.trigger-waits"
    later = due(FLOOR, readings={check_text(FLOOR): FAILED}, fired=first.fired)
    assert names(later.start) == [*names(first.fired), (check_text(FLOOR), str(NOON + HOUR))]
    assert names(later.fired) == [(check_text(FLOOR), str(NOON + HOUR))]


def test_what_a_champion_missed_is_no_reason_once_another_has_its_place() -> None:
    missed = due(FLOOR, readings={check_text(FLOOR): FAILED}, champion=FAILED.version, challenger="risk@3")
    assert names(missed.fired) == [(check_text(FLOOR), str(NOON + HOUR))]
    assert due(FLOOR, fired=missed.fired, champion="risk@3") == Due()
    assert due(FLOOR, fired=missed.fired, champion=FAILED.version).start == missed.fired
    wanted = replace(missed.fired[0], window="later")
    assert due(wanted=wanted, champion="risk@3") == Due()
    nightly = due(NIGHTLY, challenger="risk@3")
    assert due(NIGHTLY, fired=nightly.fired, champion="risk@3").start == nightly.fired


def test_waits_while_a_run_goes_on() -> None:
    found = due(NIGHTLY, is_running=True)
    assert (len(found.fired), found.start) == (1, ())


def test_a_pause_stops_everything() -> None:
    assert due(NIGHTLY, paused=True) == Due()


BAD: tuple[Run, ...] = (run("failed", DAY), run("refused", 2 * DAY), run("failed", 3 * DAY))


@pytest.mark.parametrize(
    ("runs", "resumed_us", "stops"),
    [
        (BAD, 0, True),
        (BAD[:2], 0, False),
        ((run("passed", 12 * HOUR), *BAD), 0, False),
        ((run("refused", 12 * HOUR, "manual"), *BAD[:2]), 0, False),
        ((*BAD[:2], run("failed", 8 * DAY)), 0, False),  # it has rested
        ((BAD[0], run("interrupted", DAY), *BAD[1:]), 0, False),
        (BAD, NOON - 2 * DAY, False),  # a person let it go on
    ],
)
def test_so_many_bad_runs_in_a_row_stop_retraining(runs: tuple[Run, ...], resumed_us: int, stops: bool) -> None:
    found = due(NIGHTLY, runs=runs, resumed_us=resumed_us)
    assert bool(found.start) is not stops
    assert (found.hold is not None and found.hold.code == "verdict.storm") is stops
    if found.hold:
        assert found.hold.severity == "critical"
