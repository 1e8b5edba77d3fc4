"""Windows as of many asks beside sorting the same data: seconds, CPU seconds and memory, each case in its own process.

    python bench/windows.py                       1M events, 100k asks, 10k entities
    python bench/windows.py --rows 10000000       10M x 1M x 100k (minutes, 4 GiB of disk and memory)

Every case reads and writes Parquet. `sort` is DuckDB sorting events and asks by entity and time, the least that any way
of doing it must do. Compare the ratios of one run only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tidemill.features.keys import factorise
from tidemill.features.rows import Asks, EventRows, Values, WindowPlan
from tidemill.features.window import evaluate
from tidemill.spec.view import Aggregate, Window

DAY_US = 86_400_000_000
START_US = 1_767_225_600_000_000  # 2026-01-01 UTC
DAYS = 180
LATE_SHARE = 0.02
SKEW = 1.1
ONLINE_ROWS = 100
ONLINE_WINDOWS = 15


def generate(folder: Path, rows: int) -> None:
    """Events and asks, entities uniform and Zipf-like; 2 % of events are known a day late on average, others 2 s."""
    chance = np.random.default_rng(1)
    asks, entities, span = rows // 10, rows // 100, DAYS * DAY_US
    weights = 1.0 / np.arange(1, entities + 1) ** SKEW
    weights /= weights.sum()
    times = START_US + np.sort(chance.integers(0, span, rows))
    mean_delay = np.where(chance.random(rows) < LATE_SHARE, DAY_US, 2_000_000)
    events = {
        "uniform": chance.integers(0, entities, rows),
        "skewed": chance.choice(entities, rows, p=weights),
        "time": times,
        "known": times + chance.exponential(mean_delay).astype(np.int64),
        "amount": chance.integers(1, 100_000, rows) / 100,
        "category": chance.integers(0, 20, rows),
    }
    pq.write_table(pa.table(events), folder / "events.parquet")
    asked = {
        "uniform": chance.integers(0, entities, asks),
        "skewed": chance.choice(entities, asks, p=weights),
        "time": START_US + span // 3 + chance.integers(0, span - span // 3, asks),
    }
    pq.write_table(pa.table(asked), folder / "asks.parquet")


def column(folder: Path, table: str, name: str) -> NDArray[Any]:
    """One column of a generated table, times in microseconds."""
    return np.asarray(pq.read_table(folder / f"{table}.parquet", columns=[name])[name])


def sort(folder: Path) -> None:
    """Sorts events and asks in DuckDB and writes the asks."""
    con = duckdb.connect()
    con.execute(f"create table e as select uniform, time, amount from '{folder}/events.parquet' order by uniform, time")
    con.execute(f"copy (select * from '{folder}/asks.parquet' order by uniform, time) to '{folder}/out.parquet'")


def windows(folder: Path, kinds: tuple[Aggregate, ...], *, key: str = "uniform", late: bool = False) -> None:
    """These aggregates over 7 and 30 days (and `last`, where asked, over all) as of every ask."""
    entities, askers = factorise(
        [Values.whole(column(folder, "events", key))], [Values.whole(column(folder, "asks", key))]
    )
    known = column(folder, "events", "known") if late else None
    rows = EventRows(entities=entities, times=column(folder, "events", "time"), known=known)
    asks = Asks(entities=askers, times=column(folder, "asks", "time"))
    amounts = Values.whole(column(folder, "events", "amount"))
    categories = Values.whole(column(folder, "events", "category")) if "distinct" in kinds else None
    plans = [
        WindowPlan(
            name=f"{kind}_{days}",
            window=Window(kind=kind, length_us=None if kind == "last" else days * DAY_US, scale=2),
            values=None if kind == "count" else categories if kind == "distinct" else amounts,
        )
        for kind in kinds
        for days in ((7, 30) if kind != "last" else (0,))
    ]
    found = evaluate(plans, rows, asks)
    table = {name: pa.array(values.data, mask=values.missing) for name, values in found.items()}
    pq.write_table(pa.table(table), folder / "out.parquet")


PLAIN: tuple[Aggregate, ...] = ("count", "sum", "mean", "last")

CASES: dict[str, Callable[[Path], None]] = {
    "sort": sort,
    "windows": lambda folder: windows(folder, PLAIN),
    "windows, Zipf keys": lambda folder: windows(folder, PLAIN, key="skewed"),
    "late rows": lambda folder: windows(folder, PLAIN, late=True),
    "late rows, Zipf keys": lambda folder: windows(folder, PLAIN, late=True, key="skewed"),
    "late rows, distinct": lambda folder: windows(folder, (*PLAIN, "distinct"), late=True),
    "late rows, min and max": lambda folder: windows(folder, (*PLAIN, "min", "max"), late=True),
    "late rows, std": lambda folder: windows(folder, (*PLAIN, "std"), late=True),
}


def online() -> str:
    """One ask of one entity: microseconds for 15 windows over 100 rows, half of the time below and 1 % above."""
    chance = np.random.default_rng(2)
    times = START_US + np.sort(chance.integers(0, 90 * DAY_US, ONLINE_ROWS))
    rows = EventRows(entities=np.zeros(ONLINE_ROWS, np.int64), times=times, known=times + 5_000_000)
    amounts = Values.whole(chance.integers(1, 10_000, ONLINE_ROWS) / 100)
    kinds: tuple[Aggregate, ...] = ("count", "sum", "mean")
    plans = [
        WindowPlan(
            name=f"{kind}_{days}", window=Window(kind=kind, length_us=days * DAY_US, step_us=DAY_US), values=amounts
        )
        for days in (1, 7, 14, 30, 90)
        for kind in kinds
    ]
    taken = []
    for turn in range(2000):
        ask = Asks(entities=np.zeros(1, np.int64), times=np.array([START_US + 90 * DAY_US + turn]))
        begun = time.perf_counter_ns()
        evaluate(plans, rows, ask)
        taken.append((time.perf_counter_ns() - begun) / 1000)
    p50, p99 = np.percentile(taken, [50, 99])
    return f"Online, {len(plans)} windows over {ONLINE_ROWS} rows, one ask: p50 {p50:.0f} us, p99 {p99:.0f} us."


def measure(case: str, folder: Path) -> dict[str, float]:
    """Wall and CPU seconds and peak resident MiB of a case in a process of its own, start-up not counted."""
    command = [sys.executable, __file__, "--case", case, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def run(case: str, folder: Path) -> None:
    """Runs one case here and prints what it took as JSON; what pyarrow loads at first use is loaded before."""
    pa.array(np.zeros(1), mask=np.zeros(1, np.bool_))
    begun, before = time.perf_counter(), time.process_time()
    CASES[case](folder)
    wall, cpu = time.perf_counter() - begun, time.process_time() - before
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall_s": wall, "cpu_s": cpu, "rss_mib": rss}))


def main() -> None:
    """Generates the data, runs every case and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="events; a tenth as many asks, a hundredth entities"
    )
    parser.add_argument("--repeat", type=int, default=1, help="runs of each case, the fastest counts")
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        run(given.case, given.folder)
        return
    with TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, given.rows)
        print("| case | s | CPU s | peak MiB | over sort |\n|---|---|---|---|---|")
        base = 0.0
        for case in CASES:
            taken = min((measure(case, folder) for _ in range(given.repeat)), key=lambda found: found["wall_s"])
            wall = taken["wall_s"]
            base = base or wall
            print(f"| {case} | {wall:.2f} | {taken['cpu_s']:.2f} | {taken['rss_mib']:.0f} | {wall / base:.2f} |")
    print(f"\n{online()}\n\n{stands_on(given.rows)}")


def stands_on(rows: int) -> str:
    """The size of the data, the date, the versions and the machine."""
    size = f"{rows:,} events, {rows // 10:,} asks, {rows // 100:,} entities"
    versions = ", ".join(f"{name} {version(name)}" for name in ("tidemill", "numpy", "duckdb"))
    machine = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{size}; {datetime.now(UTC):%Y-%m-%d}, {versions}, {machine}."


if __name__ == "__main__":
    main()
