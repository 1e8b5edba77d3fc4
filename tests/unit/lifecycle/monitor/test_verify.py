"""Logged answers of a version computed anew: none differs, unless something is not as the words say."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import tidemill as tm
from tests.answered import answered
from tests.answered import log as write
from tests.street import HOUR, Street, table, us
from tidemill.features import plan, sight
from tidemill.features import reader as records
from tidemill.features.rows import Ints
from tidemill.features.timeline import Timeline
from tidemill.lifecycle.monitor import log, verify
from tidemill.lifecycle.monitor.parity import Difference
from tidemill.lifecycle.monitor.verify import Given, Verified
from tidemill.lifecycle.serve.record import reader

START = us("2026-03-20")
CALLERS = [{"customer": customer, "amount": 9.5} for customer in (0, 1, 7)]
"""Both customers and one whom nobody knows."""
KINDS = {
    "events": {
        "id": pa.int64(), "at": pa.timestamp("us", tz="UTC"), "customer": pa.int64(), "kind": pa.string(),
        "price": pa.float64(),
    },
    "loans": {
        "loan": pa.int64(), "asked": pa.timestamp("us", tz="UTC"), "customer": pa.int64(), "amount": pa.float64(),
        "state": pa.string(),
    },
}  # fmt: skip


def lender() -> tm.System:
    """Windows that slide and that step, columns, and what a request is made into with them."""
    system = tm.System("lender", owner="o@lender.example", zone="Europe/Berlin")
    events = system.source("events", tm.files("events"), key="id", time="at", known="at + interval '1 hour'")
    loans = system.source("loans", tm.files("loans"), key="loan", time="asked")
    past = system.features("past", events, entity="customer", columns=["price"], windows={
        "n_5h": tm.count("5h", step="0s"), "spend_20d": tm.sum("price", "20d", scale=2),
        "kind": tm.last("kind")})  # fmt: skip
    form = system.request("form", loans, columns=["amount", "amount - past.price as above"])
    bad = system.label("bad", asked=loans, outcome="state = 'bad'")

    @system.model(label=bad, features=[past, form], split=tm.by_hash(valid=0.2, test=0.2))
    def risk(train: tm.Data, valid: tm.Data) -> object:
        return 0.25

    return system


def event(id: int, price: float, at: int | None = None) -> dict[str, Any]:
    """An event an hour, of two customers in turn."""
    return {
        "id": id,
        "at": START + id * HOUR if at is None else at,
        "customer": id % 2,
        "kind": "ab"[id % 2],
        "price": price,
    }


@dataclass(slots=True)
class Desk:
    """A lender at work: rows land, versions answer, and the log of it is in the journal."""

    street: Street
    bundle: str = ""

    def land(self, rows: list[dict[str, Any]], now: int) -> None:
        self.street.readers["events"].add(table(rows, **KINDS["events"]))
        self.street.extract("events", now)

    def ask(self, *moments: int) -> None:
        """All callers at each moment."""
        write(self.street.ctx, *answered(self.street.ctx, self.bundle, CALLERS, moments))

    def verify(self, sample: int = 1_000, since_us: int | None = None) -> Verified:
        given = Given(system=self.street.system, sample=sample, since_us=since_us, now_us=START)
        return verify.run(given, self.street.ctx)


@pytest.fixture
def desk() -> Desk:
    """Answers before and after rows came late, came again and were corrected."""
    found = Desk(Street(lender(), {name: table([], **kinds) for name, kinds in KINDS.items()}))
    loans = [
        {"loan": n, "asked": START - n * HOUR, "customer": n % 3, "amount": 1.0 + n, "state": "bad" if n % 2 else "ok"}
        for n in range(400)
    ]
    found.street.readers["loans"].add(table(loans, **KINDS["loans"]))
    found.street.extract("loans", START)
    found.land([event(n, 1.25 * n) for n in range(8)], START + 9 * HOUR)
    found.bundle = found.street.train(found.street.prepare("risk")).bundle
    found.street.push(START + 9 * HOUR)
    found.ask(*(START + hour * HOUR + odd for hour in (4, 6, 9) for odd in (0, 1)))
    found.land([event(6, 99.0), event(3, 3.75), event(8, 4.5), event(9, 8.25)], START + 11 * HOUR)
    found.ask(START + 11 * HOUR)
    found.street.push(START + 11 * HOUR)
    found.ask(*(START + hour * HOUR + odd for hour in (9, 10, 11) for odd in (0, 1)))
    return found


def test_no_answer_differs_and_lag_is_told_apart(desk: Desk) -> None:
    found = desk.verify()
    assert (found.answered, found.sampled, found.predictions, found.features) == (39, 39, 39, 39 * 6)
    assert (found.differences, found.proven) == (0, True)
    (proof,) = found.proofs
    assert (proof.version, proof.predictions, proof.trouble) == ("risk@1", 39, None)
    (past,) = proof.parity.freshness if proof.parity else ()
    # rows of the second batch could be seen from an hour after their time on: by 3 asks at 4 h, by all from 6 h on
    assert (past.view, past.behind, past.rows) == ("past", 3 + 6 + 6 + 3, 4)
    assert past.lag_us == 7 * HOUR


def test_what_has_landed_and_what_has_not_are_one_log(desk: Desk) -> None:
    log.land("_predictions", "lender", START, desk.street.ctx)
    desk.ask(START + 12 * HOUR)
    before = desk.street.ctx.tables.newest("_predictions")
    found = desk.verify()
    assert (found.answered, found.differences) == (42, 0)
    assert desk.street.ctx.tables.newest("_predictions") == before, "to look writes nothing"


def test_a_sample_is_all_of_some_entities_and_the_same_again(desk: Desk) -> None:
    some = desk.verify(sample=13)
    assert (some.answered, some.sampled) == (39, 13)
    assert desk.verify(sample=13) == some
    rows, _ = verify.sampled(desk.street.ctx, 13, None)
    assert len(set(rows["keys"].to_pylist())) == 1
    assert desk.verify(since_us=START + 11 * HOUR).answered == 9


def late_by_a_microsecond(timeline: Timeline) -> Ints:
    return np.searchsorted(timeline.arrival_keys, timeline.packing(timeline.askers, timeline.moments + 1))


def by_event_time_only(timeline: Timeline) -> Ints:
    return timeline.first_from(timeline.moments)


TAIL = sight.tail
MUTANTS: dict[str, tuple[object, str, Callable[..., object]]] = {
    "a row of the very moment is seen": (Timeline, "entered", late_by_a_microsecond),
    "only the event time decides what is seen": (Timeline, "entered", by_event_time_only),
    "the tail is a microsecond short": (sight, "tail", lambda *given: TAIL(*given) + 1),
    "what comes twice counts twice": (plan, "identity", lambda source: (plan.ROW,)),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_training_that_is_wrong_by_one_is_noticed(desk: Desk, mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server answered rightly; what training computes has gone astray since."""
    owner, name, wrong = MUTANTS[mutant]
    monkeypatch.setattr(owner, name, wrong)
    found = desk.verify()
    assert found.differences > 0
    assert not found.proven


TAIL_OF = records.tail_of
SERVERS: dict[str, tuple[object, str, Callable[..., object]]] = {
    "a row of the very moment is seen": (records, "sees", lambda row, at: max(row.time, row.known) <= at <= row.until),
    "only the event time decides what is seen": (records, "sees", lambda row, at: row.time < at <= row.until),
    "the tail is a microsecond short": (records, "tail_of", lambda *given: TAIL_OF(*given) + 1),
    "what comes twice counts twice": (
        plan, "ended", lambda source, first_row: f"select * from {plan.quoted(source.dataset)} where false"
    ),
}  # fmt: skip


@pytest.mark.parametrize("mutant", SERVERS)
def test_a_server_that_is_wrong_by_one_is_noticed(desk: Desk, mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the other way round: what the server reads or keeps is wrong, training is not."""
    with monkeypatch.context() as patched:
        patched.setattr(*SERVERS[mutant])
        desk.land([event(10, 5.0), event(10, 5.5), event(5, 6.25)], START + 12 * HOUR)
        desk.street.push(START + 12 * HOUR)
        desk.ask(*(START + hour * HOUR + odd for hour in (7, 9, 11, 12) for odd in (0, 1)))
    assert desk.verify().differences > 0


def test_a_last_digit_is_told_with_both_values(desk: Desk) -> None:
    frames, _ = desk.street.ctx.journal.read("predictions")
    right = next(one for one in map(reader.read, (one.payload for one in frames)) if one.looked_up["past.spend_20d"])
    was = right.looked_up["past.spend_20d"]
    wrong = math.nextafter(was, math.inf)
    (id,) = write(desk.street.ctx, replace(right, looked_up={**right.looked_up, "past.spend_20d": wrong}))
    (proof,) = desk.verify().proofs
    assert proof.parity is not None
    assert proof.parity.first == (Difference(prediction=id, name="past.spend_20d", logged=wrong, recomputed=was),)


def test_one_sum_that_does_not_fit_keeps_no_other_answer_from_being_proven(desk: Desk) -> None:
    desk.land([event(11, 1e17)], START + 12 * HOUR)  # at two decimal places beyond 2^63
    desk.street.push(START + 12 * HOUR)
    desk.ask(*(START + 13 * HOUR + odd for odd in (0, 1)))
    rows, _ = verify.sampled(desk.street.ctx, 1_000, START + 13 * HOUR)
    told = {(row["keys"], row["flags"]): json.loads(row["features"])["past.spend_20d"] for row in rows.to_pylist()}
    assert told == {
        ('{"customer":0}', "[]"): 1.25 * (0 + 2 + 4) + 99.0 + 4.5,
        ('{"customer":1}', '["overflow:past.spend_20d"]'): None,
        ('{"customer":7}', '["unknown:customer"]'): 0.0,
    }
    found = desk.verify()
    (proof,) = found.proofs
    assert proof.parity is not None
    assert (found.predictions, found.differences, found.proven) == (39 + 4, 0, True)
    assert (proof.parity.overflown, proof.parity.overflows) == (2, {"past.spend_20d": 2})


def test_a_sum_that_fits_in_answers_alone_is_a_difference(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.land([event(11, 1e17)], START + 12 * HOUR)
    desk.street.push(START + 12 * HOUR)
    monkeypatch.setattr("tidemill.features.seen.FITS", 2**100)
    monkeypatch.setattr("tidemill.features.young.FITS", 2**100)
    desk.ask(START + 13 * HOUR)
    (proof,) = desk.verify().proofs
    assert proof.parity is not None
    (one, *_) = proof.parity.first
    assert (one.name, one.recomputed) == ("past.spend_20d", None)
    assert one.logged == pytest.approx(1e17)


def test_a_version_that_cannot_be_read_is_no_proof(desk: Desk) -> None:
    frames, _ = desk.street.ctx.journal.read("predictions")
    write(desk.street.ctx, replace(reader.read(frames[0].payload), bundle="f" * 64, version="risk@2"))
    found = desk.verify()
    assert (found.differences, found.proven) == (0, False)
    (whole, lost) = found.proofs
    assert (whole.parity is not None, lost.parity, lost.predictions) == (True, None, 1)
    assert lost.trouble is not None
    assert lost.trouble.code == "store.blob-missing"


def test_without_answers_there_is_nothing_to_differ() -> None:
    quiet = Desk(Street(lender(), {name: table([], **kinds) for name, kinds in KINDS.items()}))
    found = quiet.verify()
    assert (found.answered, found.proofs, found.proven) == (0, (), True)
