"""A PostgreSQL of the tests' own: in a folder that goes, on a free port, run by a user who may not do more."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PASSWORD = "s3cret/&word"
QUOTED = "s3cret%2F%26word"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "40",
    "max_prepared_transactions": "4",
    "autovacuum": "off",
}
PATIENCE_S = 60
USERS = ("postgres", "nobody")


def server() -> Path | None:
    """The newest `postgres` here; Debian keeps it off PATH."""
    placed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("postgres")
    return placed[-1] if placed else Path(on_path) if on_path else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One empty database, as its owner who may do anything."""

    host: str
    name: str

    @property
    def url(self) -> str:
        return f"postgresql://owner:{QUOTED}@{self.host}/{self.name}"

    def connect(self, **named: Any) -> Any:
        """A connection, each statement by itself unless told otherwise."""
        import psycopg

        return psycopg.connect(self.url, **{"autocommit": True, **named})

    def run(self, *statements: str) -> None:
        """Runs the statements one after the other."""
        with self.connect() as link:
            for statement in statements:
                link.execute(statement)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """The statement's rows."""
        with self.connect() as link:
            rows: list[tuple[Any, ...]] = link.execute(statement).fetchall()
            return rows


@contextmanager
def running(postgres: Path) -> Iterator[str]:
    """host:port of a new server, stopped at the end by its process."""
    folder = Path(tempfile.mkdtemp(prefix="tidemill-postgres-"))
    who = _unprivileged()
    words = folder / "password"
    words.write_text(PASSWORD)
    if who:
        for path in (folder, words):
            shutil.chown(path, who)
    port = _free_port()
    make = [postgres.parent / "initdb", "-D", folder / "data", "-U", "owner", "-A", "scram-sha-256", "-E", "UTF8"]
    log = folder / "log"
    with log.open("wb") as told:
        options = {"cwd": folder, "stdout": told, "stderr": told, "user": who}
        subprocess.run([*make, "--locale=C.UTF-8", "--no-sync", f"--pwfile={words}"], check=True, **options)  # type: ignore[call-overload]  # options of one kind each
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        serve = [postgres, "-D", folder / "data", "-p", str(port), "-k", folder, *settings]
        process = subprocess.Popen(serve, **options)  # type: ignore[call-overload]  # options of one kind each
        try:
            _await(f"127.0.0.1:{port}", process, log)
            yield f"127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_S)
            shutil.rmtree(folder)


def _unprivileged() -> str | None:
    """Who runs the server where the tests run as root, which it refuses."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name for user in pwd.getpwall()}
    return next(name for name in USERS if name in known)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await(host: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when the server takes connections."""
    import psycopg

    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            psycopg.connect(f"postgresql://owner:{QUOTED}@{host}/postgres").close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(log.read_text()) from None
            time.sleep(0.05)
