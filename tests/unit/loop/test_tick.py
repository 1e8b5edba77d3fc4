"""Turns of the loop on a virtual clock: what comes in, what follows, who is told, and that nothing follows nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import tidemill as tm
from tests.unit.loop.kit import BESIDE, DRIFT, ERRORS, FLOOR, GAP, Stand, declared
from tidemill.errors import DataError, SourceError
from tidemill.facts.event import Event
from tidemill.facts.release import Policy, Release
from tidemill.facts.run import Run
from tidemill.facts.signal import Alert, Firing, Notice, Reading
from tidemill.loop import act
from tidemill.loop.deliver import Post
from tidemill.loop.hold import acquire
from tidemill.loop.pace import HOUR, Pace
from tidemill.loop.run import run_model, stopped
from tidemill.loop.tick import Turn, Wheel
from tidemill.loop.trigger import MANUAL
from tidemill.spec.check import check_text
from tidemill.tell.words import sentence, way_out
from tidemill.testing.fakes import FakeNotifier

PACE = Pace(lease_s=5.0, beat_s=1.0, poll_us=HOUR, monitor_us=HOUR, stay_us=HOUR, proofs=0)
NIGHTLY = tm.cron("0 3 * * *")
HOOK = ("https://hooks.example/x", "warning")
TEXTS = {name: check_text(check) for name, check in {"floor": FLOOR, "errors": ERRORS, "beside": BESIDE}.items()}


def wheel(stand: Stand, **given: Any) -> Wheel:
    post = Post(notifiers={"https": given.pop("notifier", FakeNotifier())})
    return Wheel(mill=stand.mill, ctx=stand.ctx, post=post, street=stand.street, **given)


def stand(**changes: Any) -> Stand:
    given: dict[str, Any] = {"monitors": [FLOOR, DRIFT, GAP], "triggers": [NIGHTLY], "notify": [HOOK]}
    system = changes.pop("system", None) or declared(**given | changes.pop("declare", {}))
    return Stand(system=system, pace=PACE, **changes)


def begun(made: Stand, versions: int = 1) -> Stand:
    """After so many runs, each promoted by a person's hand."""
    for ordinal in range(1, versions + 1):
        made.rows += 50
        run_model(made.mill, "risk", made.ctx, street=made.street)
        if ordinal > 1:
            act.promoted(made.mill, "risk", ordinal, made.ctx, who="min.park", why="test", street=made.street)
        made.clock.advance(hours=2)
    made.calls.clear()
    return made


def states(made: Stand) -> dict[int, str]:
    return {one.ordinal: one.state for one in made.ledger.find(Release)}


def codes(made: Stand) -> list[str]:
    return [event.code for event in made.ledger.events()]


def quiet(turn: Turn) -> bool:
    return not (turn.versions or turn.readings or turn.fired or turn.runs or turn.notices or turn.troubles)


def test_a_system_that_never_ran_runs_in_its_first_turn() -> None:
    made = stand()
    turn = wheel(made).turn()
    assert [run.state for run in turn.runs] == ["passed"]
    assert [firing.trigger for firing in turn.fired] == ["first"]
    (firing,) = made.ledger.find(Firing)
    assert firing.run == turn.runs[0].id
    assert states(made) == {1: "champion"}


def test_nothing_new_nothing_happens() -> None:
    made = begun(stand())
    silent = replace(made.street, land=lambda *_: None)
    turning = Wheel(mill=made.mill, ctx=made.ctx, post=Post(notifiers={}), street=silent)
    turning.turn()
    events, changes = len(made.ledger.events()), made.ledger.find(Reading)
    made.clock.advance(hours=5)
    turn = turning.turn()
    assert quiet(turn)
    assert turn.decisions == []
    assert (len(made.ledger.events()), made.ledger.find(Reading)) == (events, changes)


def test_a_challenger_goes_all_the_way_on_its_numbers() -> None:
    made = begun(stand())
    made.rows += 100
    run_model(made.mill, "risk", made.ctx, street=made.street)
    made.reads |= {("risk@2", TEXTS["errors"]): "passed", ("risk@2", TEXTS["beside"]): "passed"}
    turning = wheel(made)
    seen = []
    for _ in range(4):
        made.clock.advance(hours=1)
        turning.turn()
        release = made.ledger.get(Release, "bank", "risk", 2)
        assert release is not None
        seen.append((release.state, release.share))
    assert seen == [("canary", 0.5), ("champion", 1.0), ("champion", 1.0), ("champion", 1.0)]
    policy = made.ledger.get(Policy, "bank", "risk")
    assert policy is not None
    assert policy.champion is not None
    assert (policy.champion.ordinal, policy.challenger, policy.previous and policy.previous.ordinal) == (2, None, 1)


def test_a_challenger_without_data_is_held_and_that_is_said_once() -> None:
    made = begun(stand())
    made.rows += 100
    run_model(made.mill, "risk", made.ctx, street=made.street)
    turning = wheel(made)
    for _ in range(5):
        made.clock.advance(hours=1)
        turning.turn()
    assert states(made)[2] == "canary"
    assert codes(made).count("verdict.hold-no-data") == 1


def test_a_challenger_that_fails_is_taken_back_and_told() -> None:
    made, post = begun(stand()), FakeNotifier()
    made.rows += 100
    run_model(made.mill, "risk", made.ctx, street=made.street)
    made.reads[("risk@2", TEXTS["errors"])] = "failed"
    turn = wheel(made, notifier=post).turn()
    assert states(made) == {1: "champion", 2: "rolled_back"}
    assert [decision.code for decision in turn.decisions] == ["verdict.rolled-back"]
    assert "risk@2 taken out of traffic" in post.sent[0].text


def test_a_champion_below_its_bound_goes_back_to_one_that_is_not_worse() -> None:
    made = begun(stand(), versions=2)
    made.reads |= {("risk@2", TEXTS["floor"]): "failed", ("risk@2", TEXTS["beside"]): "failed"}
    compared = replace(made.street, monitor=with_bounds(made, high=-0.01))
    turn = Wheel(mill=made.mill, ctx=made.ctx, post=Post(notifiers={}), street=compared).turn()
    assert [decision.code for decision in turn.decisions] == ["verdict.taken-back"]
    assert states(made) == {1: "champion", 2: "rolled_back"}
    assert turn.runs == []
    alerts = {alert.fields["check"]: alert.state for alert in made.ledger.find(Alert) if "check" in alert.fields}
    assert alerts == {}, "the one that answers now has no reading yet"


def with_bounds(made: Stand, high: float) -> Any:
    """The monitor stage, with that upper bound of every comparison."""

    def monitor(given: Any, ctx: Any) -> tuple[Reading, ...]:
        found = made.monitor(given, ctx)
        return tuple(replace(one, high=high, reason="worse") if "not_worse" in one.monitor else one for one in found)

    return monitor


def test_else_the_world_has_changed_a_run_starts_and_people_are_told() -> None:
    made, post = begun(stand(), versions=2), FakeNotifier()
    made.reads[("risk@2", TEXTS["floor"])] = "failed"
    made.clock.advance(days=2)
    made.rows += 100
    compared = replace(made.street, monitor=with_bounds(made, high=0.2))
    turn = Wheel(mill=made.mill, ctx=made.ctx, post=Post(notifiers={"https": post}), street=compared).turn()
    assert "verdict.retrain" in [decision.code for decision in turn.decisions]
    assert TEXTS["floor"] in {firing.trigger for firing in turn.fired}
    assert [run.version for run in turn.runs] == ["risk@3"]
    assert states(made) == {1: "superseded", 2: "champion", 3: "canary"}
    assert [alert.state for alert in made.ledger.find(Alert)] == ["firing"]
    assert "risk@2 misses roc_auc >= 0.7" in post.sent[0].text


def test_warnings_open_when_confirmed_and_close_when_clean() -> None:
    made, post = begun(stand()), FakeNotifier()
    turning = wheel(made, notifier=post)
    walk = ["failed", "failed", "passed", "passed", "passed"]
    seen = []
    for outcome in walk:
        made.reads[("risk@1", check_text(DRIFT))] = outcome  # type: ignore[assignment]  # one of the three
        made.clock.advance(hours=1)
        turning.turn()
        seen.append([alert.state for alert in made.ledger.find(Alert)])
    assert seen[-1] == ["resolved"]
    assert [len(states) for states in seen] == [0, 1, 1, 1, 1]
    assert len(post.sent) == 2
    assert [code for code in codes(made) if code in {"event.alert", "event.resolved"}] == [
        "event.alert",
        "event.resolved",
    ]


def test_the_schedule_starts_one_run_and_only_once() -> None:
    made = begun(stand())
    turning = wheel(made)
    made.clock.advance(hours=16)
    made.rows += 100
    first, second = turning.turn(), turning.turn()
    assert [len(turn.runs) for turn in (first, second)] == [1, 0]
    assert first.runs[0].cause == "cron 0 3 * * *"


def test_a_firing_waits_for_the_live_challenger_and_is_answered_when_it_is_gone() -> None:
    made = begun(stand())
    made.rows += 100
    run_model(made.mill, "risk", made.ctx, street=made.street)
    turning = wheel(made)
    made.clock.advance(hours=24)
    made.rows += 100
    waiting = turning.turn()
    assert (len(waiting.fired), waiting.runs) == (1, [])
    assert [decision.code for decision in waiting.decisions][-1] == "verdict.trigger-waits"
    made.reads[("risk@2", TEXTS["errors"])] = "failed"
    made.clock.advance(hours=1)
    after = turning.turn()
    assert [run.version for run in after.runs] == ["risk@3"]
    assert {firing.run for firing in made.ledger.find(Firing)} == {after.runs[0].id}


def test_a_dead_run_is_taken_up_in_the_next_turn() -> None:
    made = begun(stand())
    (last,) = made.ledger.find(Run)
    made.rows += 100
    made.fails["train"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run_model(made.mill, "risk", made.ctx, street=made.street)
    killed = made.ledger.find(Run)[-1]
    assert killed.id != last.id
    made.ledger.commit(replace(killed, state="running", ended_us=None))
    turn = wheel(made).turn()
    assert [run.id for run in turn.interrupted] == [killed.id]
    assert [(run.id, run.state) for run in turn.runs] == [(killed.id, "passed")]


@pytest.mark.parametrize(("cause", "taken_up"), [("first", True), (MANUAL, False)])
def test_a_run_that_was_stopped_is_taken_up_unless_a_person_stopped_it(cause: str, *, taken_up: bool) -> None:
    made = stand()
    made.fails["train"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run_model(made.mill, "risk", made.ctx, cause=cause, street=made.street)
    (run,) = made.ledger.find(Run)
    assert run.state == "interrupted"
    turn = wheel(made).turn()
    assert [one.id for one in turn.runs] == ([run.id] if taken_up else [])


def test_a_run_that_was_stopped_long_ago_is_not_taken_up() -> None:
    made = stand()
    made.fails["train"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run_model(made.mill, "risk", made.ctx, cause="first", street=made.street)
    assert [run.cause for run in stopped(made.mill, made.ctx)] == ["first"]
    made.clock.advance(days=2)
    assert stopped(made.mill, made.ctx) == ()


def test_a_step_that_fails_is_told_and_the_others_are_taken() -> None:
    made, post = begun(stand()), FakeNotifier()
    turning = wheel(made, notifier=post)
    lost = SourceError("unreachable", source="postgresql://shop", reason="no route")
    made.fails["extract"] = lost
    turn = turning.turn()
    assert turn.troubles == {"extract loans": "source.unreachable"}
    assert turn.readings, "the champion is watched all the same"
    assert "extract loans" in post.sent[0].text
    assert sentence("source.unreachable", lost.fields) in post.sent[0].text, "in words, with the way out"
    assert way_out("source.unreachable", lost.fields) in post.sent[0].text
    assert turning.turn().troubles == {}
    assert [alert.state for alert in made.ledger.find(Alert)] == ["resolved"]


def test_a_persons_run_that_failed_is_an_alert_with_the_loops_next_turn() -> None:
    made = begun(stand())
    broken = {"dataset": "loans", "rule": "unique", "value": 1, "bound": "unique loan_id"}
    made.fails["extract"] = DataError("contract-broken", version="loans@v1", file="contracts/loans.toml", **broken)
    assert run_model(made.mill, "risk", made.ctx, street=made.street).state == "failed"
    wheel(made).turn()
    (one,) = made.ledger.find(Alert)
    assert (one.state, one.code) == ("firing", "event.run-failed")
    assert "`unique` of loans is 1, promised is `unique loan_id`." in sentence(one.code, one.fields)


def diary(made: Stand, code: str, version: str, **fields: Any) -> None:
    """What a serving process says of a version."""
    told = {"model": "risk", "version": version, **fields}
    event = Event(at_us=made.clock.now_us(), system="bank", code=code, subject=version, by="w0", fields=told)
    made.ledger.commit(events=[event])


def test_a_version_in_traffic_that_no_server_can_load_is_an_alert_until_one_does() -> None:
    made, post = begun(stand(), 2), FakeNotifier()
    turning = wheel(made, notifier=post)
    diary(made, "event.bundle-refused", "risk@1", error="model.damaged", answers=None)
    turning.turn()
    assert made.ledger.find(Alert) == (), "it is not the one that is to answer"
    diary(made, "event.bundle-refused", "risk@2", error="model.proof-late", answers="risk@1")
    turning.turn()
    turning.turn()
    (alert,) = made.ledger.find(Alert)
    assert (alert.state, alert.code, alert.severity) == ("firing", "event.bundle-refused", "critical")
    assert (alert.fields["version"], alert.fields["answers"]) == ("risk@2", "risk@1")
    (message,) = post.sent
    assert "risk@2 could not be loaded to answer (model.proof-late); risk@1 goes on in its place" in message.text
    diary(made, "event.bundle-loaded", "risk@2")
    turning.turn()
    assert [one.state for one in made.ledger.find(Alert)] == ["resolved"]
    assert "risk@1 does not stand in for risk@2 any more" in post.sent[-1].text


def test_a_version_that_no_server_can_load_is_no_alert_once_it_is_out_of_traffic() -> None:
    made = begun(stand(), 2)
    turning = wheel(made)
    diary(made, "event.bundle-refused", "risk@2", error="model.damaged", answers="risk@1")
    turning.turn()
    act.promoted(made.mill, "risk", 1, made.ctx, who="min.park", why="damaged", street=made.street)
    diary(made, "event.bundle-refused", "risk@1", error="store.blob-missing", answers=None)
    turning.turn()
    found = {one.fields["version"]: one.state for one in made.ledger.find(Alert) if one.code == "event.bundle-refused"}
    assert found == {"risk@1": "firing", "risk@2": "resolved"}


def test_runs_that_fail_again_and_again_stop_and_are_told() -> None:
    made, post = begun(stand()), FakeNotifier()
    turning = wheel(made, notifier=post)
    for _ in range(4):
        made.clock.advance(days=1)
        made.rows += 10
        made.fails["train"] = ValueError("no")
        turning.turn()
    runs = made.ledger.find(Run)
    assert [run.state for run in runs] == ["passed", "failed", "failed", "failed"]
    firing = {alert.code for alert in made.ledger.find(Alert) if alert.state == "firing"}
    assert firing == {"event.run-failed", "verdict.storm"}
    act.resumed(made.mill, "risk", made.ctx, who="min.park", why="feed is back")
    made.fails.clear()
    made.clock.advance(days=1)
    assert [run.state for run in turning.turn().runs] == ["passed"]
    made.clock.advance(hours=1)
    turning.turn()
    assert {alert.state for alert in made.ledger.find(Alert)} == {"resolved"}


def test_a_pause_holds_runs_and_steps_but_not_the_way_back() -> None:
    made = begun(stand())
    made.rows += 100
    run_model(made.mill, "risk", made.ctx, street=made.street)
    act.paused(made.mill, "", made.ctx, who="min.park", why="holiday")
    made.reads |= {("risk@2", TEXTS["errors"]): "passed", ("risk@2", TEXTS["beside"]): "passed"}
    made.clock.advance(days=2)
    turning = wheel(made)
    turn = turning.turn()
    assert (turn.runs, turn.fired, states(made)[2]) == ([], [], "canary")
    made.reads[("risk@2", TEXTS["errors"])] = "failed"
    made.clock.advance(hours=1)
    turning.turn()
    assert states(made)[2] == "rolled_back"
    act.resumed(made.mill, "", made.ctx, who="min.park", why="back")
    assert not act.is_paused(made.ledger, "bank", "risk")


def test_advice_starts_nothing_and_says_so_once() -> None:
    made = stand(automation="advise")
    turning = wheel(made)
    for _ in range(3):
        turn = turning.turn()
        assert (turn.runs, turn.fired) == ([], [])
    advice = [event for event in made.ledger.events() if event.code == "event.advised"]
    assert [(one.fields["decision"], one.fields["trigger"]) for one in advice] == [("verdict.would-retrain", "first")]
    assert made.ledger.find(Firing) == ()


def test_only_one_process_turns() -> None:
    made = begun(stand())
    other = acquire(made.ledger, "loop/bank", PACE)
    assert other is not None
    with other:
        assert wheel(made).turn() == Turn(is_busy=True)
    assert not wheel(made).turn().is_busy


def test_a_run_may_go_on_elsewhere() -> None:
    made, started = stand(), []

    def start(model: str, cause: str) -> None:
        started.append((model, cause))

    turn = wheel(made, start=start).turn()
    assert (turn.runs, started) == ([], [("risk", "first")])


def test_refusals_are_told_to_those_who_want_to_hear_everything() -> None:
    made, post = stand(declare={"notify": [("https://hooks.example/x", "info")]}, gates=("failed",)), FakeNotifier()
    turning = wheel(made, notifier=post)
    turning.turn()
    assert [notice.code for notice in made.ledger.find(Notice)] == ["verdict.refused"]
    assert any("risk@1 refused" in sent.text for sent in post.sent)


def test_the_diary_tells_what_happened_in_order() -> None:
    made = stand()
    wheel(made).turn()
    told = [event.code for event in made.ledger.events() if isinstance(event, Event) and "stage" not in event.code]
    assert told == ["event.extracted", "event.triggered", "event.run-begun", "verdict.passed", "verdict.first"]
