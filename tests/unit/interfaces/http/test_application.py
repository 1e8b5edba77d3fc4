"""The wire as api.md has it, and one clear answer to everything that is not it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.shelf import ASK, Shelf
from tests.unit.interfaces.http.conftest import Bench
from tidemill.interfaces.http import application
from tidemill.lifecycle.serve.record import frame_of

MOODY = "def mood(amount, asked_at):\n    return 1 / (amount - 666)\n"


def test_predicts(bench: Bench) -> None:
    found = bench.ask("POST", "/predict/risk", {"instances": [ASK, {**ASK, "bank": "new"}]})
    assert found.status == 200
    assert found.headers["content-type"] == "application/json"
    first, second = found.document["predictions"]
    assert {"model": "risk", "version": "risk@1"}.items() <= found.document.items()
    assert (first["score"], first["decision"], first["flags"]) == (0.25, "approve", [])
    assert second["flags"] == ["unknown:bank"]
    assert first["id"] != second["id"]


def test_ranks(bench: Bench) -> None:
    found = bench.ask("POST", "/recommend", {"customer_id": "1", "top": 2}).document
    assert [item["product"] for item in found["items"]] == ["tea", "milk"]
    assert found["candidates_at"] == "2026-01-01T00:00:00Z"
    assert found["cold"] is False
    assert (found["model"], found["version"]) == ("ranker", "ranker@4")


def test_a_number_is_called_value(shelf: Shelf) -> None:
    from dataclasses import replace

    from tests.shelf import RISK
    from tidemill.engines.flavors.constant import ConstantFlavor
    from tidemill.predict.pack import pack

    saved = ConstantFlavor().save(3.5, RISK.features, "number")
    shelf.policy("risk", (1, pack(replace(RISK, kind="number", decide=()), saved, {}, shelf.blobs)))
    bench = Bench(shelf)
    (found,) = bench.ask("POST", "/predict/risk", {"instances": [ASK]}).document["predictions"]
    bench.close()
    assert found.keys() == {"id", "value", "flags"}


def test_takes_outcomes_of_what_it_said(bench: Bench, shelf: Shelf) -> None:
    items = bench.ask("POST", "/recommend", {"customer_id": 1}).document["items"]
    told = [{"id": items[1]["id"], "value": True, "happened_at": "2026-01-01T09:00:00+09:00"}, {"id": "x", "value": 1}]
    found = bench.ask("POST", "/outcomes", {"outcomes": told}).document
    assert found["accepted"] == 1
    assert found["rejected"][0]["row"] == 1
    assert found["rejected"][0]["code"] == "request.field-type"
    (kept,) = shelf.logged("outcomes")
    frame, position = frame_of(kept["id"])
    assert shelf.journal.find("predictions", frame) is not None
    assert position == 2


def test_takes_rows_of_a_source(bench: Bench, shelf: Shelf) -> None:
    rows = [{"loan_id": 1, "applied_at": "2026-01-01T09:00:00"}, {"loan_id": 2, "applied_at": "2027-01-01"}]
    found = bench.ask("POST", "/events/loans", {"rows": rows}).document
    assert found["accepted"] == 1
    assert [(one["row"], one["code"]) for one in found["rejected"]] == [(1, "request.in-the-future")]
    assert "lies in the future" in found["rejected"][0]["message"]
    assert [frame["rows"][0]["loan_id"] for frame in shelf.logged("events/loans")] == [1]


def test_says_what_is_served(bench: Bench) -> None:
    (risk, ranker) = bench.ask("GET", "/").document["models"]
    assert [field["name"] for field in risk["fields"] if field["needed"]] == ["amount", "state", "bank"]
    assert ranker["endpoints"] == ["recommend"]
    assert (risk["version"], risk["policy"], risk["challenger"]) == ("risk@1", 1, None)


def test_says_what_each_source_takes(bench: Bench) -> None:
    loans, clicks = bench.ask("GET", "/").document["sources"]
    assert (loans["source"], clicks["source"]) == ("loans", "clicks")
    assert [(field["name"], field["type"]) for field in loans["fields"] if field["needed"]] == [
        ("applied_at", "timestamp"),
        ("loan_id", "unknown"),
    ]


def test_a_number_that_no_float_holds_is_named(bench: Bench) -> None:
    many = b'{"instances": [{"amount": 1.5, "state": "FL", "bank": "B1"}, {"amount": 1e999, "state": "FL", "bank": 1}]}'
    told = bench.ask("POST", "/predict/risk", many)
    assert told.status == 400
    assert told.document["error"]["fields"]["at"] == "instances[1].amount"
    rows = b'{"rows": [{"loan_id": 1, "applied_at": "2026-01-01", "amount": 1.5}, '
    rows += b'{"loan_id": 2, "applied_at": "2026-01-01", "amount": -1e999}]}'
    found = bench.ask("POST", "/events/loans", rows).document
    assert (found["accepted"], [one["row"] for one in found["rejected"]]) == (1, [1])
    assert "rows[1].amount" in found["rejected"][0]["message"]


def test_live_ready_and_counted(bench: Bench) -> None:
    assert bench.ask("GET", "/health/live").document == {"live": True}
    assert bench.ask("GET", "/health/ready").status == 200
    bench.ask("POST", "/predict/risk", {"instances": [ASK]})
    told = bench.ask("GET", "/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert b'tidemill_predictions_total{model="risk",version="risk@1",arm="champion"} 1' in told.body


def test_not_ready_without_a_champion(shelf: Shelf) -> None:
    bench = Bench(shelf)
    assert bench.ask("GET", "/health/ready").status == 503
    assert bench.ask("GET", "/health/live").status == 200
    bench.close()


DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nothing", None, 404, "request.path-unknown"),
        ("POST", "/nothing/at/all", {}, 404, "request.path-unknown"),
        ("POST", "/predict", {}, 404, "request.path-unknown"),
        ("POST", "/predict/rsik", {"instances": [ASK]}, 404, "request.model-unknown"),
        ("GET", "/predict/risk", None, 405, "request.method-not-allowed"),
        ("DELETE", "/predict/risk", None, 405, "request.method-not-allowed"),
        ("POST", "/health/live", {}, 405, "request.method-not-allowed"),
        ("GET", "/recommend", None, 405, "request.method-not-allowed"),
        ("POST", "/predict/risk", b"", 400, "request.not-json"),
        ("POST", "/predict/risk", b"{", 400, "request.not-json"),
        ("POST", "/predict/risk", b"\xff\xfe", 400, "request.not-json"),
        ("POST", "/predict/risk", b'{"instances": [{"amount": NaN}]}', 400, "request.not-json"),
        ("POST", "/predict/risk", DEEP, 400, "request.not-json"),
        ("POST", "/predict/risk", b"[]", 400, "request.not-an-object"),
        ("POST", "/predict/risk", b"null", 400, "request.not-an-object"),
        ("POST", "/predict/risk", {}, 400, "request.instances-missing"),
        ("POST", "/predict/risk", {"instances": []}, 400, "request.instances-missing"),
        ("POST", "/predict/risk", {"instances": "all"}, 400, "request.instances-missing"),
        ("POST", "/predict/risk", {"instances": [{}]}, 400, "request.field-missing"),
        ("POST", "/predict/risk", {"instances": [{**ASK, "amount": "x"}]}, 400, "request.field-type"),
        ("POST", "/predict/risk", {"instances": [{**ASK, "amount": {}}]}, 400, "request.field-type"),
        ("POST", "/predict/risk", {"instances": [ASK], "pad": "x" * 2_000_000}, 413, "request.body-too-large"),
        ("POST", "/recommend", {}, 400, "request.field-missing"),
        ("POST", "/recommend", {"customer_id": 1, "top": -1}, 400, "request.field-type"),
        ("POST", "/outcomes", {"outcomes": {}}, 400, "request.list-missing"),
        ("POST", "/events/nowhere", {"rows": [{}]}, 404, "request.source-unknown"),
        ("POST", "/events/loans", {}, 400, "request.list-missing"),
    ],
)
def test_every_malformed_request_gets_one_clear_answer(
    bench: Bench, method: str, path: str, body: Any, status: int, code: str
) -> None:
    found = bench.ask(method, path, body)
    assert (found.status, found.document["error"]["code"]) == (status, code)
    assert set(found.document["error"]) == {"code", "message", "fields"}
    assert code not in found.document["error"]["message"]  # it has words
    assert bench.ask("POST", "/predict/risk", {"instances": [ASK]}).status == 200


def test_a_method_that_is_not_allowed_says_which_is(bench: Bench) -> None:
    assert bench.ask("GET", "/outcomes").headers["allow"] == "POST"


def test_a_body_that_grows_beyond_its_word_is_cut_off(shelf: Shelf) -> None:
    shelf.policy("risk", (1, shelf.risk()))
    bench = Bench(shelf, body_bytes=10)
    assert bench.ask("POST", "/predict/risk", {"instances": [ASK]}, content_length="5").status == 413
    bench.close()


def test_a_team_function_that_raises_is_a_500_that_is_written_down(shelf: Shelf) -> None:
    shelf.policy("risk", (1, shelf.risk(mood=MOODY)))
    bench = Bench(shelf)
    found = bench.ask("POST", "/predict/risk", {"instances": [{**ASK, "amount": 666}]})
    assert (found.status, found.document["error"]["code"]) == (500, "serve.answer-failed")
    assert bench.ask("POST", "/predict/risk", {"instances": [ASK]}).status == 200
    bench.close()
    assert [(one["error"], one["score"]) for one in shelf.logged()] == [("serve.answer-failed", None), ("", 0.25)]


def test_too_many_at_once_are_sent_away_to_come_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "IN_FLIGHT", 0)
    found = bench.ask("GET", "/health/live")
    assert (found.status, found.headers["retry-after"]) == (503, "1")


def test_a_caller_that_goes_away_in_the_middle(bench: Bench) -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "path": "/predict/risk", "headers": []}
    response = asyncio.run(bench.application.respond(scope, gone))
    assert response.status == 400


def test_the_callers_own_request_id_is_kept_in_the_log(bench: Bench, shelf: Shelf) -> None:
    bench.ask("POST", "/predict/risk", {"instances": [ASK]}, x_request_id="order-17")
    bench.ask("POST", "/predict/risk", {"instances": [ASK]}, x_request_id="bad id\t")
    asks = [one["ask"] for one in shelf.logged()]
    assert asks[0] == "order-17/0"
    assert "bad" not in asks[1]


def test_nobody_outside_can_pretend_to_be_another_moment_or_arm(bench: Bench, shelf: Shelf) -> None:
    bench.ask(
        "POST", "/predict/risk", {"instances": [ASK]},
        x_tidemill_received="5", x_tidemill_arm="shadow", x_tidemill_places="7", x_tidemill_policy="99",
    )  # fmt: skip
    (logged,) = shelf.logged()
    assert (logged["arm"], logged["policy"], logged["ask"][-2:]) == ("champion", 1, "/0")
    assert logged["received_at_us"] > 5
