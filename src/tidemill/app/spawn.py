"""Starts the runs of a loop in processes of their own: the loop goes on deciding while a model trains."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from tidemill.app.find import Found
from tidemill.app.settings import Settings
from tidemill.errors import RunError

BUSY = 4
"""Exit code of `tidemill run` when a run of the model goes on elsewhere."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 300.0
STOP_S = 10.0
WORDS = 300
WRONG = "✗"
"""How what went wrong begins on the screen of a command."""

Command = Callable[[str, str], Sequence[str]]
Last = Callable[[str], object]


@dataclass(slots=True, kw_only=True)
class Child:
    """The last process of one model. `before`: the model's last run as it was at its start; `said`: its screen."""

    process: subprocess.Popen[bytes]
    said: Path
    before: object
    failures: int
    not_before: float = 0.0

    @property
    def runs(self) -> bool:
        """Whether it goes on."""
        return self.process.poll() is None

    def words(self) -> str:
        """What it said went wrong, on one line."""
        text = " ".join(self.said.read_text(encoding="utf-8", errors="replace").split())
        return text[max(text.find(WRONG), 0) :][:WORDS]


class Spawner:
    """A `start` of the loop's wheel. `command`: the command line of a run of a model for a cause.

    `last`: a model's last run as the ledger has it. `folder`: where the last screen of each is kept.
    """

    def __init__(self, command: Command, last: Last, folder: Path) -> None:
        self._command, self._last, self._folder = command, last, folder
        self._children: dict[str, Child] = {}

    def __call__(self, model: str, cause: str) -> None:
        """Starts the run, unless one that was started goes on; what becomes of it, it writes into the ledger itself.

        RunError `not-begun` when the last process ended and had not begun a run, at each call until a pause is over
        that grows with each such end; then it is tried again.
        """
        child = self._children.get(model)
        if child is not None and child.runs:
            return
        failures = 0 if child is None else self._failures(model, child)
        self._folder.mkdir(parents=True, exist_ok=True)
        said = self._folder / f"{model}.txt"
        with said.open("wb") as screen:
            process = subprocess.Popen(
                self._command(model, cause), process_group=0, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen
            )
        self._children[model] = Child(process=process, said=said, before=self._last(model), failures=failures)

    def _failures(self, model: str, child: Child) -> int:
        """How often in a row no run was begun, 0 when the last process did begin one; the error during its pause."""
        if child.process.returncode == BUSY or self._last(model) != child.before:
            return 0
        if not child.not_before:
            pause_s = min(FIRST_PAUSE_S * 2**child.failures, LONGEST_PAUSE_S)
            child.failures, child.not_before = child.failures + 1, monotonic() + pause_s
        if monotonic() < child.not_before:
            raise RunError("not-begun", model=model, status=child.process.returncode, words=child.words())
        return child.failures

    def stop(self) -> None:
        """Ends all of them as Ctrl-C does: what was finished is kept, and the run is taken up again another time."""
        alive = [child for child in self._children.values() if child.runs]
        for child in alive:
            child.process.send_signal(signal.SIGINT)
        for child in alive:
            try:
                child.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        self._children.clear()


def run_by_command(settings: Settings, found: Found) -> Command:
    """`tidemill run` of that system: the file is read anew, so that a run is of what it says then."""

    def command(model: str, cause: str) -> Sequence[str]:
        return (
            sys.executable, "-m", "tidemill", "run", model, "--file", str(found.file),
            "--env", settings.environment, "--cause", cause,
        )  # fmt: skip

    return command
