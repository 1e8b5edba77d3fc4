"""What every test may use: `needs` marks, the folder of the real tables, a free port; and how hypothesis searches."""

from __future__ import annotations

import os
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings

from tests import postgres, redis
from tests.needs import THINGS, need

# Where the tests run in the background of a shell, Ctrl-C is ignored, and by every process that they start; some tests
# are about it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# As `tidemill` itself sets it, and before any test loads OpenMP: the workers share the cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# The same examples on every CI run: a red build is the change's doing. At home each run tries new ones.
settings.register_profile("house", max_examples=50, deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A mark that names an unknown thing stops the collection, so that no test is skipped by a misspelling."""
    for item in items:
        for mark in item.iter_markers("needs"):
            if unknown := [name for name in mark.args if name not in THINGS]:
                raise pytest.UsageError(f"{item.nodeid} needs {unknown}, known are {sorted(THINGS)}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips, or fails where it is required, a test marked `needs("browser")` on a machine without."""
    for mark in item.iter_markers("needs"):
        for name in mark.args:
            need(name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says at the end, where nobody can overlook it, what this machine could not prove."""
    reasons = Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    if reasons:
        terminalreporter.section("NOT PROVEN ON THIS MACHINE", sep="!", yellow=True, bold=True)
        for reason, tests in reasons.most_common():
            terminalreporter.line(f"{tests} test{'s' if tests > 1 else ''}: {reason}")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real tables; the test is skipped loudly without it."""
    return need("data")


@pytest.fixture
def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """host:port of a PostgreSQL of our own; the test is skipped loudly where there is none."""
    with postgres.running(need("postgres")) as host:
        yield host


@pytest.fixture(scope="session")
def redis_server() -> Iterator[redis.Server]:
    """A Redis of our own, for tests that keep to a prefix of theirs; skipped loudly where there is none."""
    with redis.running(need("redis")) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: redis.Server) -> str:
    """Where an empty store of its own may be kept."""
    return f"{redis_server.url}?prefix={uuid4().hex}"


@pytest.fixture
def database(postgres_server: str) -> postgres.Database:
    """An empty database."""
    name = f"shop_{uuid4().hex[:12]}"
    postgres.Database(host=postgres_server, name="postgres").run(f"CREATE DATABASE {name}")
    return postgres.Database(host=postgres_server, name=name)
