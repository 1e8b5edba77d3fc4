"""A champion below its bound goes only if the one before it is shown to be not worse; else the world has changed."""

from __future__ import annotations

from typing import Any

import pytest

import tidemill as tm
from tests.unit.loop.kit import BESIDE, DAY, DRIFT, ERRORS, FLOOR, HOUR, NOON, reading, release, situation
from tidemill.facts.signal import Reading
from tidemill.loop.decision import Decision
from tidemill.loop.rollback import comparison, comparison_text, decide
from tidemill.spec.check import NotWorse, check_text
from tidemill.tell.words import sentence

BEFORE = release(1, "superseded", previous=None)
CHAMPION = release(2, "champion", previous=1)
MISSED = reading("risk@2", check_text(FLOOR), "failed")
BESIDE_BEFORE = comparison_text(BESIDE, BEFORE)


def states(decision: Decision | None) -> dict[int, str]:
    return {one.ordinal: one.state for one in decision.releases} if decision else {}


def compared(high: float | None, reason: str = "not-shown", **changes: Any) -> Reading:
    """How much better the champion is than the one before, at most."""
    return reading("risk@2", BESIDE_BEFORE, "undecided", value=-0.02, low=-0.05, high=high, reason=reason, **changes)


def decided(
    *readings: Reading, releases: Any = (BEFORE, CHAMPION), watched: Any = (FLOOR, ERRORS), **changes: Any
) -> Decision | None:
    return decide(situation(*releases, readings=readings, watched=watched, **changes))


def test_a_champion_that_keeps_its_bounds_stays() -> None:
    assert decided() is None
    assert decided(reading("risk@2", check_text(FLOOR), "passed")) is None
    assert decided(reading("risk@2", check_text(FLOOR), "undecided")) is None
    assert decided(reading("risk@1", check_text(FLOOR), "failed")) is None
    assert decide(situation(BEFORE)) is None


@pytest.mark.parametrize(
    ("comparison", "goes"),
    [
        (compared(-0.001, "worse"), True),
        (compared(0.01), True),  # at most the gate's margin better
        (compared(0.0101), False),
        (compared(None, "too-few"), False),
        (compared(0.0, "too-few"), False),  # bounds of too few rows say nothing
        (compared(0.0, until_us=NOON + 1), False),  # not on the rows of the missed bound
    ],
)
def test_goes_only_if_the_one_before_is_shown_to_be_not_worse(comparison: Reading, goes: bool) -> None:
    decision = decided(MISSED, comparison)
    assert decision is not None
    if goes:
        assert states(decision) == {2: "rolled_back", 1: "champion"}
        assert (decision.code, decision.severity, decision.retrain) == ("verdict.taken-back", "critical", None)
    else:
        assert states(decision) == {}
        assert decision.code == "verdict.retrain"
        assert decision.retrain is not None
        assert (decision.retrain.trigger, decision.retrain.window) == (check_text(FLOOR), str(NOON + HOUR))


def test_says_why() -> None:
    decision = decided(MISSED, compared(-0.001, "worse"))
    assert decision is not None
    assert sentence(decision.code, decision.fields) == (
        "risk@2 taken back, risk@1 answers again: roc_auc >= 0.7 does not hold, 0.5 (0.4 to 0.6), "
        "and risk@1 is not worse on the same answers."
    )


def test_without_a_predecessor_a_run_is_wanted() -> None:
    decision = decided(MISSED, releases=(release(2, "champion"),))
    assert decision is not None
    assert decision.retrain is not None
    assert decision.retrain.evidence["version"] == "risk@2"


def test_a_reading_from_before_it_became_champion_is_not_held_against_it() -> None:
    assert decided(reading("risk@2", check_text(FLOOR), "failed", until_us=NOON)) is None


def test_the_newest_reading_counts() -> None:
    later = reading("risk@2", check_text(FLOOR), "passed", until_us=NOON + 2 * HOUR)
    assert decided(MISSED, later) is None


def test_drift_is_no_bound_of_the_model() -> None:
    assert decided(reading("risk@2", check_text(DRIFT), "failed"), watched=(DRIFT,)) is None


@pytest.mark.parametrize(
    ("kept", "age_us", "goes"),
    [
        ("passed", HOUR, True),
        ("failed", HOUR, False),
        ("undecided", HOUR, False),
        (None, HOUR, False),
        ("passed", 3 * DAY, False),
    ],
)
def test_bad_service_goes_back_while_fresh_if_the_one_before_kept_the_bound(kept: Any, age_us: int, goes: bool) -> None:
    text = check_text(ERRORS)
    failing = reading("risk@2", text, "failed", until_us=NOON + age_us)
    before = () if kept is None else (reading("risk@1", text, kept),)
    decision = decided(failing, *before, now_us=NOON + age_us)
    assert (states(decision) == {2: "rolled_back", 1: "champion"}) is goes


def test_a_second_time_within_a_day_a_person_should_look() -> None:
    lately = release(3, "rolled_back", reason="bound-missed", step_since_us=NOON - HOUR)
    decision = decided(MISSED, compared(-0.001, "worse"), releases=(BEFORE, CHAMPION, lately))
    assert states(decision) == {}
    challenger = release(3, "rolled_back", reason="requirement-failed", step_since_us=NOON - HOUR)
    assert states(decided(MISSED, compared(-0.001, "worse"), releases=(BEFORE, CHAMPION, challenger))) != {}


def test_a_pause_stops_retraining_but_not_the_way_back() -> None:
    assert decided(MISSED, paused=True) is None
    assert states(decided(MISSED, compared(-0.001, "worse"), paused=True)) == {2: "rolled_back", 1: "champion"}


def test_the_challenger_of_a_champion_that_goes_proves_itself_anew() -> None:
    live = release(3, "canary", share=0.5, step=1, deadline_us=NOON + DAY)
    decision = decided(MISSED, compared(-0.001, "worse"), releases=(BEFORE, CHAMPION, live))
    assert decision is not None
    anew = decision.releases[2]
    assert (anew.state, anew.share, anew.step, anew.step_since_us) == ("canary", 0.5, 1, NOON + 2 * HOUR)


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (tm.at_least("roc_auc", 0.8), BESIDE),  # the gate's own margin
        (tm.at_most("log_loss", 0.5), NotWorse(metric="log_loss", margin=0.005)),
        (tm.at_most("p99_ms", 100), None),
        (tm.no_drift(), None),
    ],
)
def test_compares_in_the_metric_whose_bound_was_missed(check: Any, expected: NotWorse | None) -> None:
    assert comparison(check, situation().model) == expected
