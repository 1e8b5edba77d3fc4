"""Extraction from PostgreSQL: killed at any slice it goes on with no row twice and none missing, in flat memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.extraction import Shop
from tests.needs import ROOT
from tests.postgres import Database

EVENTS = "CREATE TABLE events (id bigint PRIMARY KEY, at timestamptz NOT NULL, amount numeric(12,2), note text)"
MORE = (
    "INSERT INTO events SELECT i, timestamptz '2026-01-01' + i * interval '1 second', i / 100.0, repeat('x', {width}) "
    "FROM generate_series({first}, {last}) i"
)
SLICE = 200


def extracting(database: Database, folder: Path, slice_rows: int = SLICE, *day: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.crash.extraction", database.url, str(folder), str(slice_rows), *day]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def lines(process: subprocess.Popen[str]) -> Iterator[list[str]]:
    """What it tells, word by word."""
    assert process.stdout is not None
    for line in process.stdout:
        yield line.split()


def killed(database: Database, folder: Path, slices: int, *day: str) -> None:
    """An extraction that is killed as soon as so many slices have landed."""
    process = extracting(database, folder, SLICE, *day)
    told = lines(process)
    for _ in range(slices):
        assert next(told)[0] == "rows"
    process.kill()
    assert process.wait() == -9
    assert process.stdout is not None
    process.stdout.close()


def done(database: Database, folder: Path, slice_rows: int = SLICE, *day: str) -> tuple[str, int]:
    """(version, KiB at the peak) of an extraction that is left to itself."""
    process = extracting(database, folder, slice_rows, *day)
    *_, last = lines(process)
    assert process.wait() == 0
    assert process.stdout is not None
    process.stdout.close()
    return last[1], int(last[2])


def test_killed_in_mid_extraction_goes_on_with_no_row_twice_and_none_missing(
    database: Database, tmp_path: Path
) -> None:
    database.run(EVENTS, MORE.format(width=1, first=1, last=3_000))
    killed(database, tmp_path, 5)
    mill = Shop(database.url, tmp_path, SLICE)
    assert mill.ctx.tables.newest("events") is None
    assert done(database, tmp_path)[0] == "events@v1"
    database.run(MORE.format(width=1, first=3_001, last=6_000))
    killed(database, tmp_path, 7)
    assert mill.landed("events").num_rows == 3_000
    assert done(database, tmp_path)[0] == "events@v2"
    assert mill.landed("events")["id"].to_pylist() == list(range(1, 6_001))
    assert mill.landed("events")["_row"].to_pylist() == list(range(6_000))
    assert mill.extract("events").number == 2


def test_killed_in_mid_comparison_it_did_not_happen_and_the_next_deletes_each_key_once(
    database: Database, tmp_path: Path
) -> None:
    database.run(EVENTS, MORE.format(width=1, first=1, last=3_000))
    assert done(database, tmp_path, SLICE, "2030-01-01")[0] == "events@v1"
    database.run("DELETE FROM events WHERE id % 5 = 0", "UPDATE events SET note = 'other' WHERE id % 7 = 1")
    killed(database, tmp_path, 4, "2030-01-02")
    mill = Shop(database.url, tmp_path, SLICE, "1d")
    assert mill.landed("events").num_rows == 3_000
    assert done(database, tmp_path, SLICE, "2030-01-02")[0] == "events@v2"
    new = mill.landed("events").slice(3_000)
    found = sorted(zip(new["_op"].to_pylist(), new["id"].to_pylist(), strict=True))
    changed = [("U", n) for n in range(1, 3_001) if n % 7 == 1 and n % 5]
    assert found == sorted([*(("D", n) for n in range(5, 3_001, 5)), *changed])
    assert mill.extract("events", "2030-01-03").rows == 3_000 + len(found)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux's /proc")
def test_memory_does_not_grow_with_the_table(database: Database, tmp_path: Path) -> None:
    """Four times the rows, 150 MB more of them, cost less than half of that."""
    database.run(EVENTS, MORE.format(width=1_000, first=1, last=50_000))
    _, once = done(database, tmp_path / "once", 10_000)
    database.run(MORE.format(width=1_000, first=50_001, last=200_000))
    _, fourfold = done(database, tmp_path / "fourfold", 10_000)
    assert fourfold - once < 60_000
