"""The processes of the demo: `tidemill serve`, `tidemill loop`, and runs by hand, each as a person would start it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tidemill.errors import RunError

END_S = 5.0
WORDS = 600
QUIET = {"PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1", "COLUMNS": "100"}
"""Of the environment of all of them: libraries keep to their core, so that the server has one to answer on."""


class Processes:
    """Commands of `tidemill` in a project's folder, by name; what they say goes into `logs/`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lasting: dict[str, subprocess.Popen[bytes]] = {}
        self._all: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """`tidemill ARGUMENTS`, in a session of its own: Ctrl-C reaches the demo alone, which then stops it."""
        self.log(name).parent.mkdir(exist_ok=True)
        with self.log(name).open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "tidemill", *arguments],
                cwd=self._folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._all.append(process)
        return process

    def keep(self, name: str, *arguments: str) -> None:
        """The same for one that is to last until `stop`."""
        self._lasting[name] = self.start(name, *arguments)

    def check(self) -> None:
        """RunError `demo-ended` when one that was to last has ended."""
        for name, process in self._lasting.items():
            if process.poll() is not None:
                raise RunError("demo-ended", name=name, status=process.returncode, words=self.words(name))

    def stop(self) -> None:
        """Asks all of them to end, and waits; one that takes too long is killed: what it had done is kept anyway."""
        alive = [process for process in self._all if process.poll() is None]
        for process in alive:
            process.terminate()
        for process in alive:
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._all.clear()
        self._lasting.clear()

    def log(self, name: str) -> Path:
        """Where it writes."""
        return self._folder / "logs" / f"{name}.txt"

    def words(self, name: str) -> str:
        """The end of what it said."""
        return self.log(name).read_text(encoding="utf-8", errors="replace").strip()[-WORDS:]


def environment() -> Mapping[str, str]:
    """The environment without what would lead another system's way."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TIDEMILL_")}
    return kept | QUIET


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Whether a server there is ready to answer for its models."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=2.0)
    try:
        link.request("GET", "/health/ready")
        response = link.getresponse()
        response.read()
        return response.status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()
