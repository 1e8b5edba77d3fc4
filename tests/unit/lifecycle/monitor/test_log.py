"""The prediction log lands as a dataset, each frame once, one row per answer or shown item."""

from __future__ import annotations

import json
from typing import Any

from tests.street import Street, us
from tests.unit.lifecycle.lender import lender
from tidemill.facts.codec import canonical
from tidemill.facts.data import DatasetVersion
from tidemill.lifecycle.monitor.log import OUTCOMES, PREDICTIONS, land
from tidemill.lifecycle.serve.record import Logged, Shown, write

AT = us("2026-02-01")


def logged(**changes: Any) -> Logged:
    usual: dict[str, Any] = {
        "ask": "r1/0", "asked_at_us": AT, "received_at_us": AT + 5, "system": "lender", "model": "risk",
        "version": "risk@1", "bundle": "b", "arm": "champion", "policy": 3, "keys": {"town": "Ulm"},
        "request": {"age": 30}, "looked_up": {"nearby.loans_2d": 2}, "computed": {"form.age": 30}, "score": 0.25,
        "decision": "approve", "flags": ("unknown:town",), "latency_us": 800,
    }  # fmt: skip
    return Logged(**usual | changes)


def answer(mill: Street, *answers: Logged, worker: str = "w0") -> list[str]:
    writer = mill.ctx.journal.writer("predictions", worker)
    ids = [write(writer, one) for one in answers]
    assert None not in ids
    return [str(one) for one in ids]


def landed(mill: Street, dataset: str = PREDICTIONS) -> DatasetVersion | None:
    return land(dataset, "lender", us("2026-03-01"), mill.ctx)


def test_nothing_lands_before_the_first_answer() -> None:
    mill, _ = lender()
    assert landed(mill) is None
    assert landed(mill, OUTCOMES) is None


def test_an_answer_lands_once_with_all_that_it_was() -> None:
    mill, _ = lender()
    (id,) = answer(mill, logged())
    first = landed(mill)
    assert first is not None
    assert (first.name, first.rows, first.watermark_us) == (f"{PREDICTIONS}@v1", 1, AT)
    (row,) = mill.landed(PREDICTIONS).to_pylist()
    assert (row["id"], row["version"], row["score"], row["decision"]) == (id, "risk@1", 0.25, "approve")
    assert (row["keys"], row["request"], row["flags"]) == ('{"town":"Ulm"}', '{"age":30}', '["unknown:town"]')
    assert json.loads(row["features"]) == {"form.age": 30, "nearby.loans_2d": 2}
    assert (row["item"], row["propensity"], row["latency_us"], row["error"]) == (None, None, 800, "")
    assert landed(mill) == first
    answer(mill, logged(), worker="w1")
    answer(mill, logged(score=None, decision=None, error="serve.answer-failed"))
    second = landed(mill)
    assert second is not None
    assert (second.number, second.rows, second.new_rows) == (2, 3, 2)
    assert mill.landed(PREDICTIONS)["_row"].to_pylist() == [0, 1, 2]
    assert {column.name: column.type for column in second.columns}["asked_at"] == "timestamp"


def test_a_ranking_lands_as_one_row_for_each_item_that_was_shown() -> None:
    mill, _ = lender()
    shown = (
        Shown(item="ant", position=1, score=0.9, propensity=1.0, looked_up={"pair.n": 2}, computed={"f.x": 1}),
        Shown(item=7, position=2, score=0.4, propensity=0.5, looked_up={"pair.n": 0}, computed={"f.x": 0}),
    )
    (id,) = answer(mill, logged(endpoint="recommend", score=None, decision=None, shown=shown))
    landed(mill)
    rows = mill.landed(PREDICTIONS).to_pylist()
    assert [(row["id"], row["item"], row["position"], row["score"]) for row in rows] == [
        (f"{id}:1", '"ant"', 1, 0.9), (f"{id}:2", "7", 2, 0.4),
    ]  # fmt: skip
    features = [json.loads(row["features"]) for row in rows]
    assert features[0] == {"form.age": 30, "nearby.loans_2d": 2, "pair.n": 2, "f.x": 1}
    assert features[1] == {"form.age": 30, "nearby.loans_2d": 2, "pair.n": 0, "f.x": 0}


def test_posted_outcomes_land_beside() -> None:
    mill, _ = lender()
    writer = mill.ctx.journal.writer("outcomes", "w0")
    for value in (True, 2.5):
        document = {"v": 1, "received_at_us": AT + 9, "id": "w0.1-0", "value": value, "happened_at_us": AT}
        writer.append(canonical(document))
    version = landed(mill, OUTCOMES)
    assert version is not None
    assert version.rows == 2
    rows = mill.landed(OUTCOMES).to_pylist()
    assert [(row["id"], row["value"]) for row in rows] == [("w0.1-0", 1.0), ("w0.1-0", 2.5)]
