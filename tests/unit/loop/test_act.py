"""What is decided is written whole or not at all, alone, and with who and why."""

from __future__ import annotations

import pytest

from tests.unit.loop.kit import Stand, broken, declared
from tidemill.errors import BusyError, ModelError, RunError
from tidemill.facts.release import Policy, Release
from tidemill.facts.signal import Notice
from tidemill.loop import act
from tidemill.loop.hold import acquire
from tidemill.loop.pace import Pace
from tidemill.loop.run import run_model

WHO = {"who": "min.park", "why": "by hand"}


def begun(versions: int = 2, **changes: object) -> Stand:
    """After so many runs: the first version answers, the last is in canary."""
    stand = Stand(system=declared(notify=(("https://hooks.example/", "info"),)), **changes)  # type: ignore[arg-type]  # the stand's own
    for _ in range(versions):
        stand.rows += 50
        run_model(stand.mill, "risk", stand.ctx, street=stand.street)
    return stand


def states(stand: Stand) -> dict[int, str]:
    return {one.ordinal: one.state for one in stand.ledger.find(Release)}


def policy(stand: Stand) -> Policy:
    found = stand.ledger.get(Policy, "bank", "risk")
    assert found is not None
    return found


def test_releases_policy_line_and_messages_come_together() -> None:
    stand = begun()
    before = policy(stand)
    events = len(stand.ledger.events())
    act.promoted(stand.mill, "risk", 2, stand.ctx, street=stand.street, **WHO)
    after = policy(stand)
    assert states(stand) == {1: "superseded", 2: "champion"}
    assert after.seq == before.seq + 1
    assert after.champion is not None
    assert (after.champion.ordinal, after.previous and after.previous.ordinal) == (2, 1)
    (event,) = stand.ledger.events(after=events)
    assert (event.code, event.by, event.subject) == ("verdict.promoted-by", "min.park", "risk@2")
    assert "verdict.promoted-by" in {notice.code for notice in stand.ledger.find(Notice)}
    act.taken_back(stand.mill, "risk", 2, stand.ctx, street=stand.street, **WHO)
    assert states(stand) == {1: "champion", 2: "rolled_back"}


def test_a_person_is_told_when_a_version_cannot_answer_and_nothing_moves() -> None:
    stand = begun()
    before = (states(stand), policy(stand), len(stand.ledger.events()))
    stand.fails["serve"] = broken()
    with pytest.raises(ModelError):
        act.promoted(stand.mill, "risk", 2, stand.ctx, street=stand.street, **WHO)
    assert (states(stand), policy(stand), len(stand.ledger.events())) == before


def test_what_cannot_be_is_refused_and_nothing_moves() -> None:
    stand = begun()
    before = states(stand)
    for ordinal in (1, 7):
        with pytest.raises(RunError):
            act.promoted(stand.mill, "risk", ordinal, stand.ctx, street=stand.street, **WHO)
    assert states(stand) == before


def test_who_moves_traffic_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stand = begun()
    monkeypatch.setattr(act, "PATIENCE_S", 0.0)
    other = acquire(stand.ledger, "release/bank/risk", stand.pace)
    assert other is not None
    with other, pytest.raises(BusyError) as raised:
        act.promoted(stand.mill, "risk", 2, stand.ctx, street=stand.street, **WHO)
    assert raised.value.code == "busy.release-going"
    act.promoted(stand.mill, "risk", 2, stand.ctx, street=stand.street, **WHO)


def test_a_hold_is_said_once_until_something_else_happens() -> None:
    stand = begun()
    for _ in range(3):
        stand.clock.advance(hours=1)
        act.settle(stand.mill, "risk", stand.ctx, stand.street)
    codes = [event.code for event in stand.ledger.events(subject="risk@2")]
    assert codes.count("verdict.hold-no-data") == 1


@pytest.mark.parametrize(
    ("held", "model", "expected"), [("risk", "risk", True), ("", "risk", True), ("other", "risk", False)]
)
def test_a_pause_holds_a_model_or_all(held: str, model: str, expected: bool) -> None:
    stand = begun(1)
    act.paused(stand.mill, held, stand.ctx, **WHO)
    assert act.is_paused(stand.ledger, "bank", model) is expected
    stand.clock.advance(minutes=5)
    act.resumed(stand.mill, held, stand.ctx, **WHO)
    assert not act.is_paused(stand.ledger, "bank", model)
    assert (act.resumed_us(stand.ledger, "bank", model) > 0) is expected
    assert [event.by for event in stand.ledger.events(newest=2)] == ["min.park", "min.park"]


def test_a_run_waits_until_who_died_while_moving_traffic_has_lost_the_right(monkeypatch: pytest.MonkeyPatch) -> None:
    stand = Stand(pace=Pace(lease_s=5.0, beat_s=1.0))
    monkeypatch.setattr(act, "PATIENCE_S", 0.0)
    assert stand.ledger.acquire("release/bank/risk", owner="died", ttl_us=300_000) is not None
    assert run_model(stand.mill, "risk", stand.ctx, street=stand.street).state == "passed"
    assert states(stand) == {1: "champion"}
