"""Starts the processes of `up`, starts again what crashed, follows the challengers, and stops everything cleanly."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from tidemill.app.wiring import make
from tidemill.errors import TidemillError
from tidemill.facts.ids import version_name
from tidemill.facts.release import Policy
from tidemill.interfaces.sockets import challenger_socket, reserve
from tidemill.ports.ledger import Ledger

TURN_S = 0.1
FOLLOW_S = 0.25
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 10.0
SETTLED_S = 30.0
"""Whoever lived so long is not thought to crash at once when it is started again."""
GRACE_S = 1.0
"""How long a challenger goes on after the policy let it go: workers look at the policy a few times a second."""
DRAIN_S = 15.0
HOPELESS = 5
"""So many failures in a row before anything ever answered, and starting is given up."""

Say = Callable[[str, Mapping[str, object]], None]
Start = Callable[[Sequence[str]], "subprocess.Popen[bytes]"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to run: workers on a port (0: any free one), and further processes by name with their command lines."""

    home: Path
    system: str
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    clock: str = "system"
    online: str = ""
    others: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Child:
    """One process that is to run for as long as it is wanted."""

    argv: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    failures: int = 0
    not_before: float = 0.0
    unwanted_since: float | None = None

    @property
    def runs(self) -> bool:
        """Whether it is there and has not ended."""
        return self.process is not None and self.process.poll() is None


def run(plan: Plan, say: Say) -> int:
    """Runs until SIGTERM or SIGINT, then drains; 0, or 1 when nothing ever came up.

    `say` hears of `event.serving` (url), `event.process-ended` (name, status), `event.stopped`.
    ServeError `port-in-use`, `address-unusable` before anything starts.
    """
    listener = reserve(plan.host, plan.port)
    stopping = Event()
    before = {one: signal.signal(one, lambda *_: stopping.set()) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        ledger: Ledger = make("ledger.sqlite", plan.home / "ledger.db")
        try:
            port: int = listener.getsockname()[1]
            return Supervisor(plan, port, ledger, say).until(stopping)
        finally:
            ledger.close()
    finally:
        listener.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def started(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    """A process in a group of its own: Ctrl-C in the terminal is for this process, which stops the others in order."""
    return subprocess.Popen(argv, process_group=0)


class Supervisor:
    """The processes of one `up`. `start` makes a process of a command line."""

    def __init__(self, plan: Plan, port: int, ledger: Ledger, say: Say, start: Start = started) -> None:
        self._plan, self._port, self._ledger, self._say, self._start = plan, port, ledger, say, start
        self._children: dict[str, Child] = {}
        self._seen: int | None = None
        self._unread = ""
        self._followed = 0.0
        self._serving = False

    def until(self, stopping: Event) -> int:
        """Keeps everything running until it is told to stop; then stops it."""
        for stale in (self._plan.home / "tmp" / "metrics").glob("*.json"):
            stale.unlink()
        status = 0
        try:
            while not stopping.is_set() and status == 0:
                self.turn(time.monotonic())
                status = 1 if self.is_hopeless() else 0
                stopping.wait(TURN_S)
        finally:
            self.drain()
        self._say("event.stopped", {})
        return status

    def turn(self, now: float) -> None:
        """One look at everything: who is wanted, who ended, who is to start, who is to go."""
        if now - self._followed >= FOLLOW_S:
            self._followed = now
            self.follow(now)
        for name, child in list(self._children.items()):
            if child.process is not None and not child.runs:
                self.ended(name, child, now)
            if child.unwanted_since is None:
                if child.process is None and now >= child.not_before:
                    child.process, child.began = self._start(child.argv), now
            elif child.process is None:
                del self._children[name]
            elif now - child.unwanted_since >= GRACE_S:
                child.process.terminate()
        if not self._serving and answers(self._plan.host, self._port):
            self._serving = True
            self._say("event.serving", {"url": f"http://{self._plan.host}:{self._port}"})

    def follow(self, now: float) -> None:
        """Takes in what the ledger wants now; while it cannot be read, everybody goes on."""
        try:
            number = self._ledger.change_number()
            if number == self._seen:
                return
            wanted = self.wanted(self._ledger.find(Policy, system=self._plan.system))
        except TidemillError as error:
            if self._unread != error.code:
                log.warning("the ledger cannot be read, everybody goes on: %s", error)
            self._unread = error.code
            return
        self._seen, self._unread = number, ""
        for name, argv in wanted.items():
            child = self._children.setdefault(name, Child(argv=argv))
            child.unwanted_since = None
        for name in self._children.keys() - wanted.keys():
            child = self._children[name]
            child.unwanted_since = child.unwanted_since or now

    def wanted(self, policies: Sequence[Policy]) -> dict[str, tuple[str, ...]]:
        """Names and command lines of everything that should run."""
        plan, address = self._plan, ("--host", self._plan.host, "--port", str(self._port))
        found = {f"champion-{n}": self.worker(f"champion-{n}", *address) for n in range(plan.workers)}
        for policy in policies:
            if policy.challenger is not None:
                version = version_name(policy.model, policy.challenger.ordinal)
                path = str(challenger_socket(plan.home, version))
                name = f"challenger-{re.sub('[^A-Za-z0-9_-]', '_', version)}"
                found[name] = self.worker(name, "--socket", path, "--group", f"challenger:{version}")
        return found | {name: tuple(argv) for name, argv in plan.others.items()}

    def worker(self, name: str, *more: str) -> tuple[str, ...]:
        """The command line of a serving process."""
        plan = self._plan
        return (
            sys.executable, "-m", "tidemill.interfaces.worker", "--home", str(plan.home), "--system", plan.system,
            "--name", name, "--clock", plan.clock, "--parent", str(os.getpid()),
            *(("--online", plan.online) if plan.online else ()), *more,
        )  # fmt: skip

    def ended(self, name: str, child: Child, now: float) -> None:
        """Somebody ended: unless it was to go, it is started again after a pause that grows with each failure."""
        status = None if child.process is None else child.process.returncode
        child.process = None
        if child.unwanted_since is not None:
            return
        child.failures = 1 if now - child.began >= SETTLED_S else child.failures + 1
        child.not_before = now + min(FIRST_PAUSE_S * 2 ** (child.failures - 1), LONGEST_PAUSE_S)
        self._say("event.process-ended", {"name": name, "status": status})

    def is_hopeless(self) -> bool:
        """Whether a worker fails again and again and nothing has ever answered."""
        return not self._serving and any(child.failures >= HOPELESS for child in self._children.values())

    def drain(self) -> None:
        """Asks everybody to end and waits; whoever takes too long is killed."""
        processes = [child.process for child in self._children.values() if child.process is not None and child.runs]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + DRAIN_S
        for process in processes:
            try:
                process.wait(max(deadline - time.monotonic(), 0.0))
            except subprocess.TimeoutExpired:
                log.warning("process %d did not end within %g seconds and is killed", process.pid, DRAIN_S)
                process.kill()
                process.wait()


def answers(host: str, port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        with socket.create_connection((host, port), timeout=TURN_S):
            return True
    except OSError:
        return False
