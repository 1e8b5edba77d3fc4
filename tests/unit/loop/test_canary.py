"""A challenger goes as far as its own live numbers carry it."""

from __future__ import annotations

from typing import Any

import pytest

import tidemill as tm
from tests.unit.loop.kit import DAY, ERRORS, HOUR, NOON, P99, reading, release, situation
from tidemill.facts.model import Outcome
from tidemill.loop.canary import decide
from tidemill.loop.decision import Decision
from tidemill.tell.words import sentence

CHAMPION = release(1, "champion")
TEXTS = ("error_rate <= 0.01", "not_worse roc_auc margin 0.01")


def states(decision: Decision | None) -> dict[int, str]:
    return {one.ordinal: one.state for one in decision.releases} if decision else {}


def read(*outcomes: Outcome, version: str = "risk@2", **changes: Any) -> tuple[Any, ...]:
    return tuple(reading(version, text, outcome, **changes) for text, outcome in zip(TEXTS, outcomes, strict=False))


def test_nothing_waits_nothing_happens() -> None:
    assert decide(situation(CHAMPION)) is None
    assert decide(situation()) is None


def test_the_first_version_that_passed_answers_at_once() -> None:
    decision = decide(situation(release(1)))
    assert states(decision) == {1: "champion"}
    assert decision is not None
    assert decision.code == "verdict.first"
    assert decision.releases[0].previous is None


@pytest.mark.parametrize(
    ("declared", "state", "share"),
    [
        (tm.canary("10%", "50%"), "canary", 0.1),
        (tm.canary("10%", shadow="1d"), "shadow", 0.0),
        (None, "champion", 1.0),
    ],
)
def test_a_version_that_passed_begins_as_declared(declared: Any, state: str, share: float) -> None:
    decision = decide(situation(CHAMPION, release(2), declare={"release": declared}))
    assert decision is not None
    assert states(decision) == {2: state} | ({1: "superseded"} if state == "champion" else {})
    assert decision.releases[0].share == share


def test_a_version_that_is_undecided_waits_in_shadow_even_if_nobody_answers() -> None:
    left = {"gate": "undecided", "open": ("roc_auc >= 0.7",)}
    for others in ((), (CHAMPION,)):
        decision = decide(situation(*others, release(2, fields=left)))
        assert states(decision) == {2: "shadow"}
        assert decision is not None
        assert decision.releases[0].deadline_us == NOON + 2 * HOUR + 14 * DAY


def test_the_newest_of_those_that_wait_wins() -> None:
    assert states(decide(situation(CHAMPION, release(2), release(4), release(3)))) == {
        4: "canary", 3: "superseded", 2: "superseded",
    }  # fmt: skip


def test_one_challenger_at_a_time() -> None:
    decision = decide(situation(CHAMPION, release(2, "canary"), release(3)))
    assert states(decision) == {}


@pytest.mark.parametrize(
    ("step", "after", "share"),
    [(0, {2: "canary"}, 0.5), (1, {2: "champion", 1: "superseded"}, 1.0)],
)
def test_every_requirement_shown_on_live_answers_steps_up(step: int, after: dict[int, str], share: float) -> None:
    live = release(2, "canary", step=step, share=(0.1, 0.5)[step])
    decision = decide(situation(CHAMPION, live, readings=read("passed", "passed")))
    assert decision is not None
    assert states(decision) == after
    assert decision.releases[0].share == share
    assert decision.releases[0].step_since_us == NOON + 2 * HOUR


@pytest.mark.parametrize(
    ("readings", "code"),
    [
        ((), "verdict.hold-no-data"),
        (read("undecided", "undecided", n=0), "verdict.hold-no-data"),
        (read("passed", "passed", n=0), "verdict.hold-no-data"),  # no data never passes
        (read("passed", "undecided"), "verdict.hold"),
        (read("passed", "passed", since_us=NOON - 1), "verdict.hold-no-data"),  # answers of an earlier step
        (read("passed", "passed", version="risk@1"), "verdict.hold-no-data"),  # another version's
    ],
)
def test_what_is_not_shown_holds(readings: tuple[Any, ...], code: str) -> None:
    decision = decide(situation(CHAMPION, release(2, "canary"), readings=readings))
    assert decision is not None
    assert (states(decision), decision.code) == ({}, code)
    assert not decision.acts


def test_a_share_is_kept_for_its_time() -> None:
    early = situation(CHAMPION, release(2, "canary"), readings=read("passed", "passed"), now_us=NOON + HOUR - 1)
    decision = decide(early)
    assert decision is not None
    assert decision.code == "verdict.hold-time"


def test_the_newest_reading_counts() -> None:
    old = read("failed", "failed", until_us=NOON + 1)
    decision = decide(situation(CHAMPION, release(2, "canary"), readings=(*old, *read("passed", "passed"))))
    assert states(decision) == {2: "canary"}


@pytest.mark.parametrize("state", ["shadow", "canary"])
@pytest.mark.parametrize("paused", [False, True])
def test_harm_takes_back_at_once_even_when_paused(state: Any, paused: bool) -> None:
    failing = read("failed", value=0.04, low=0.03, high=0.05, n=4_000)
    decision = decide(situation(CHAMPION, release(2, state), readings=failing, paused=paused, now_us=NOON))
    assert decision is not None
    assert states(decision) == {2: "rolled_back"}
    assert decision.severity == "warning"
    assert sentence(decision.code, decision.fields) == (
        "risk@2 taken out of traffic: error_rate <= 0.01 does not hold, 0.04 (0.03 to 0.05) on 4,000 answers."
    )


def test_a_pause_holds_everything_else() -> None:
    assert decide(situation(CHAMPION, release(2), paused=True)) is None
    shown = situation(CHAMPION, release(2, "canary"), readings=read("passed", "passed"), paused=True)
    assert decide(shown) is None


@pytest.mark.parametrize(
    ("outcome", "after", "code"),
    [
        ("keep", {2: "superseded"}, "verdict.kept"),
        ("promote_fresher", {2: "champion", 1: "superseded"}, "verdict.promoted-fresher"),
    ],
)
@pytest.mark.parametrize("state", ["shadow", "canary"])
def test_past_the_deadline_the_declared_outcome_comes(
    outcome: Any, after: dict[int, str], code: str, state: Any
) -> None:
    live = release(2, state, deadline_us=NOON + 2 * HOUR, fields={"gate": "undecided", "open": ("roc_auc >= 0.7",)})
    declared = {"release": tm.canary("10%", require=[ERRORS], deadline="2h", undecided=outcome)}
    decision = decide(situation(CHAMPION, live, declare=declared))
    assert decision is not None
    assert (states(decision), decision.code) == (after, code)
    assert states(decide(situation(CHAMPION, live, declare=declared, now_us=NOON + 2 * HOUR - 1))) == {}


def test_shadow_ends_after_its_time() -> None:
    declared = {"release": tm.canary("10%", shadow="3h", require=[ERRORS])}
    live = release(2, "shadow")
    assert states(decide(situation(CHAMPION, live, declare=declared, now_us=NOON + 3 * HOUR - 1))) == {}
    assert states(decide(situation(CHAMPION, live, declare=declared, now_us=NOON + 3 * HOUR))) == {2: "canary"}


def test_a_check_that_the_gate_left_open_is_decided_on_live_answers() -> None:
    live = release(2, "shadow", fields={"gate": "undecided", "open": ("roc_auc >= 0.7",)})
    floor = "roc_auc >= 0.7"
    assert states(decide(situation(CHAMPION, live, readings=(reading("risk@2", floor, "passed"),)))) == {2: "canary"}
    assert states(decide(situation(CHAMPION, live, readings=(reading("risk@2", floor, "failed"),)))) == {
        2: "rolled_back"
    }
    assert states(decide(situation(CHAMPION, live, readings=(reading("risk@2", floor, "undecided"),)))) == {}


def test_without_a_declared_release_an_open_check_leads_straight_to_champion() -> None:
    live = release(2, "shadow", fields={"gate": "undecided", "open": ("roc_auc >= 0.7",)})
    passed = (reading("risk@2", "roc_auc >= 0.7", "passed"),)
    decision = decide(situation(CHAMPION, live, readings=passed, declare={"release": None}))
    assert states(decision) == {2: "champion", 1: "superseded"}


def test_a_canary_without_requirements_only_takes_its_time() -> None:
    declared = {"release": tm.canary("10%"), "gates": [P99]}
    assert states(decide(situation(CHAMPION, release(2, "canary"), declare=declared))) == {
        2: "champion",
        1: "superseded",
    }
