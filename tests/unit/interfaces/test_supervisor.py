"""Processes are started, started again with growing pauses, followed, let go and drained."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.shelf import Shelf
from tidemill.errors import ServeError, StoreError
from tidemill.interfaces.sockets import reserve
from tidemill.interfaces.supervisor import (
    FOLLOW_S,
    GRACE_S,
    HOPELESS,
    LONGEST_PAUSE_S,
    SETTLED_S,
    Plan,
    Supervisor,
    run,
    started,
)


@dataclass(slots=True)
class Process:
    """Stands for a process that ends when it is told to."""

    argv: Sequence[str]
    pid: int = 1
    returncode: int | None = None

    def poll(self) -> int | None:
        return self.returncode

    def terminate(self) -> None:
        self.returncode = 0

    def wait(self, timeout: float | None = None) -> int:
        return self.returncode or 0


@dataclass(slots=True)
class Stage:
    """A supervisor over such processes, and the time."""

    supervisor: Supervisor
    started: list[Process]
    said: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    now: float = 100.0

    def turn(self, seconds: float = 0.0) -> None:
        self.now += seconds
        self.supervisor.turn(self.now)

    @property
    def running(self) -> list[str]:
        return sorted(name_of(one) for one in self.started if one.returncode is None)


def name_of(process: Process) -> str:
    argv = list(process.argv)
    return argv[argv.index("--name") + 1] if "--name" in argv else argv[0]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def stage(shelf: Shelf, port: int, **plan: Any) -> Stage:
    started: list[Process] = []
    said: list[tuple[str, dict[str, Any]]] = []

    def start(argv: Sequence[str]) -> Any:
        started.append(Process(argv))
        return started[-1]

    made = Plan(home=shelf.home, system="shelf", port=port, **plan)
    supervisor = Supervisor(made, port, shelf.ledger, lambda code, fields: said.append((code, dict(fields))), start)
    return Stage(supervisor, started, said)


def test_workers_and_others_run(shelf: Shelf, free_port: int) -> None:
    one = stage(shelf, free_port, workers=2, others={"loop": ["loop", "--home", "x"]})
    one.turn()
    assert one.running == ["champion-0", "champion-1", "loop"]
    argv = list(one.started[0].argv)
    assert argv[argv.index("--port") + 1] == str(free_port)
    assert argv[argv.index("--system") + 1] == "shelf"


def test_a_crashed_process_is_started_again_after_growing_pauses(shelf: Shelf, free_port: int) -> None:
    one = stage(shelf, free_port)
    one.turn()
    pauses = []
    for _ in range(10):
        one.started[-1].returncode = -9
        one.turn()
        begun, before = len(one.started), one.now
        while len(one.started) == begun:
            one.turn(0.05)
        pauses.append(one.now - before)
    assert pauses[:4] == pytest.approx([0.1, 0.2, 0.4, 0.8], abs=0.06)
    assert pauses[-1] == pytest.approx(LONGEST_PAUSE_S, abs=0.06)
    assert one.said[0] == ("event.process-ended", {"name": "champion-0", "status": -9})
    one.now += SETTLED_S
    one.started[-1].returncode = 1
    one.turn()
    one.turn(0.11)
    assert one.running == ["champion-0"]


def test_a_challenger_comes_with_the_policy_and_goes_after_a_grace(shelf: Shelf, free_port: int) -> None:
    one = stage(shelf, free_port)
    one.turn()
    shelf.policy("risk", (1, "a"), challenger=(2, "b"), share=0.1)
    one.turn(FOLLOW_S)
    assert one.running == ["challenger-risk_2", "champion-0"]
    assert "challenger:risk@2" in one.started[-1].argv
    shelf.policy("risk", (2, "b"))
    one.turn(FOLLOW_S)
    one.turn(GRACE_S / 2)
    assert one.running == ["challenger-risk_2", "champion-0"]
    one.turn(GRACE_S)
    assert one.running == ["champion-0"]
    one.turn(1.0)
    assert len(one.started) == 2
    assert one.said == []


def test_a_challenger_that_ended_after_it_was_let_go_is_not_started_again(shelf: Shelf, free_port: int) -> None:
    one = stage(shelf, free_port, workers=0)
    shelf.policy("risk", (1, "a"), challenger=(2, "b"), share=0.1)
    one.turn()
    shelf.policy("risk", (1, "a"))
    one.turn(FOLLOW_S)
    one.started[0].returncode = -11
    one.turn(0.1)
    one.turn(5.0)
    assert len(one.started) == 1


def test_everybody_goes_on_while_the_ledger_cannot_be_read(
    shelf: Shelf, free_port: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = stage(shelf, free_port)
    one.turn()

    def damaged() -> int:
        raise StoreError("ledger-corrupt", path="ledger.db", reason="malformed")

    monkeypatch.setattr(shelf.ledger, "change_number", damaged)
    one.turn(FOLLOW_S)
    one.turn(FOLLOW_S)
    assert one.running == ["champion-0"]
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "the ledger cannot be read, everybody goes on"
    ]


def test_a_process_is_not_hit_by_ctrl_c_in_the_terminal() -> None:
    with started([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        assert os.getpgid(other.pid) == other.pid != os.getpgrp()
        other.kill()


def test_starting_is_given_up_when_nothing_ever_comes_up(shelf: Shelf, free_port: int) -> None:
    one = stage(shelf, free_port)
    for _ in range(HOPELESS):
        one.turn(LONGEST_PAUSE_S)
        one.started[-1].returncode = 1
        one.turn()
    assert one.supervisor.is_hopeless()


def test_says_where_it_serves_once_somebody_answers(shelf: Shelf, free_port: int) -> None:
    one = stage(shelf, free_port)
    one.turn()
    assert one.said == []
    with socket.create_server(("127.0.0.1", free_port)):
        one.turn(0.1)
        one.turn(0.1)
    assert one.said == [("event.serving", {"url": f"http://127.0.0.1:{free_port}"})]


def test_everybody_is_asked_to_end(shelf: Shelf, free_port: int) -> None:
    one = stage(shelf, free_port, workers=2, others={"loop": ["loop"]})
    one.turn()
    one.supervisor.drain()
    assert one.running == []


def test_a_port_in_use_is_said_before_anything_starts(shelf: Shelf, free_port: int) -> None:
    with socket.create_server(("127.0.0.1", free_port)), pytest.raises(ServeError) as raised:
        run(Plan(home=shelf.home, system="shelf", port=free_port), lambda *_: None)
    assert (raised.value.code, raised.value.fields["port"]) == ("serve.port-in-use", free_port)


def test_two_servers_never_share_a_port(free_port: int) -> None:
    with reserve("127.0.0.1", free_port), pytest.raises(ServeError, match="port-in-use"):
        reserve("127.0.0.1", free_port)


def test_an_address_that_is_not_ours(shelf: Shelf) -> None:
    with pytest.raises(ServeError, match="address-unusable"):
        reserve("192.0.2.1", 0)
