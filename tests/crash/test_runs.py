"""kill -9 at any moment of a run: it is marked, taken up by the next process, and nothing finished is done again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.crash.worker import WORKED, stand_in
from tests.needs import ROOT
from tidemill.facts.release import Policy, Release
from tidemill.facts.run import Run, StageRun
from tidemill.loop.run import run_model

STAGES = {"extract", "explore", "prepare", "train", "evaluate", "validate"}
LIVES = 16
MOMENTS = 45
"""About so many lines a whole life tells."""


class Nursery:
    """Processes that run the model in a folder."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.crash.worker"]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def lives(self, folder: Path, *, count: int = 1, until: int | None = None) -> list[str]:
        """What so many children told at once; with `until`, the first is killed at that line."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(folder, count, file=self.process.stdin, flush=True)
        told: list[str] = []
        pids: list[int] = []
        for line in self.process.stdout:
            if line == "over\n":
                break
            if line.startswith("pid "):
                pids.append(int(line.split()[1]))
                continue
            told.append(line.strip())
            if until is not None and len(told) == until:
                os.kill(pids[0], signal.SIGKILL)
        return told


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    assert made.process.stdin is not None
    assert made.process.stdout is not None
    made.process.stdin.close()
    made.process.wait(30)
    made.process.stdout.close()


def worked(folder: Path) -> list[tuple[int, str]]:
    """Which process worked at which stage, in order."""
    file = folder / WORKED
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [(int(pid), stage) for pid, stage in (line.split() for line in lines)]


@pytest.mark.parametrize("seed", range(LIVES))
def test_a_killed_run_goes_on_and_repeats_nothing(seed: int, nursery: Nursery, tmp_path: Path) -> None:
    moment = random.Random(seed).randrange(1, MOMENTS)
    told = nursery.lives(tmp_path, until=moment)
    before = worked(tmp_path)
    stand = stand_in(tmp_path)
    with closing(stand.ledger):
        died = stand.ledger.find(Run)
        done = {stage.stage for stage in stand.ledger.find(StageRun)}
        ended = run_model(stand.mill, "risk", stand.ctx, street=stand.street)
        finished = any(line.startswith("ended") for line in told) or any(run.state == "passed" for run in died)
        assert ended.state == "passed"
        assert finished or not died or ended.id == died[0].id, "the run that was killed, not another"
        repeated = (STAGES & set(stand.calls)) & (done if not finished else done - {"extract"})
        assert repeated == set(), f"killed at {moment}: {told[-1]}"
        assert Counter(stage.stage for stage in stand.ledger.find(StageRun, run=ended.id)).keys() <= STAGES | {"serve"}
        events = [event.code for event in stand.ledger.events()]
        if died and not finished:
            assert "event.run-interrupted" in events
            assert "event.run-resumed" in events
        assert [release.state for release in stand.ledger.find(Release)] == ["champion"]
        policy = stand.ledger.get(Policy, "bank", "risk")
        assert policy is not None
        assert policy.seq == 1
        assert [version.number for version in (stand.tables.newest("loans"),)] == [1]
    assert len(before) <= len(STAGES)


def test_two_processes_at_once_do_each_stage_once(nursery: Nursery, tmp_path: Path) -> None:
    told = nursery.lives(tmp_path, count=3)
    ended = {line for line in told if line.startswith("ended")}
    assert {line.split()[2] for line in ended} == {"passed"}
    counted = Counter(stage for _, stage in worked(tmp_path))
    assert {stage for stage, times in counted.items() if times > 1} <= {"extract"}, "a source is read by each run"
    with closing(stand_in(tmp_path).ledger) as ledger:
        assert len(ledger.find(StageRun, stage="train")) == 1
        assert [release.state for release in ledger.find(Release)] == ["champion"]


def test_a_run_that_is_killed_while_another_waits_is_taken_up_by_it(nursery: Nursery, tmp_path: Path) -> None:
    told = nursery.lives(tmp_path, count=2, until=12)
    assert [line.split()[2] for line in told if line.startswith("ended")] == ["passed"]
    counted = Counter(stage for _, stage in worked(tmp_path))
    assert counted.keys() == STAGES
    assert sum(counted.values()) <= len(STAGES) + 1, "at most the stage that was under way is begun again"
    with closing(stand_in(tmp_path).ledger) as ledger:
        assert [run.state for run in ledger.find(Run)] == ["passed"]
