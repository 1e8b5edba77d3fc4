"""A bundle tried out where it will live: alone in a real server process, asked over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import cycle
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import IO

from tidemill.errors import ServeError
from tidemill.ports.target import Measured

START_S = 60.0
END_S = 15.0
WARM_UP = 20
"""Requests before the clock runs: the first ones of a process pay for what it loads only once."""
WORDS = 600


class ProcessTarget:
    """A worker on a free port of this machine, with the home's own blobs and online store and a log of its own."""

    def __init__(self, home: Path, online: str = "", clock: str = "system") -> None:
        """`online`: URL of an online store elsewhere, with its references; `clock`: as settings have it."""
        self.home, self.online, self.clock = home, online, clock

    def try_out(self, bundle: str, requests: Sequence[bytes], *, seconds: float) -> Measured:
        """One request after the other over one connection, for that long, each at least once.

        ServeError `did-not-start` with the process's last words.
        """
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tidemill-trial-")))
            process, port = stack.enter_context(served(self, bundle, folder))
            link = stack.enter_context(closing(http.client.HTTPConnection("127.0.0.1", port, timeout=START_S)))
            path = predict_path(link)
            for body, _ in zip(cycle(requests), range(WARM_UP), strict=False):
                asked(link, path, body)
            latencies, errors = measured(link, path, requests, seconds)
            return Measured(latencies_ms=tuple(latencies), memory_mib=peak_mib(process.pid), errors=errors)


@contextmanager
def served(target: ProcessTarget, bundle: str, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The process and its port, for as long as the block lasts."""
    argv = [
        sys.executable, "-m", "tidemill.interfaces.worker", "--home", str(target.home), "--bundle", bundle,
        "--journal", str(folder), "--name", "trial", "--announce", "--parent", str(os.getpid()),
        "--clock", target.clock,
        *(("--online", target.online) if target.online else ()),
    ]  # fmt: skip
    with (
        (folder / "stderr").open("wb+") as said,
        subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=said) as process,
    ):
        try:
            line = first_line(process)
            if not line:
                process.kill()
                process.wait()
                said.seek(0)
                raise ServeError("did-not-start", bundle=bundle, words=last_words(said))
            yield process, int(line.rpartition(b":")[2])
        finally:
            process.terminate()
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()


def first_line(process: subprocess.Popen[bytes]) -> bytes:
    """What it says when it listens; nothing when it ended or took too long."""
    if process.stdout is None:
        return b""
    with DefaultSelector() as selector:
        selector.register(process.stdout, EVENT_READ)
        return process.stdout.readline() if selector.select(START_S) else b""


def last_words(said: IO[bytes]) -> str:
    """The end of what it wrote to standard error."""
    return said.read().decode(errors="replace").strip()[-WORDS:]


def predict_path(link: http.client.HTTPConnection) -> str:
    """The path under which the one model is asked."""
    link.request("GET", "/")
    about = json.loads(link.getresponse().read())
    return f"/predict/{about['models'][0]['model']}"


def measured(
    link: http.client.HTTPConnection, path: str, requests: Sequence[bytes], seconds: float
) -> tuple[list[float], int]:
    """Milliseconds of each answered request, and how many were not answered with 200."""
    latencies: list[float] = []
    errors = 0
    end = time.monotonic() + seconds
    for number, body in enumerate(cycle(requests)):
        if number >= len(requests) and time.monotonic() >= end:
            break
        began = time.monotonic_ns()
        if asked(link, path, body):
            latencies.append((time.monotonic_ns() - began) / 1e6)
        else:
            errors += 1
    return latencies, errors


def asked(link: http.client.HTTPConnection, path: str, body: bytes) -> bool:
    """Whether the answer was 200; a server that broke off counts as an error like any other."""
    try:
        link.request("POST", path, body, {"content-type": "application/json"})
        response = link.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        link.close()
        return False
    return response.status == 200


def peak_mib(pid: int) -> float:
    """The largest resident memory that the process ever had, MiB; what it has now where the system keeps no record."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return int(lines["VmHWM"].split()[0]) / 1024
    told = subprocess.run(["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True)
    return int(told.stdout) / 1024
