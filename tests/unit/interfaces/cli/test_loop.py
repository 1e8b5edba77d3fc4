"""`tidemill loop`, `serve` and `up`: what a turn says, and a whole process tree that answers and stops cleanly."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.unit.interfaces.cli.conftest import Type
from tests.unit.interfaces.cli.test_run import project
from tidemill.interfaces.cli.loop import Teller
from tidemill.loop.decision import Decision
from tidemill.loop.tick import Turn

__all__ = ["project"]
"""The fixture of the small system."""

PATIENCE_S = 30.0


def lines(teller: Teller, turn: Turn) -> list[str]:
    return [line.plain for line in teller.news(turn)]


def held(said: str) -> Turn:
    """A turn whose one decision changes nothing."""
    return Turn(decisions=[Decision(code="event.serving", model="risk", subject="risk@2", fields={"url": said})])


def test_a_quiet_turn_says_nothing() -> None:
    assert lines(Teller(), Turn()) == []
    assert lines(Teller(), Turn(is_busy=True)) == []


def test_what_stays_as_it_is_is_said_once() -> None:
    teller = Teller()
    assert lines(teller, held("a")) == ["Serving on a."]
    assert lines(teller, held("a")) == []
    assert lines(teller, held("b")) == ["Serving on b."]


def test_a_trouble_is_said_again_when_it_comes_back() -> None:
    teller, trouble = Teller(), Turn(troubles={"extract loans": "source.unreachable"})
    assert len(lines(teller, trouble)) == 1
    assert lines(teller, trouble) == []
    assert lines(teller, Turn()) == []
    assert lines(teller, trouble) == ["▲ extract loans: source.unreachable; the log has the details"]


def test_a_port_in_use_is_said(typed: Type, project: Path, free_port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        result = typed("serve", "--port", str(free_port))
    assert result.exit_code == 1
    assert "serve.port-in-use" in result.stderr


def test_up_answers_turns_the_loop_and_stops_cleanly(typed: Type, project: Path, free_port: int) -> None:
    assert typed("run").exit_code == 0
    argv = [sys.executable, "-m", "tidemill", "up", "--port", str(free_port)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=project, env=os.environ) as up:
        try:
            assert up.stdout is not None
            serving = next(line for line in up.stdout if line.startswith("Serving on "))
            url = f"{serving.split()[2].removesuffix('.')}/predict/risk"
            answer = asked(url, {"instances": [{"loan_id": 1, "amount": 5.0}]})
        finally:
            up.send_signal(signal.SIGINT)
            said = up.stdout.read() if up.stdout else ""  # what was read ahead with the first line too
            assert up.wait(PATIENCE_S) == 0
    assert answer["version"] == "risk@1"
    assert url in said
    assert "risk@1" in typed("why", answer["predictions"][0]["id"]).stdout


def asked(url: str, document: Mapping[str, object]) -> Any:
    """The answer."""
    request = urllib.request.Request(url, json.dumps(document).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
        return json.load(response)
