"""`tidemill loop` goes on turning while a model trains: data comes in, an edited file counts, and it ends at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tidemill.facts.data import DatasetVersion
from tidemill.facts.run import Run, StageRun
from tidemill.facts.signal import Alert
from tidemill.ports.ledger import Ledger
from tidemill.stores.ledger.sqlite import SqliteLedger

SYSTEM = """import pathlib, time
import tidemill as tm

bank = tm.System("bank", owner="risk@bank.example", zone="UTC")
loans = bank.source("loans", tm.files("loans"), key="id", time="at")
asked = bank.request("asked", loans, columns=["amount"])
bad = bank.label("bad", asked=loans, outcome="gone_bad = 1")


@bank.model(label=bad, features=[asked], split=tm.by_time(valid=0.2, test=0.2, refit="none"))
def risk(train: tm.Data, valid: tm.Data) -> object:
    while pathlib.Path("held").exists():
        time.sleep(0.05)
    return 0.3


bank.retrain(risk, tm.new_rows(bad, 30))
"""
PACE = "[environment.default.pace]\npoll_us = 1\nlease_s = 5\nbeat_s = 1\n"
PATIENCE_S = 60
START = datetime(2026, 1, 1, tzinfo=UTC)


def rows(folder: Path, name: str, begin: int, count: int) -> None:
    """One more file of loans, whole at once."""
    numbers = [(n, START + timedelta(hours=n), n * 7 % 100) for n in range(begin, begin + count)]
    lines = [f"{n},{at:%Y-%m-%d %H:%M},{amount},{int(amount > 60)}" for n, at, amount in numbers]
    made = folder / f"{name}.part"
    made.write_text("id,at,amount,gone_bad\n" + "\n".join(lines) + "\n")
    made.rename(folder / "loans" / f"{name}.csv")


class Place:
    """A project's folder, its loop, and what the ledger says of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "loans").mkdir()
        (folder / "system.py").write_text(SYSTEM)
        (folder / "tidemill.toml").write_text(PACE)
        self.held = folder / "held"
        rows(folder, "a", 0, 300)

    @contextmanager
    def loop(self) -> Iterator[subprocess.Popen[bytes]]:
        """`tidemill loop`; ended by SIGTERM, which takes no longer than a stage stops."""
        command = [sys.executable, "-m", "tidemill", "loop", "--every", "0.1"]
        process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0

    def until(self, is_so: Callable[[Ledger], bool]) -> None:
        """Waits until the ledger says so."""
        limit = time.monotonic() + PATIENCE_S
        while not self.says(is_so):
            assert time.monotonic() < limit
            time.sleep(0.1)

    def says(self, what: Callable[[Ledger], bool]) -> bool:
        file = self.folder / ".tidemill" / "ledger.db"
        if not file.exists():
            return False
        with closing(SqliteLedger(file)) as ledger:
            return what(ledger)

    def runs(self) -> list[Run]:
        with closing(SqliteLedger(self.folder / ".tidemill" / "ledger.db")) as ledger:
            return list(ledger.find(Run))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def prepared(ledger: Ledger) -> bool:
    """Whether the training set is made: the model trains next."""
    return any(stage.stage == "prepare" for stage in ledger.find(StageRun))


def passed(count: int) -> Callable[[Ledger], bool]:
    return lambda ledger: sum(one.state == "passed" for one in ledger.find(Run)) == count


def alerts(state: str) -> Callable[[Ledger], bool]:
    """Whether the alert of the loop's step that starts runs is in that state."""
    step = {"step": "trigger risk", "error": "run.not-begun"}
    return lambda ledger: any(one.state == state and step.items() <= one.fields.items() for one in ledger.find(Alert))


def test_while_a_model_trains_the_loop_goes_on_and_stops_at_once(place: Place) -> None:
    place.held.touch()
    with place.loop():
        place.until(prepared)
        rows(place.folder, "b", 300, 20)
        place.until(lambda ledger: len(ledger.find(DatasetVersion, system="bank", dataset="loans")) == 2)
        (run,) = place.runs()
        assert (run.state, run.cause) == ("running", "first")
    (run,) = place.runs()
    assert run.state == "interrupted"
    place.held.unlink()
    with place.loop():
        place.until(passed(1))
    (after,) = place.runs()
    assert (after.id, after.cause) == (run.id, "first")


def test_a_file_that_was_spoilt_meanwhile_is_told_until_it_is_mended(place: Place) -> None:
    with place.loop() as process:
        place.until(passed(1))
        (place.folder / "system.py").write_text(SYSTEM + "1 / 0\n")
        rows(place.folder, "b", 300, 40)
        place.until(alerts("firing"))
        assert process.poll() is None
        (place.folder / "system.py").write_text(SYSTEM)
        place.until(passed(2))
        place.until(alerts("resolved"))
