"""A Redis of the tests' own: in a folder that goes, on a free port of this machine alone, killed at will."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE_S = 60.0


def server() -> Path | None:
    """The server's program: Redis, or Valkey."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(found) if found else None


@dataclass(slots=True, kw_only=True)
class Server:
    """One server. `settings`: words of its command line, such as `--requirepass`."""

    program: Path
    folder: Path
    port: int
    settings: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, *settings: str) -> None:
        """Starts it, and returns when it answers."""
        base = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", "")
        with (self.folder / "log").open("ab") as told:
            argv = [str(self.program), *base, *self.settings, *settings]
            self.process = subprocess.Popen(argv, stdout=told, stderr=told)
        end = time.monotonic() + PATIENCE_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError((self.folder / "log").read_text())
            time.sleep(0.02)

    def stop(self) -> None:
        """Ends it in order."""
        self._end("terminate")

    def kill(self) -> None:
        """Ends it as a power cut would, but for the disk."""
        self._end("kill")

    def _end(self, how: str) -> None:
        if self.process is not None:
            getattr(self.process, how)()
            self.process.wait(PATIENCE_S)
            self.process = None

    def connect(self, **named: Any) -> Any:
        """A plain client."""
        import redis

        return redis.Redis(port=self.port, **named)

    def _answers(self) -> bool:
        """Whether it has loaded what it kept; one that wants a password answers too."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as link:
                link.sendall(b"PING\r\n")
                return link.recv(100).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


@contextmanager
def placed(program: Path, *settings: str) -> Iterator[Server]:
    """A server with a folder and a port that are its own, not yet started; it and its folder go at the end."""
    folder = Path(tempfile.mkdtemp(prefix="tidemill-redis-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = Server(program=program, folder=folder, port=port, settings=settings)
    try:
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder)


@contextmanager
def running(program: Path, *settings: str) -> Iterator[Server]:
    """A server at work, with these settings."""
    with placed(program, *settings) as found:
        found.start()
        yield found
