"""Runs beside the loop: one at a time per model, stopped with it; what never began is told and tried again later."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tidemill.app import spawn
from tidemill.app.spawn import Spawner
from tidemill.errors import RunError

PATIENCE_S = 30.0


class Stand:
    """Commands in Python that note their start in a file; `runs` stands for the ledger."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.code, self.runs = folder, "", 0
        self.spawner = Spawner(self.command, lambda _: self.runs, folder / "runs")

    def command(self, model: str, cause: str) -> list[str]:
        note = f"open({str(self.folder / 'starts')!r}, 'a').write({model + ' ' + cause!r} + chr(10))"
        return [sys.executable, "-c", f"{note}\n{self.code}"]

    def starts(self) -> list[str]:
        file = self.folder / "starts"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def ended(self, model: str = "risk") -> None:
        self.until(lambda: not self.spawner._children[model].runs)

    def until(self, is_so: Callable[[], bool]) -> None:
        limit = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < limit
            time.sleep(0.02)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path)
    yield made
    made.spawner.stop()


LASTS = "import time; time.sleep(60)"


def test_one_at_a_time_for_each_model(stand: Stand) -> None:
    stand.code = LASTS
    for _ in range(3):
        stand.spawner("risk", "first")
    stand.spawner("price", "cron 0 3 * * *")
    stand.until(lambda: len(stand.starts()) == 2)
    assert sorted(stand.starts()) == ["price cron 0 3 * * *", "risk first"]


def test_after_a_run_the_next_starts_at_once_however_the_first_ended(stand: Stand) -> None:
    stand.code = "raise SystemExit(1)"
    for number in range(1, 4):
        stand.spawner("risk", f"cause {number}")
        stand.ended()
        stand.runs = number
    assert stand.starts() == ["risk cause 1", "risk cause 2", "risk cause 3"]


def test_another_s_run_is_no_failure(stand: Stand) -> None:
    stand.code = "raise SystemExit(4)"
    for _ in range(2):
        stand.spawner("risk", "first")
        stand.ended()
    assert len(stand.starts()) == 2


def test_what_never_began_is_told_with_its_words_until_it_is_tried_again(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.code = "print('✓ extract'); print('✗ a mistake\\n  in system.py'); raise SystemExit(2)"
    stand.spawner("risk", "first")
    stand.ended()
    for _ in range(2):
        with pytest.raises(RunError) as raised:
            stand.spawner("risk", "first")
    assert raised.value.code == "run.not-begun"
    assert raised.value.fields == {"model": "risk", "status": 2, "words": "✗ a mistake in system.py"}
    assert len(stand.starts()) == 1
    later = time.monotonic() + spawn.FIRST_PAUSE_S
    monkeypatch.setattr(spawn, "monotonic", lambda: later)
    stand.spawner("risk", "first")
    stand.ended()
    assert len(stand.starts()) == 2
    with pytest.raises(RunError):
        stand.spawner("risk", "first")
    later += spawn.FIRST_PAUSE_S * 1.5
    with pytest.raises(RunError):
        stand.spawner("risk", "first")
    assert len(stand.starts()) == 2, "the second pause is longer"


def test_stop_ends_them_as_ctrl_c_does(stand: Stand) -> None:
    done = stand.folder / "done"
    begun = f"open({str(done)!r}, 'w').close()"
    stand.code = f"try:\n    {begun}\n    {LASTS}\nexcept KeyboardInterrupt:\n    raise SystemExit(130)"
    stand.spawner("risk", "first")
    process = stand.spawner._children["risk"].process
    stand.until(done.exists)
    stand.spawner.stop()
    assert process.returncode == 130
