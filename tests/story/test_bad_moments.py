"""What goes wrong while a run is under way: a source goes, a disk is full, somebody stops it, two begin at once.

Nothing of what was half done is visible, who answered before goes on answering, and the next run goes on.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.story.typed import FUNCTION, Project, ended, rows, started, until, wait
from tidemill.interfaces.cli.street import Street


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


# The source --------------------------------------------------------------------------------------------------------


@pytest.fixture
def midway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[], object]], None]]:
    """Does that once, as soon as the first part of a source has been read."""
    waiting: list[Callable[[], object]] = []
    heard = Street.__call__

    def hears(street: Street, what: str, done: int, total: int | None) -> None:
        heard(street, what, done, total)
        if what == "extract/loans/rows" and waiting:
            waiting.pop()()

    monkeypatch.setattr(Street, "__call__", hears)
    yield waiting.append
    assert not waiting, "it came to pass"


Midway = Callable[[Callable[[], object]], None]


def of_files(project: Project) -> Callable[[int], None]:
    """The source is a folder of files; what is given appends so many rows, in files of a hundred."""
    project.change("loans.csv", "data")
    (project.folder / "data").mkdir()

    def append(count: int) -> None:
        there = 100 * len(list((project.folder / "data").iterdir()))
        for start in range(there, there + count, 100):
            project.table(rows(start + 100)[start:], f"data/{start:04}.csv")

    return append


def of_a_table(project: Project) -> Callable[[int], None]:
    """The source is a table of a database, read a hundred rows at once; what is given appends so many rows."""
    file = project.folder / "loans.db"
    project.change('tm.files("loans.csv")', 'tm.sql("sqlite:///loans.db").table("loans", cursor="loan_id")')
    with closing(sqlite3.connect(file)) as link:
        link.execute("create table loans (loan_id int, applied_at text, amount int, state text, bank text, bad int)")
        link.commit()

    def append(count: int) -> None:
        with closing(sqlite3.connect(file)) as link:
            (there,) = link.execute("select count(*) from loans").fetchone()
            values = [tuple(row.values()) for row in rows(there + count)[there:]]
            link.executemany("insert into loans values (?, ?, ?, ?, ?, ?)", values)
            link.commit()

    return append


def landed(project: Project) -> list[str]:
    """Versions of the data with their rows."""
    lines = project.typed("datasets").out.splitlines()
    return [" ".join(line.split()[:2]) for line in lines if "loans@v" in line]


def test_a_file_that_goes_while_the_folder_is_read(project: Project, midway: Midway) -> None:
    append = of_files(project)
    append(300)
    assert project.typed("run").code == 0
    append(300)
    goes = project.folder / "data" / "0500.csv"
    away = project.folder / "0500.csv"
    midway(lambda: goes.rename(away))
    broken = project.typed("run")
    assert broken.code == 1
    assert "source.lost" in broken
    assert f"{goes} was lost" in broken
    assert (landed(project), project.champion()) == (["loans@v1 300"], "risk@1")
    assert project.typed("run").code == 0
    assert landed(project)[0] == "loans@v2 500", "the next run takes what is there"
    away.rename(goes)
    assert project.typed("run").code == 0
    assert landed(project)[0] == "loans@v3 600", "and what comes back"


def test_a_table_that_is_dropped_while_it_is_read(
    project: Project, midway: Midway, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tidemill.stores.sources.database import DatabaseReader

    defaults = DatabaseReader.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "slice_rows", 100)
    append = of_a_table(project)
    append(300)
    file = project.folder / "loans.db"

    def renamed(before: str, after: str) -> None:
        with closing(sqlite3.connect(file)) as link:
            link.execute(f"alter table {before} rename to {after}")
            link.commit()

    midway(lambda: renamed("loans", "gone"))
    broken = project.typed("run")
    assert broken.code == 1
    assert "source.lost" in broken
    assert "no such table" in broken
    assert (landed(project), project.champion()) == ([], ""), "a first pass that broke off is no version"
    renamed("gone", "loans")
    append(300)
    assert project.typed("run").code == 0
    assert (landed(project), project.champion()) == (["loans@v1 600"], "risk@1")


# The disk ----------------------------------------------------------------------------------------------------------

SMALL_FILES = "from resource import RLIMIT_FSIZE, setrlimit\nsetrlimit(RLIMIT_FSIZE, ({bytes}, {bytes}))"


@pytest.mark.parametrize("size", [1_000, 200_000])
def test_a_full_disk(project: Project, size: int) -> None:
    """No file may grow beyond that: the operating system says the same as of a disk that is full."""
    full = ended(started(project, "run", before=SMALL_FILES.format(bytes=size)))
    assert full.code == 1
    assert "store.disk-full" in full
    assert "Free space on that disk" in full
    assert project.typed("run").code == 0
    assert project.champion() == "risk@1"


def test_a_home_that_cannot_be_written(project: Project) -> None:
    project.home.write_text("a file where the home should be")
    for words in (["status"], ["run"], ["serve"], ["why", "risk"]):
        ended = project.typed(*words)
        assert ended.code == 2
        assert "settings.home-unwritable" in ended
        assert "TIDEMILL_HOME" in ended


@pytest.fixture
def read_only(project: Project) -> Iterator[Callable[[], None]]:
    """Lets the home only be read from then on, until the end."""
    home, root = project.home, os.geteuid() == 0

    def mount(*words: str) -> None:
        done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"needs the right to mount: {done.stderr.strip()}")

    def locked() -> None:
        if root:
            mount("--bind", str(home), str(home))
            mount("-o", "remount,bind,ro", str(home))
        for path in [] if root else [home, *home.rglob("*")]:
            path.chmod(path.stat().st_mode & ~0o222)

    yield locked
    if root:
        subprocess.run(["umount", "--lazy", home], check=False, capture_output=True)
    for path in [home] if root else [home, *(one for one in home.rglob("*") if one.is_dir())]:
        path.chmod(0o755)


def test_a_home_that_can_only_be_read(project: Project, read_only: Callable[[], None], tmp_path: Path) -> None:
    assert project.typed("run").code == 0
    read_only()
    for words in (["run"], ["up"], ["status"], ["why", "risk@1"]):
        ended = project.typed(*words)
        assert ended.code == 2
        assert "settings.home-unwritable" in ended
        assert "export TIDEMILL_HOME=" in ended
    project.environment["TIDEMILL_HOME"] = str(tmp_path / "elsewhere")
    assert project.typed("run").code == 0, "the way out is one"


# Who stops it, who else begins -------------------------------------------------------------------------------------


def held(project: Project) -> Callable[[], None]:
    """The function trains until what is given is called."""
    held, begun = project.folder / "held", "begun"
    held.touch()
    wait = "    while pathlib.Path('held').exists(): time.sleep(0.05)\n"
    project.change(FUNCTION, f"    import pathlib, time\n    pathlib.Path('{begun}').touch()\n{wait}{FUNCTION}")
    return held.unlink


def test_ctrl_c_while_a_model_is_trained(project: Project) -> None:
    let_go = held(project)
    process = started(project, "run")
    wait((project.folder / "begun").exists)
    os.killpg(process.pid, signal.SIGINT)
    stopped = ended(process)
    assert stopped.code == 130
    assert stopped.err.endswith("Stopped. What was finished is kept.\n")
    assert "interrupted" in project.typed("runs")
    let_go()
    again = project.typed("run")
    assert again.code == 0
    assert "prepare risk unchanged, taken from an earlier run" in again
    assert project.typed("runs").out.count("run_") == 1, "the same run, taken up again"


def test_ctrl_c_while_a_source_is_read(project: Project, midway: Midway) -> None:
    append = of_files(project)
    append(300)

    def stop() -> None:
        raise KeyboardInterrupt

    midway(stop)
    stopped = project.typed("run")
    assert (stopped.code, stopped.err.strip()) == (130, "Stopped. What was finished is kept.")
    assert "interrupted" in project.typed("runs")
    assert landed(project) == []
    assert project.typed("run").code == 0
    assert (landed(project), project.champion()) == (["loans@v1 300"], "risk@1")


def test_two_runs_at_once_are_one(project: Project) -> None:
    let_go = held(project)
    first = started(project, "run")
    wait((project.folder / "begun").exists)
    second = started(project, "run")
    until(second, "another process runs it")
    let_go()
    one, other = ended(first), ended(second)
    assert (one.code, other.code) == (0, 0)
    assert "risk@1 is champion" in one
    assert one.out == other.out
    assert project.typed("runs").out.count("run_") == 1


def test_a_port_in_use(project: Project, free_port: int) -> None:
    with socket.create_server(("127.0.0.1", free_port)):
        for command in ("up", "serve"):
            ended = project.typed(command, "--port", str(free_port))
            assert ended.code == 1
            assert "serve.port-in-use" in ended
