"""Appending to a dataset, reading it and its past, beside deltalake; then both writers are killed 50 times.

    python bench/lake.py                          30 batches of 200,000 rows, 300 of 100, 50 kills (some minutes)
    python bench/lake.py --batches 10 --kills 5   in short

The peer gets an environment of its own (`build/bench/deltalake`, made once) with the same pyarrow. Every turn is a
process of its own, ours and theirs in turns; a figure is the median of the turns. Each appends Arrow tables that are in
memory, one version a batch, and reads versions into Arrow. Compare the ratios of one run only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TextIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).parent.parent
PEER = ROOT / "build" / "bench" / "deltalake"
PAST = 5
"""The version whose rows are read again: that after so many batches."""
CRASH_ROWS = 20_000
LATEST_S = 0.08
"""A writer is killed at a random moment within so many seconds after a confirmed batch."""


class Lake(Protocol):
    """What both can do; versions count batches from 1."""

    def append(self, rows: pa.Table) -> None:
        """One more version."""
        ...

    def read(self, number: int | None) -> pa.Table:
        """All rows of that version, or of the newest."""
        ...

    def tidy(self) -> None:
        """Puts small files together, where that is a step of its own."""
        ...


class Tidemill:
    """The lake through the port that every stage uses; versions are found by the name that a person types."""

    def __init__(self, folder: Path) -> None:
        self.port = import_module("tidemill.ports.tables")
        self.tables = import_module("tidemill.app.wiring").make("tables.parquet", folder)

    def append(self, rows: pa.Table) -> None:
        before = self.tables.newest("events")
        first, count = (before.rows if before else 0), rows.num_rows
        landed = rows.append_column("_row", pa.array(range(first, first + count), pa.int64()))
        file = self.tables.stage("events", landed, time="at")
        self.tables.commit(self.port.Draft(
            system="bench", dataset="events", files=(file,), rejected=(), cursor=str(first + count),
            watermark_us=file.last_us, columns=(), content="", at_us=0,
        ), before)  # fmt: skip

    def read(self, number: int | None) -> pa.Table:
        found = self.tables.newest("events") if number is None else self.named(f"events@v{number}")
        rows: pa.Table = self.tables.read(found.files)
        return rows

    def named(self, name: str) -> Any:
        """The version that a person means by the name."""
        return import_module("tidemill.app.dataset").named(name, self.tables, "UTC")

    def tidy(self) -> None:
        """Its commits do it."""


class Delta:
    """A Delta table on the same disk; version 0 is the first batch."""

    def __init__(self, folder: Path) -> None:
        self.delta, self.folder = import_module("deltalake"), str(folder)

    def append(self, rows: pa.Table) -> None:
        self.delta.write_deltalake(self.folder, rows, mode="append")

    def read(self, number: int | None) -> pa.Table:
        table = self.delta.DeltaTable(self.folder, version=None if number is None else number - 1)
        return pa.table(table.to_pyarrow_table())

    def tidy(self) -> None:
        self.delta.DeltaTable(self.folder).optimize.compact()


LAKES: dict[str, Callable[[Path], Lake]] = {"tidemill": Tidemill, "deltalake": Delta}


def batch(number: int, rows: int) -> pa.Table:
    """Orders of one day: an id, a time, eight amounts, a text of few values; the same for the same number."""
    chance = random.Random(number)
    first = number * rows
    times = pa.array([first * 1_000 + n for n in range(rows)], pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    noise = [pa.array([chance.random() for _ in range(rows)]) for _ in range(8)]
    columns = {"id": pa.array(range(first, first + rows), pa.int64()), "at": times}
    columns |= {f"c{place}": values for place, values in enumerate(noise)}
    columns["s"] = pa.array([f"town {chance.randrange(1_000)}" for _ in range(rows)])
    return pa.table(columns)


def batches(folder: Path) -> Iterator[pa.Table]:
    """The generated batches, in order."""
    for place in sorted(folder.glob("*.parquet")):
        yield pq.read_table(place)


def spent() -> float:
    """CPU seconds of this process and its children."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def timed(what: Callable[[], object]) -> tuple[float, float]:
    """(seconds, CPU seconds)."""
    began, cpu = time.perf_counter(), spent()
    what()
    return time.perf_counter() - began, spent() - cpu


def append_all(lake: Lake, tables: list[pa.Table]) -> None:
    """Each as a version."""
    for table in tables:
        lake.append(table)


def turn(store: str, home: Path, given: Path) -> dict[str, Any]:
    """One life of a lake: every batch, the newest version, an old one, and what lies on the disk."""
    lake, tables = LAKES[store](home), list(batches(given))
    rows = sum(table.num_rows for table in tables)
    old = sum(table.num_rows for table in tables[:PAST])
    found: dict[str, Any] = {"append": timed(lambda: append_all(lake, tables))}
    read: dict[str, int] = {}
    found["read"] = timed(lambda: read.update(newest=lake.read(None).num_rows))
    found["past"] = timed(lambda: read.update(past=lake.read(PAST).num_rows))
    found["right"] = read == {"newest": rows, "past": old}
    found["tidy"] = timed(lake.tidy)
    found["read after"] = timed(lambda: lake.read(None))
    found["mib"] = sum(place.stat().st_size for place in home.rglob("*") if place.is_file()) / 2**20
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    return found


def write(store: str, home: Path) -> None:
    """Appends until it is killed, and says each batch that is in."""
    lake = LAKES[store](home)
    rows = batch(0, CRASH_ROWS)
    for number in range(10_000):
        lake.append(rows)
        sys.stdout.write(f"{number + 1}\n")
        sys.stdout.flush()


def look(store: str, home: Path) -> dict[str, int]:
    """How many rows there are after a crash, and after one more batch."""
    lake = LAKES[store](home)
    before = lake.read(None).num_rows
    lake.append(batch(1, CRASH_ROWS))
    return {"rows": before, "then": lake.read(None).num_rows}


def python_of(store: str) -> str:
    """The interpreter that has it; the peer's environment is made if it is not there."""
    if store == "tidemill":
        return sys.executable
    if not (PEER / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        needed = ["deltalake", f"pyarrow=={version('pyarrow')}"]
        subprocess.run([str(PEER / "bin" / "python"), "-m", "pip", "install", "-q", *needed], check=True)
    return str(PEER / "bin" / "python")


def child(role: str, store: str, *more: str) -> Any:
    """What a process of its own found."""
    ran = subprocess.run(
        [python_of(store), __file__, "--role", role, "--store", store, *more],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout)


def killed(store: str, home: Path, chance: random.Random) -> bool:
    """Whether all confirmed batches, whole ones only, are there after a kill -9, and the next one lands."""
    command = [python_of(store), __file__, "--role", "write", "--store", store, "--home", str(home)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said = cast("TextIO", writer.stdout)
    confirmed = [said.readline() for _ in range(chance.randrange(1, 24))]
    time.sleep(chance.random() * LATEST_S)
    writer.kill()
    confirmed += said.read().splitlines(keepends=True)
    writer.wait()
    last = max(int(line) for line in confirmed if line.endswith("\n"))
    try:
        found = child("look", store, "--home", str(home))
    except subprocess.CalledProcessError:
        return False
    whole = found["rows"] % CRASH_ROWS == 0 and last * CRASH_ROWS <= found["rows"] <= (last + 1) * CRASH_ROWS
    return bool(whole and found["then"] == found["rows"] + CRASH_ROWS)


def measured(folder: Path, count: int, rows: int, turns: int) -> dict[str, dict[str, Any]]:
    """The median of each figure, by store."""
    given = folder / f"given {rows}"
    given.mkdir()
    for number in range(count):
        pq.write_table(batch(number, rows), given / f"{number:06d}.parquet")
    found: dict[str, list[dict[str, Any]]] = {store: [] for store in LAKES}
    for number in range(turns):
        for store in LAKES:
            home = folder / f"{store} {rows} {number}"
            found[store].append(child("turn", store, "--home", str(home), "--given", str(given)))
    return {store: {name: median([one[name] for one in some]) for name in some[0]} for store, some in found.items()}


def median(values: list[Any]) -> Any:
    """The median; of pairs of each part; of verdicts whether all are true."""
    if isinstance(values[0], bool):
        return all(values)
    if isinstance(values[0], list):
        return [statistics.median(part) for part in zip(*values, strict=True)]
    return statistics.median(values)


def table(title: str, found: dict[str, dict[str, Any]]) -> None:
    """Ours beside theirs with the ratio, as Markdown."""
    ours, theirs = found["tidemill"], found["deltalake"]
    print(f"\n| {title} | tidemill: s / CPU s | deltalake: s / CPU s | ratio s / CPU s |\n|---|---|---|---|")
    for name in ("append", "read", "past", "tidy", "read after"):
        one, other = ours[name], theirs[name]
        ratio = "" if min(other) < 0.001 or name == "tidy" else f"{one[0] / other[0]:.2f} / {one[1] / other[1]:.2f}"
        print(f"| {name} | {one[0]:.2f} / {one[1]:.2f} | {other[0]:.2f} / {other[1]:.2f} | {ratio} |")
    both = [sum(each[name][place] for name in ("append", "past") for place in (1,)) for each in (ours, theirs)]
    wall = [sum(each[name][0] for name in ("append", "past")) for each in (ours, theirs)]
    print(f"| append and past together | {wall[0]:.2f} / {both[0]:.2f} | {wall[1]:.2f} / {both[1]:.2f} "
          f"| {wall[0] / wall[1]:.2f} / {both[0] / both[1]:.2f} |")  # fmt: skip
    for name in ("mib", "peak"):
        print(f"| {name} | {ours[name]:.1f} | {theirs[name]:.1f} | {ours[name] / theirs[name]:.2f} |")
    print(f"| all rows right | {ours['right']} | {theirs['right']} | |")


def main() -> None:
    """Asks, or plays the role of a child."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--batches", type=int, default=30)
    ask.add_argument("--rows", type=int, default=200_000)
    ask.add_argument("--turns", type=int, default=3)
    ask.add_argument("--kills", type=int, default=50)
    ask.add_argument("--role", choices=["turn", "write", "look"])
    ask.add_argument("--store", choices=list(LAKES), default="tidemill")
    ask.add_argument("--home", type=Path, default=Path())
    ask.add_argument("--given", type=Path, default=Path())
    asked = ask.parse_args()
    if asked.role == "write":
        write(asked.store, asked.home)
    elif asked.role is not None:
        found = turn(asked.store, asked.home, asked.given) if asked.role == "turn" else look(asked.store, asked.home)
        print(json.dumps(found), flush=True)
        os._exit(0)  # what it found counts: a peer's threads that abort while the interpreter ends are no lost rows
    else:
        run(asked)


def run(asked: argparse.Namespace) -> None:
    """Both questions, and how many crashes left something wrong."""
    installed = subprocess.run(
        [python_of("deltalake"), "-c", "from importlib.metadata import version; print(version('deltalake'))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} CPUs, {asked.turns} turns,")
    print(f"Python {platform.python_version()}, pyarrow {version('pyarrow')}, deltalake {installed.stdout.strip()}")
    with TemporaryDirectory() as place:
        folder = Path(place)
        table(f"{asked.batches} x {asked.rows:,} rows", measured(folder, asked.batches, asked.rows, asked.turns))
        small = asked.batches * 10
        table(f"{small} x 100 rows", measured(folder, small, 100, asked.turns))
        chance = random.Random(1)
        print(f"\n| kill -9, of {asked.kills} | tidemill | deltalake |\n|---|---|---|")
        bad = {
            store: sum(not killed(store, folder / f"crash {store} {n}", chance) for n in range(asked.kills))
            for store in LAKES
        }
        print(f"| bad | {bad['tidemill']} | {bad['deltalake']} |")


if __name__ == "__main__":
    main()
