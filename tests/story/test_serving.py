"""Serving, end to end: a supervisor, workers, a challenger's process, and what may befall them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.shelf import ASK, START, Shelf
from tidemill.engines.clocks.scaled import ScaledClock
from tidemill.errors import ServeError
from tidemill.interfaces.client import Client
from tidemill.interfaces.supervisor import Plan, run
from tidemill.lifecycle.serve.record import frame_of

PATIENCE_S = 60.0
SICK = """
import os, time
def mood(amount, asked_at):
    if amount == 666:
        os._exit(9)
    if amount == 777:
        time.sleep(3)
    return 0
"""
UP = """
import sys
from pathlib import Path
from tidemill.interfaces.supervisor import Plan, run
home, port, workers, clock = sys.argv[1:]
plan = Plan(home=Path(home), system="shelf", port=int(port), workers=int(workers), clock=clock)
sys.exit(run(plan, lambda code, fields: print(code, dict(fields), flush=True)))
"""


class Up:
    """A running `up` and a client of it."""

    def __init__(self, shelf: Shelf, process: subprocess.Popen[str], port: int) -> None:
        self.shelf, self.process = shelf, process
        self.client = Client(f"http://127.0.0.1:{port}")

    def predict(self, amount: float = 100, bank: str = "B1") -> dict[str, Any]:
        """One answer, with its version beside."""
        found = self.client.predict("risk", [{**ASK, "amount": amount, "bank": bank}])
        return {"version": found["version"], **found["predictions"][0]}

    def until(self, holds: Callable[[], bool]) -> None:
        """Asks again and again until it holds."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, "it never came to hold"
            threading.Event().wait(0.01)

    def workers(self, group: str) -> list[int]:
        """Process ids of the supervisor's children of that group."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children if f"--name\0{group}" in command_line(pid)]

    def replaced(self, champion: int) -> bool:
        """Whether another champion worker has come for that one."""
        there = self.workers("champion")
        return champion not in there and len(there) == 2


def command_line(pid: str) -> str:
    """The process's arguments, set apart by zero bytes; "" when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


@contextmanager
def up(shelf: Shelf, port: int, workers: int = 1) -> Iterator[Up]:
    clock = str(ScaledClock.starting(START, 1.0))
    argv = [sys.executable, "-c", UP, str(shelf.home), str(port), str(workers), clock]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("event.serving"), line
        made = Up(shelf, process, port)
        try:
            yield made
        finally:
            made.client.close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = Shelf(tmp_path)
    made.stock()
    return made


def test_a_day_at_the_counter(shelf: Shelf, free_port: int) -> None:
    """Predict, rank, report what came of it, push rows; then everything stops cleanly."""
    shelf.policy("risk", (1, shelf.risk()))
    shelf.policy("ranker", (1, shelf.ranker()))
    with up(shelf, free_port, workers=2) as one:
        answer = one.predict()
        assert (answer["version"], answer["score"], answer["decision"], answer["flags"]) == (
            "risk@1",
            0.25,
            "approve",
            [],
        )
        assert one.predict(bank="nobody")["flags"] == ["unknown:bank"]
        ranking = one.client.rank("recommend", customer_id="1", top=2)
        assert [item["product"] for item in ranking["items"]] == ["tea", "milk"]
        told = one.client.outcomes([{"id": ranking["items"][0]["id"], "value": True}])
        assert told == {"accepted": 1, "rejected": []}
        pushed = one.client.push("loans", [{"loan_id": 7, "applied_at": "2026-01-01T09:00:00", "bank": "B1"}])
        assert pushed == {"accepted": 1, "rejected": []}
        children = one.workers("")
        with pytest.raises(ServeError, match="port-in-use"):
            run(Plan(home=shelf.home, system="shelf", port=free_port), lambda *_: None)
    assert len(children) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)
    assert shelf.journal.find("predictions", answer["id"]) is not None
    assert shelf.logged("outcomes")[0]["value"] is True
    assert shelf.logged("events/loans")[0]["rows"] == [{"loan_id": 7, "applied_at": START, "bank": "B1"}]


@contextmanager
def crowd(port: int, callers: int) -> Iterator[Crowd]:
    """So many callers who ask without a pause while the block lasts."""
    made, stop = Crowd(), threading.Event()

    def ask() -> None:
        with Client(f"http://127.0.0.1:{port}") as client:
            while not stop.is_set():
                try:
                    answer = client.predict("risk", [ASK])
                    made.answers.append((answer["version"], answer["predictions"][0]))
                except ServeError as error:
                    made.failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(callers)]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@dataclass(slots=True)
class Crowd:
    """What callers got so far."""

    answers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    failures: list[ServeError] = field(default_factory=list)

    def has(self, answers: int) -> bool:
        """Whether there are so many answers."""
        return len(self.answers) >= answers

    def heard(self, version: str) -> bool:
        """Whether the last answer came from that version."""
        return bool(self.answers) and self.answers[-1][0] == version


def test_a_killed_worker_loses_no_answer_that_was_given(shelf: Shelf, free_port: int) -> None:
    """kill -9 again and again while callers ask; every id that a caller has is in the log."""
    shelf.policy("risk", (1, shelf.risk()))
    with up(shelf, free_port, workers=2) as one, crowd(free_port, 3) as callers:
        for _ in range(4):
            one.until(partial(callers.has, len(callers.answers) + 50))
            before = one.workers("champion")
            os.kill(before[0], signal.SIGKILL)
            one.until(partial(one.replaced, before[0]))
    ids = [answer["id"] for _, answer in callers.answers]
    assert len(ids) > 200
    assert [id for id in ids if shelf.journal.find("predictions", frame_of(id)[0]) is None] == []
    assert len(set(ids)) == len(ids)


def test_a_swap_under_load_fails_no_request(shelf: Shelf, free_port: int) -> None:
    """Versions change while callers ask: every answer is whole, by the old version or the new."""
    bundles = [shelf.risk(score / 10) for score in range(1, 6)]
    shelf.policy("risk", (1, bundles[0]))
    with up(shelf, free_port) as one, crowd(free_port, 2) as callers:
        one.until(partial(callers.heard, "risk@1"))
        for ordinal, bundle in enumerate(bundles[1:], start=2):
            shelf.policy("risk", (ordinal, bundle))
            one.until(partial(callers.heard, f"risk@{ordinal}"))
    assert callers.failures == []
    assert {(version, answer["score"]) for version, answer in callers.answers} == {
        (f"risk@{n}", n / 10) for n in range(1, 6)
    }


def test_a_damaged_version_never_reaches_a_caller(shelf: Shelf, free_port: int) -> None:
    shelf.policy("risk", (1, shelf.risk()))
    with up(shelf, free_port) as one:
        assert one.predict()["version"] == "risk@1"
        (worker,) = one.workers("champion")
        shelf.policy("risk", (2, shelf.damaged()))
        one.until(lambda: any(event.code == "event.bundle-refused" for event in shelf.ledger.events()))
        assert one.predict()["version"] == "risk@1"
        assert one.workers("champion") == [worker]
        shelf.policy("risk", (3, shelf.risk(0.75)))
        one.until(lambda: one.predict()["version"] == "risk@3")


def test_a_challenger_that_crashes_or_dawdles_does_not_touch_the_champion(shelf: Shelf, free_port: int) -> None:
    """A canary that takes half of the keys kills its process on one amount and sleeps on another."""
    sick = shelf.risk(0.75, mood=SICK)
    shelf.policy("risk", (1, shelf.risk(0.25)), challenger=(2, sick), share=0.5)
    with up(shelf, free_port) as one:
        banks = [f"new {n}" for n in range(30)]
        one.until(lambda: any(one.predict(bank=bank).get("version") == "risk@2" for bank in banks))
        theirs = [bank for bank in banks if one.predict(bank=bank)["score"] == 0.75]
        assert 3 < len(theirs) < 27
        (champion,) = one.workers("champion")
        (challenger,) = one.workers("challenger")

        crashed = one.predict(amount=666, bank=theirs[0])
        assert (crashed["score"], crashed["flags"]) == (0.25, ["unknown:bank", "fallback:risk@2"])
        one.until(lambda: one.workers("challenger") not in ([], [challenger]))
        one.until(lambda: one.predict(bank=theirs[0])["score"] == 0.75)

        began = time.monotonic()
        slow = one.predict(amount=777, bank=theirs[0])
        assert time.monotonic() - began < 2.5
        assert (slow["score"], slow["flags"]) == (0.25, ["unknown:bank", "fallback:risk@2"])
        ours = next(bank for bank in banks if bank not in theirs)
        assert one.predict(bank=ours)["score"] == 0.25
        assert one.workers("champion") == [champion]

        shelf.policy("risk", (2, shelf.risk(0.75)))
        one.until(lambda: one.predict(bank=ours)["version"] == "risk@2")
        one.until(lambda: one.workers("challenger") == [])
    errors = {(one["version"], one["error"]) for one in shelf.logged() if one["error"]}
    assert {("risk@2", "serve.challenger-unreachable"), ("risk@2", "serve.challenger-timeout")} <= errors
    assert {version for version, _ in errors} == {"risk@2"}


def test_a_shadow_answers_the_same_asks_and_nobody_sees_it(shelf: Shelf, free_port: int) -> None:
    shelf.policy("risk", (1, shelf.risk(0.25)), challenger=(2, shelf.risk(0.75)), shadow=True)
    with up(shelf, free_port) as one:

        def shadowed() -> bool:
            assert one.predict()["score"] == 0.25
            return any(logged["arm"] == "shadow" and not logged["error"] for logged in shelf.logged())

        one.until(shadowed)
    by_ask: dict[str, dict[str, Any]] = {}
    for logged in shelf.logged():
        if not logged["error"]:
            by_ask.setdefault(logged["ask"], {})[logged["arm"]] = logged
    pairs = [arms for arms in by_ask.values() if len(arms) == 2]
    assert pairs
    assert {(arms["champion"]["score"], arms["shadow"]["score"]) for arms in pairs} == {(0.25, 0.75)}
    assert all(arms["champion"]["asked_at_us"] == arms["shadow"]["asked_at_us"] for arms in pairs)


def test_workers_end_with_a_supervisor_that_is_killed(shelf: Shelf, free_port: int) -> None:
    shelf.policy("risk", (1, shelf.risk()))
    argv = [sys.executable, "-c", UP, str(shelf.home), str(free_port), "1", "system"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("event.serving")
        one = Up(shelf, process, free_port)
        (worker,) = one.workers("champion")
        process.kill()
        process.wait()
        end = time.monotonic() + PATIENCE_S
        while state(worker) != "Z":
            assert time.monotonic() < end, "the worker outlived its supervisor"
        one.client.close()


def state(pid: int) -> str:
    """The process's state letter; Z when it has ended but nobody took note."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"
