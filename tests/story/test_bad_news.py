"""What goes wrong under a running server: whatever it is, the champion keeps answering, and mended it goes on.

A server takes seconds to start: each of these days has several troubles.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import urllib3

from tests.story.typed import ASK, FUNCTION, SYSTEM, Project, rows, scribble, serving, wait
from tidemill.errors import TidemillError

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


def test_whatever_a_run_meets_the_champion_keeps_answering(project: Project, free_port: int) -> None:
    assert project.typed("run").code == 0
    with serving(project, free_port) as server:
        assert server.says()["version"] == "risk@1"
        busy = project.typed("up", "--port", str(free_port))
        assert (busy.code, "serve.port-in-use" in busy) == (1, True)
        assert server.says(bank="nobody")["predictions"][0]["flags"] == ["unknown:bank"]
        project.table([{**row, "applied_at": "soon"} for row in rows()])
        assert project.typed("run").code == 1
        project.table(rows())
        project.change(FUNCTION, "    1 / 0\n")
        assert project.typed("run").code == 1
        assert server.version() == "risk@1"
        project.write(SYSTEM)
        project.change(FUNCTION, "    return 0.4\n")
        assert project.typed("run").code == 0
        wait(lambda: server.version() == "risk@2")


def test_damaged_model_files(project: Project, free_port: int) -> None:
    """What is loaded goes on; who begins anew says what is wrong, and is back when a run has made the files anew."""
    assert project.typed("run").code == 0
    with serving(project, free_port) as server:
        for path in project.home.glob("blobs/sha256/*/*"):
            path.chmod(0o644)
            scribble(path)
        assert server.version() == "risk@1"
        os.kill(server.worker(), signal.SIGKILL)
        wait(lambda: server.version() == "serve.no-champion")
        with pytest.raises(TidemillError) as caught:
            server.says()
        assert caught.value.fields["error"] == "store.blob-corrupt"
        assert server.process.poll() is None
        assert "risk@1 is refused: store.blob-corrupt" in server
        mended = project.typed("run")
        assert (mended.code, "there is already" in mended) == (0, True)
        wait(lambda: server.version() == "risk@1")


def test_a_damaged_ledger(project: Project, free_port: int) -> None:
    """A copy that is put back, as the way out says, is followed by who is running."""
    assert project.typed("run").code == 0
    ledger = project.home / "ledger.db"
    with serving(project, free_port) as server:
        with closing(sqlite3.connect(ledger)) as link, closing(sqlite3.connect(project.folder / "copy.db")) as copy:
            link.backup(copy)
        ledger.write_bytes(b"nonsense" * 999)
        wait(lambda: "put back your newest copy" in server)
        assert f"The ledger {ledger} is damaged" in server
        assert server.version() == "risk@1"
        status = project.typed("status")
        assert (status.code, "store.ledger-corrupt" in status) == (1, True)
        for file in project.home.glob("ledger.db*"):
            file.unlink()
        (project.folder / "copy.db").replace(ledger)
        assert project.champion() == "risk@1"
        project.change(FUNCTION, "    return 0.4\n")
        assert project.typed("run").code == 0
        wait(lambda: server.version() == "risk@2")


@pytest.fixture
def disk(project: Project) -> Iterator[Path]:
    """A home on a disk of its own, of eight megabytes, in memory."""
    project.home.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(project.home)]
    if (mounted := subprocess.run(words, capture_output=True, text=True, check=False)).returncode:
        pytest.skip(f"needs the right to mount a small disk: {mounted.stderr.strip()}")
    yield project.home
    subprocess.run(["umount", "--lazy", project.home], check=True)


def fill(place: Path) -> None:
    """Writes until there is no room."""
    with place.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(256))


def test_a_disk_that_fills_up(project: Project, disk: Path, free_port: int) -> None:
    assert project.typed("run").code == 0
    with serving(project, free_port) as server:
        ballast = disk / "ballast"
        with pytest.raises(OSError, match="No space left"):
            fill(ballast)
        wait(lambda: server.says()["predictions"][0]["flags"] == ["unlogged"])
        assert server.version() == "risk@1"
        full = project.typed("run")
        assert (full.code, "store.disk-full" in full) == (1, True)
        ballast.unlink()
        wait(lambda: server.says()["predictions"][0]["flags"] == [])
        assert project.typed("run").code == 0


REQUESTS: list[tuple[str, str, str, bytes, int, str]] = [
    ("no JSON", "POST", "predict/risk", b'{"instances": [', 400, "request.not-json"),
    ("no text", "POST", "predict/risk", b"\xff\xfe", 400, "request.not-json"),
    ("nothing", "POST", "predict/risk", b"", 400, "request.not-json"),
    ("too deep", "POST", "predict/risk", b"[" * 99_999, 400, "request.not-json"),
    ("a list", "POST", "predict/risk", b"[]", 400, "request.not-an-object"),
    ("no instances", "POST", "predict/risk", b"{}", 400, "request.instances-missing"),
    ("a number for an instance", "POST", "predict/risk", b'{"instances":[5]}', 400, "request.field-type"),
    ("fields missing", "POST", "predict/risk", b'{"instances":[{"amount":5}]}', 400, "request.field-missing"),
    ("a wrong type", "POST", "predict/risk", b'{"instances":[{"amount":"x","state":"FL","bank":"B"}]}', 400,
     "request.field-type"),
    ("NaN", "POST", "predict/risk", b'{"instances":[{"amount":NaN,"state":"FL","bank":"B"}]}', 400, "request.not-json"),
    ("too many", "POST", "predict/risk", b'{"instances":[' + b"{}," * 10_000 + b"{}]}", 400,
     "request.too-many-instances"),
    ("too much", "POST", "predict/risk", b" " * (9 << 20), 413, "request.body-too-large"),
    ("an unknown model", "POST", "predict/rsik", b"{}", 404, "request.model-unknown"),
    ("GET where POST is meant", "GET", "predict/risk", b"", 405, "request.method-not-allowed"),
    ("nowhere", "GET", "predict", b"", 404, "request.path-unknown"),
    ("an unknown source", "POST", "events/nope", b'{"rows":[{}]}', 404, "request.source-unknown"),
    ("outcomes of nothing", "POST", "outcomes", b"{}", 400, "request.list-missing"),
]  # fmt: skip


def test_requests_that_cannot_be_answered(project: Project, free_port: int) -> None:
    assert project.typed("run").code == 0
    with serving(project, free_port) as server, urllib3.PoolManager(retries=False) as pool:
        for case, method, path, body, status, said in REQUESTS:
            answer = pool.request(method, f"http://127.0.0.1:{free_port}/{path}", body=body or None)
            error = answer.json()["error"]
            assert (answer.status, error["code"]) == (status, said), case
            assert error["message"], case
            assert server.version() == "risk@1", case
        with pytest.raises(TidemillError, match="field-missing"):
            server.client.predict("risk", [{**ASK}, {}])
