"""The desk: versions loaded, asks answered and written down before they are said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.shelf import AFFINITY, ASK, DAY, LENDER, START, Shelf, row
from tidemill.app.answer import (
    Call,
    Desk,
    Line,
    Seat,
    Unloadable,
    arm_here,
    arms,
    load,
    open_stores,
    policies,
    prove,
)
from tidemill.errors import ModelError, RequestError, ServeError, StoreError
from tidemill.facts.data import ColumnType
from tidemill.facts.release import Arm
from tidemill.features.merge import merged
from tidemill.features.online import entity_key, space
from tidemill.features.tileplan import plan_of
from tidemill.lifecycle.serve.record import reader
from tidemill.stores.online.lmdb import LmdbOnline
from tidemill.testing.fakes import VirtualClock

CALL = Call(id="r-1", received_us=START, began_ns=0, policy=1)


class Full:
    """A journal's end on a full disk."""

    def append(self, payload: bytes) -> str:
        raise StoreError("disk-full", path="x", reason="no space")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = Shelf(tmp_path)
    made.stock()
    return made


@pytest.fixture
def desk(shelf: Shelf) -> Iterator[Desk]:
    """A desk with a risk model, a ranker, and a clock that stands at START."""
    shelf.policy("risk", (1, shelf.risk()))
    shelf.policy("ranker", (4, shelf.ranker()))
    seat = Seat(home=shelf.home, system="shelf", worker="w")
    made = Desk(seat, replace(open_stores(seat), clock=VirtualClock(START)))
    put(made)
    yield made
    made.close()


def put(desk: Desk) -> None:
    lines = {}
    for policy in policies(desk.stores, desk.seat):
        arm = arm_here(policy, desk.seat)
        if arm is not None:
            version = f"{policy.model}@{arm.ordinal}"
            lines[policy.model] = Line(policy=policy, served=load(desk.stores.blobs, version, arm.bundle))
    desk.lines.put(lines, {})


def predicted(desk: Desk, *instances: dict[str, Any], call: Call = CALL) -> list[dict[str, Any]]:
    line = desk.lines.line("risk")
    asks = desk.asks(line, {"instances": list(instances)}, START)
    return [dict(said.document) for said in desk.predict(line, asks, call)]


def ranked(desk: Desk, body: dict[str, Any], call: Call = CALL) -> dict[str, Any]:
    found = desk.lines.endpoint("recommend")
    assert found is not None
    line, endpoint = found
    return dict(desk.rank(line, endpoint, desk.wish(line, endpoint, body, START), call).document)


def test_answers_with_score_decision_and_an_id_that_finds_its_record(desk: Desk, shelf: Shelf) -> None:
    (answer,) = predicted(desk, ASK)
    assert (answer["score"], answer["decision"], list(answer["flags"])) == (0.25, "approve", [])
    payload = shelf.journal.find("predictions", answer["id"])
    assert payload is not None
    logged = reader.read(payload)
    assert (logged.version, logged.arm, logged.ask, logged.policy) == ("risk@1", "champion", "r-1/0", 1)
    assert logged.request == {"amount": 100.0, "state": "FL"}
    assert logged.looked_up == {"lender.loans_30d": 5}
    assert logged.computed["application.per_loan"] == 20.0
    assert logged.marks == {space(LENDER): "loans@v1"}
    assert (logged.asked_at_us, logged.received_at_us, logged.score, logged.decision) == (START, START, 0.25, "approve")


def test_flags_what_a_caller_should_know(desk: Desk) -> None:
    flags = [
        list(one["flags"])
        for one in predicted(
            desk,
            {**ASK, "bank": "new"},
            {**ASK, "amount": 5_000},
            {**ASK, "amount": -1},
            {**ASK, "amount": None, "bank": None},
        )
    ]
    assert flags == [["unknown:bank"], ["broken:amount < 1000"], ["out_of_scope"], ["unknown:bank", "out_of_scope"]]


def test_an_ask_that_is_older_than_what_is_remembered_says_so(desk: Desk, shelf: Shelf) -> None:
    online = LmdbOnline(shelf.home / "online")
    key = entity_key(["B1"]) or b""
    (old,) = online.get(space(LENDER), [key])
    later = [row(number, START + 90 * DAY) for number in range(90, 99)]
    online.write({space(LENDER): [(key, merged(old, later, plan_of(LENDER)))]})
    online.close()
    assert list(predicted(desk, ASK)[0]["flags"]) == ["forgotten:lender"]


def test_a_ranking_says_so_too_if_it_is_so_of_any_candidate(desk: Desk, shelf: Shelf) -> None:
    online = LmdbOnline(shelf.home / "online")
    key = entity_key([1, "milk"]) or b""
    (old,) = online.get(space(AFFINITY), [key])
    later = [row(number, START + 90 * DAY) for number in range(90, 99)]
    online.write({space(AFFINITY): [(key, merged(old, later, plan_of(AFFINITY)))]})
    online.close()
    assert list(ranked(desk, {"customer_id": 1})["flags"]) == ["forgotten:affinity"]


def test_ranks_the_entitys_own_candidates_by_score(desk: Desk, shelf: Shelf) -> None:
    found = ranked(desk, {"customer_id": "1"})
    assert [one["product"] for one in found["items"]] == ["tea", "milk", "soap"]
    assert (found["cold"], found["candidates_at"]) == (False, START)
    (logged,) = shelf.logged()
    assert logged["keys"] == {"customer_id": 1}
    assert [(one["item"], one["position"], one["propensity"]) for one in logged["shown"]] == [
        ("tea", 1, 1.0),
        ("milk", 2, 1.0),
        ("soap", 3, 1.0),
    ]
    assert [one["looked_up"]["affinity.clicks_30d"] for one in logged["shown"]] == [5, 2, 0]
    assert found["items"][1]["id"] == f"{found['items'][0]['id'][:-2]}:2"
    assert logged["marks"] == {space(AFFINITY): "clicks@v3"}


def test_an_unknown_entity_is_offered_what_everybody_is(desk: Desk) -> None:
    found = ranked(desk, {"customer_id": 99, "top": 5})
    assert [one["product"] for one in found["items"]] == ["rice", "tea"]
    assert found["cold"] is True
    assert list(found["flags"]) == ["unknown:customer_id,product"]


def test_a_full_disk_does_not_stop_the_champion_but_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "_writers", {"predictions": Full()})
    monkeypatch.setattr(desk, "_unsynced", set())
    (answer,) = predicted(desk, ASK)
    assert (answer["id"], answer["score"], list(answer["flags"])) == (None, 0.25, ["unlogged"])
    assert list(ranked(desk, {"customer_id": 1})["flags"]) == ["unlogged"]
    monkeypatch.setattr(desk, "_writers", {})


def test_what_cannot_be_kept_is_not_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "_writers", {"outcomes": Full()})
    with pytest.raises(ServeError, match="not-kept"):
        desk.outcomes([{"id": "w.1-8", "value": True}])
    monkeypatch.setattr(desk, "_writers", {})
    monkeypatch.setattr(desk, "_unsynced", set())


def test_outcomes_and_rows_go_to_their_streams(desk: Desk, shelf: Shelf) -> None:
    desk.outcomes([{"id": "w.1-8", "value": True}])
    shelf.landed("loans", [ColumnType(name="amount", type="float")])
    desk.events("loans", [{"loan_id": 1, "applied_at": "2026-01-01T09:00:00", "amount": 3}, {"loan_id": 2}])
    assert shelf.logged("outcomes") == [
        {"v": 1, "id": "w.1-8", "value": True, "happened_at_us": START, "received_at_us": START}
    ]
    (frame,) = shelf.logged("events/loans")
    assert frame["rows"] == [{"loan_id": 1, "applied_at": START, "amount": 3.0}]
    desk.sync()


def test_rows_of_a_source_that_nobody_knows_are_refused_with_the_nearest(desk: Desk) -> None:
    with pytest.raises(RequestError) as raised:
        desk.events("loan", [{}])
    assert (raised.value.code, raised.value.fields["nearest"]) == ("request.source-unknown", "loans")


def test_a_version_that_gave_no_answer_is_written_down_with_the_reason(desk: Desk, shelf: Shelf) -> None:
    line = desk.lines.line("risk")
    asks = desk.asks(line, {"instances": [ASK]}, START)
    desk.failed(
        line.policy,
        Arm(ordinal=2, bundle="b", share=0.1),
        asks,
        replace(CALL, role="challenger"),
        "serve.challenger-timeout",
    )
    (logged,) = shelf.logged()
    assert (logged["version"], logged["arm"], logged["error"], logged["score"]) == (
        "risk@2",
        "challenger",
        "serve.challenger-timeout",
        None,
    )


def test_customers_stay_with_their_arm(desk: Desk, shelf: Shelf) -> None:
    shelf.policy("ranker", (4, shelf.ranker()), challenger=(5, shelf.ranker()), share=0.5)
    put(desk)
    line, endpoint = desk.lines.endpoint("recommend") or (None, None)
    assert line is not None
    assert endpoint is not None
    asks = [desk.wish(line, endpoint, {"customer_id": n}, START) for n in range(100)]
    first = arms(line, asks, CALL)
    assert first == arms(line, asks, replace(CALL, id="another request"))
    assert 20 < first.count("challenger") < 80
    with_item = desk.asks(line, {"instances": [{"customer_id": n, "product": "tea"} for n in range(100)]}, START)
    assert arms(line, with_item, CALL) == first


def test_a_model_that_is_not_there_and_one_without_a_champion(desk: Desk) -> None:
    with pytest.raises(RequestError) as raised:
        desk.lines.line("rsik")
    assert raised.value.fields["nearest"] == "risk"
    desk.lines.put({}, {"risk": Unloadable(version="risk@2", error="store.blob-missing")})
    with pytest.raises(ServeError, match="no-champion") as lost:
        desk.lines.line("risk")
    assert (lost.value.fields["version"], lost.value.fields["error"]) == ("risk@2", "store.blob-missing")


def test_a_damaged_version_is_not_loaded(shelf: Shelf) -> None:
    with pytest.raises(ModelError):
        prove(shelf.home, shelf.damaged())
    with pytest.raises(StoreError):
        prove(shelf.home, "0" * 64)
    prove(shelf.home, shelf.risk())


def test_a_bundle_alone_is_served_whatever_the_ledger_says(shelf: Shelf) -> None:
    seat = Seat(home=shelf.home, system="", worker="trial", bundle=shelf.ranker())
    stores = open_stores(seat)
    (policy,) = policies(stores, seat)
    assert (policy.model, policy.endpoints) == ("ranker", (("rank/ranker", "choices", 10, 0.0),))
    stores.online.close()
    stores.ledger.close()


def test_a_score_that_is_no_number_is_an_error_not_an_answer(desk: Desk, shelf: Shelf) -> None:
    line = desk.lines.line("risk")
    broken = replace(line, served=replace(line.served, scores=lambda rows: [float("nan")] * len(rows)))
    with pytest.raises(ServeError, match="score-not-finite"):
        desk.predict(broken, desk.asks(line, {"instances": [ASK]}, START), CALL)
    assert shelf.logged() == []
