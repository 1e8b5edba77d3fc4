"""A generated history of events and asks, landed in a lake, and the system whose training sets are built from it."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

import tidemill as tm
from tidemill.app.context import open_context
from tidemill.app.settings import Settings
from tidemill.facts.data import ColumnType, DatasetVersion, TrainingSet
from tidemill.lifecycle.prepare import stage as prepare
from tidemill.lifecycle.prepare.given import Given
from tidemill.ports.context import Context
from tidemill.ports.tables import BATCH, KNOWN_AT, OP, ROW, Draft

DAY_US = 86_400_000_000
START_US = 1_767_225_600_000_000  # 2026-01-01 UTC
DAYS = 180
LATE_SHARE = 0.02
SKEW = 1.1
BATCH_ROWS = 1_000_000
MOMENT = pa.timestamp("us", tz="UTC")
KINDS = {"int64": "int", "double": "float", "timestamp[us, tz=UTC]": "timestamp"}

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """So many events, a tenth as many asks, a hundredth as many entities."""

    rows: int

    @property
    def asks(self) -> int:
        """How many are asked."""
        return self.rows // 10

    @property
    def entities(self) -> int:
        """How many are asked about."""
        return self.rows // 100

    def __str__(self) -> str:
        """As the results say it."""
        return f"{self.rows:,} events, {self.asks:,} asks, {self.entities:,} entities, {DAYS} days"


def generate(size: Size) -> tuple[pa.Table, pa.Table]:
    """(events, asks), oldest first; entities `uniform` and Zipf-like `skewed`, 2 % of events known a day late or so."""
    chance = np.random.default_rng(1)
    span = DAYS * DAY_US
    weights = 1.0 / np.arange(1, size.entities + 1) ** SKEW
    weights /= weights.sum()

    def who(count: int) -> dict[str, Ints]:
        return {
            "uniform": chance.integers(0, size.entities, count),
            "skewed": chance.choice(size.entities, count, p=weights),
        }

    times = START_US + np.sort(chance.integers(0, span, size.rows))
    delay = chance.exponential(np.where(chance.random(size.rows) < LATE_SHARE, DAY_US, 2_000_000)).astype(np.int64)
    events = {
        "event": np.arange(size.rows),
        **who(size.rows),
        "ts": pa.array(times, MOMENT),
        "ingested": pa.array(times + delay, MOMENT),
        "amount": chance.integers(1, 100_000, size.rows) / 100,
        "category": chance.integers(0, 20, size.rows),
    }
    asked = START_US + span // 3 + np.sort(chance.integers(0, span - span // 3, size.asks))
    asks = {
        "ask": np.arange(size.asks),
        **who(size.asks),
        "ts": pa.array(asked, MOMENT),
        "y": chance.integers(0, 2, size.asks).astype(np.float64),
    }
    return pa.table(events), pa.table(asks)


def constant(train: tm.Data, _: tm.Data) -> object:
    """Nobody trains here."""
    return float(train.y.mean())


Features = Callable[[tm.System, Any], object]


def system_of(
    columns: tuple[str, ...], windows: Mapping[str, Any], *, entity: str, keyed: bool, late: bool
) -> tm.System:
    """One view of the events, one model that sees it."""
    system = tm.System("bench", owner="bench@tidemill.example", zone="UTC")
    given: dict[str, Any] = {"key": "event"} if keyed else {}
    known = {"known": "ingested"} if late else {}
    events = system.source("late" if late else "events", tm.files("none"), time="ts", **given, **known)
    asks = system.source("asked", tm.files("none"), key="ask", time="ts")
    more: dict[str, Any] = {"max_age": "30d"} if columns else {}
    view = system.features("past", events, entity=entity, columns=list(columns), windows=dict(windows), **more)
    label = system.label("y", asked=asks, outcome="y")
    system.model(label=label, features=[view], split=tm.by_time(valid=0.1, test=0.1), name="model")(constant)
    return system


def opened(home: Path) -> Context:
    """The ports of an embedded environment."""
    return open_context(Settings(folder=home, home=home, environment="default"))


def land(ctx: Context, dataset: str, rows: pa.Table, known: str = "ts") -> DatasetVersion:
    """The rows as the next versions of the dataset, a million a version; as an extraction leaves them."""
    columns = tuple(ColumnType(name=field.name, type=KINDS[str(field.type)]) for field in rows.schema)
    newest = ctx.tables.newest(dataset)
    for first in range(0, rows.num_rows, BATCH_ROWS):
        some = rows.slice(first, BATCH_ROWS)
        begin, number = (newest.rows, newest.number + 1) if newest else (0, 1)
        landed = (
            some.append_column(KNOWN_AT, some[known])
            .append_column(OP, pa.array(["I"] * some.num_rows))
            .append_column(BATCH, pa.array(np.full(some.num_rows, number)))
            .append_column(ROW, pa.array(np.arange(begin, begin + some.num_rows)))
        )
        file = ctx.tables.stage(dataset, landed, time="ts")
        until = int(some["ts"].cast(pa.int64()).to_numpy().max())
        draft = Draft(
            system="bench", dataset=dataset, files=(file,), rejected=(), cursor="", watermark_us=until,
            columns=columns, content=file.digest, again=0, at_us=until,
        )  # fmt: skip
        newest = ctx.tables.commit(draft, newest)
    if newest is None:
        raise ValueError("a history without rows")
    return newest


def landed(home: Path, size: Size) -> None:
    """The whole history in the lake of that home, and as plain files beside it for the peers."""
    events, asks = generate(size)
    ctx = opened(home)
    land(ctx, "events", events)
    land(ctx, "late", events, known="ingested")
    land(ctx, "asked", asks)
    pq.write_table(events, home / "events.parquet", compression="zstd", row_group_size=BATCH_ROWS)
    pq.write_table(asks, home / "asks.parquet", compression="zstd", row_group_size=BATCH_ROWS)


def ensured(home: Path, size: Size) -> None:
    """The history in that home, landed by a process of its own: its memory must not count as a child's."""
    if not (home / "events.parquet").exists():
        subprocess.run([python(), "-m", "bench.history", str(home), str(size.rows)], check=True)


def training_set(ctx: Context, system: tm.System, **more: Any) -> TrainingSet:
    """The training set of the system's model over all that landed, by the stage that every run has."""
    declared = system.declared()
    found = [ctx.tables.newest(source.dataset) for source in declared.roots]
    versions = tuple(one for one in found if one is not None)
    now_us = max(one.watermark_us for one in versions)
    given = Given(
        system=declared, model="model", versions=versions, moments=(), watermark_us=now_us, now_us=now_us, **more
    )
    return prepare.run(given, ctx)[0]


def spent() -> float:
    """CPU seconds of this process and its children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def measured(work: Callable[[], Any]) -> dict[str, Any]:
    """Wall and CPU seconds of the work, the peak resident MiB of the whole process, and what the work gave."""
    begun, before = time.perf_counter(), spent()
    gave = work()
    wall, cpu = time.perf_counter() - begun, spent() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"wall_s": wall, "cpu_s": cpu, "rss_mib": peak, "gave": gave}


def child(command: list[str], *, most_s: float = 1800) -> dict[str, Any]:
    """What a process of its own printed last, as JSON; `error` with its last words when it failed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=most_s, check=False)
    except subprocess.TimeoutExpired:
        return {"error": f"stopped after {most_s:.0f} s"}
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [""]
        return {"error": f"exit {done.returncode}: {lines[-1][:200]}"}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def stands_on(size: Size, *, more: str = "") -> str:
    """The size of the data, the date, the versions and the machine."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("tidemill", "numpy", "pyarrow", "duckdb"))
    machine = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{size}; {datetime.now(UTC):%Y-%m-%d}, {versions}{more}, {machine}."


def python() -> str:
    """This interpreter."""
    return sys.executable


def printed(found: dict[str, Any]) -> None:
    """What a parent process reads."""
    print(json.dumps(found))


if __name__ == "__main__":
    landed(Path(sys.argv[1]), Size(rows=int(sys.argv[2])))
