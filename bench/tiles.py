"""Windows looked up from tiles: 15 windows of one entity beside one record of 20 columns, and events brought up.

    python -m bench.tiles                  100k entities, 1M events landed before, batches of 20,000

All goes through a home as `tidemill up` has it: rows land by extraction, records are brought up as the loop does it (a
durable transaction of LMDB for each batch), and a server's look-up reads them: the store's read and what the record
says. Every value that is read at the end is compared with the kernel of training.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tidemill.app.context import open_context
from tidemill.app.find import find
from tidemill.app.settings import Settings
from tidemill.engines.clocks.scaled import ScaledClock
from tidemill.features.offline.asks import ASK, ASKED
from tidemill.features.offline.join import looked_up
from tidemill.features.offline.lake import lake_of
from tidemill.features.online import entity_key, space
from tidemill.features.reader import Reader
from tidemill.loop import intake
from tidemill.loop.street import STREET
from tidemill.ports.context import Context
from tidemill.spec.declaration import Declaration
from tidemill.spec.view import Lookup

SYSTEM = """
import tidemill as tm

shop = tm.System("shop", owner="shop@example.com", zone="UTC")
events = shop.source("events", tm.files("events"), key="id", time="at")
people = shop.source("people", tm.files("people"), key="customer", time="updated")
windows = {}
for length, step in (("1h", "5m"), ("1d", "1h"), ("7d", "1h"), ("30d", "1d"), ("90d", "1d")):
    windows[f"n_{length}"] = tm.count(length, step=step)
    windows[f"sum_{length}"] = tm.sum("amount", length, step=step, scale=2)
    windows[f"mean_{length}"] = tm.mean("amount", length, step=step, scale=2)
shop.features("activity", events, entity="customer", windows=windows)
shop.features("who", people, entity="customer", columns=[f"f{place}" for place in range(20)])
"""
START_US, DAY_US = 1_767_225_600_000_000, 86_400_000_000  # 2026-01-01 UTC
DAYS, ENTITIES = 95, 100_000
BATCHES, BATCH = 5, 20_000
ASKS, PROVEN = 20_000, 2_000
MOMENT = pa.timestamp("us", tz="UTC")


@dataclass(slots=True, kw_only=True)
class Home:
    """A home at work, its clock at the end of the history."""

    folder: Path
    system: Declaration
    ctx: Context

    def land(self) -> None:
        """What the sources have."""
        for source in self.system.roots:
            intake.poll(self.system, source, self.ctx, STREET)

    def bring_up(self) -> None:
        """What is looked up, as of what has landed."""
        intake.bring_up(self.system, self.ctx, STREET)

    def view(self, name: str) -> Lookup:
        """The view of that name."""
        return next(view for view in self.system.views if isinstance(view, Lookup) and view.name == name)


def opened(folder: Path) -> Home:
    """A folder with the system, as the loop has it open."""
    (folder / "system.py").write_text(SYSTEM)
    clock = str(ScaledClock.starting(START_US + DAYS * DAY_US, 1.0))
    settings = Settings(folder=folder, home=folder / ".tidemill", environment="default", clock=clock)
    return Home(folder=folder, system=find(str(folder / "system.py")).declaration, ctx=open_context(settings))


def events(folder: Path, name: str, first: int, rows: int, span: tuple[float, float]) -> None:
    """So many events in those days, as a file more of the source."""
    chance = np.random.default_rng(first)
    begin, end = (START_US + round(day * DAY_US) for day in span)
    table = pa.table(
        {
            "id": np.arange(first, first + rows),
            "at": pa.array(np.sort(chance.integers(begin, end, rows)), MOMENT),
            "customer": chance.integers(0, ENTITIES, rows),
            "amount": chance.integers(1, 9_999, rows) / 100,
        }
    )
    (folder / "events").mkdir(exist_ok=True)
    pq.write_table(table, folder / "events" / f"{name}.parquet")


def people(folder: Path) -> None:
    """A row of 20 numbers for every entity."""
    chance = np.random.default_rng(7)
    columns = {f"f{place}": chance.random(ENTITIES) for place in range(20)}
    updated = pa.array(np.full(ENTITIES, START_US), MOMENT)
    (folder / "people").mkdir()
    pq.write_table(
        pa.table({"customer": np.arange(ENTITIES), "updated": updated, **columns}), folder / "people" / "a.parquet"
    )


def taken(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    begun, before = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - before


def asked(work: Callable[[bytes], object]) -> tuple[float, float]:
    """p50 and p99 in microseconds over entities drawn at random."""
    chance, found = Random(1), []
    for _ in range(ASKS):
        key = entity_key([chance.randrange(ENTITIES)]) or b""
        begun = time.perf_counter_ns()
        work(key)
        found.append((time.perf_counter_ns() - begun) / 1000)
    p50, p99 = np.percentile(found, [50, 99])
    return float(p50), float(p99)


def reading(home: Home, name: str) -> Callable[[bytes], object]:
    """A server's look-up of one entity in a view."""
    view, online, now_us = home.view(name), home.ctx.online, home.ctx.clock.now_us() + DAY_US
    reader, where = Reader(view), space(view)
    return lambda key: reader.read(online.read(where, [key])[0][0], now_us)


def wrong(home: Home) -> tuple[int, int]:
    """(values compared, those that differ) of what is looked up and what training computes."""
    view, chance, now_us = home.view("activity"), Random(2), home.ctx.clock.now_us()
    who = [chance.randrange(ENTITIES) for _ in range(PROVEN)]
    moments = [now_us + chance.randrange(3 * DAY_US) for _ in who]
    lake = lake_of("UTC", intake.newest(home.system, home.ctx), home.ctx.tables, home.ctx.compute)
    table = pa.table({ASK: pa.array(range(PROVEN)), "customer": pa.array(who), ASKED: pa.array(moments)})
    offline = looked_up(view, table, lake)
    reader, keys = Reader(view), [entity_key([one]) or b"" for one in who]
    records, _ = home.ctx.online.read(space(view), keys)
    differ = 0
    for place, record in enumerate(records):
        values, _ = reader.read(record, moments[place])
        for name, value in zip(reader.names, values, strict=True):
            there = None if offline[name].missing[place] else offline[name].data[place]
            differ += value != there
    return len(reader.names) * PROVEN, differ


def main() -> None:
    """Measures all of it and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="events that are there before")
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        home = opened(folder)
        events(folder, "before", 0, given.rows, (0, DAYS - 1))
        people(folder)
        home.land()
        first = taken(home.bring_up)
        landed, brought = [], []
        for place in range(BATCHES):
            span = (DAYS - 1 + place / BATCHES, DAYS - 1 + (place + 1) / BATCHES)
            events(folder, f"batch{place}", given.rows + place * BATCH, BATCH, span)
            landed.append(taken(home.land))
            brought.append(taken(home.bring_up))
        store = home.ctx.online
        home_of_people = space(home.view("who"))
        get = asked(lambda key: store.read(home_of_people, [key]))
        columns, windows = asked(reading(home, "who")), asked(reading(home, "activity"))
        compared, differ = wrong(home)
    libraries = ", ".join(f"{library} {version(library)}" for library in ("lmdb", "duckdb", "numpy"))
    print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {libraries}, {platform.machine()}\n")
    print("| one entity, microseconds | p50 | p99 | p50 over the 20 columns' |\n|---|---|---|---|")
    for label, (p50, p99) in (("store's read alone", get), ("20 columns", columns), ("15 windows", windows)):
        print(f"| {label} | {p50:.1f} | {p99:.1f} | {p50 / columns[0]:.1f} |")
    print("\n| events brought up, durable batches | s | CPU s | events/s | events per CPU s |\n|---|---|---|---|---|")
    rows = given.rows + ENTITIES
    print(line(f"first, {given.rows:,} events and {ENTITIES:,} records of columns", rows, *first))
    for label, each in (("landing", landed), ("bringing up", brought)):
        wall, cpu = (float(np.median([one[place] for one in each])) for place in (0, 1))
        print(line(f"{label}, median of {BATCHES} batches of {BATCH:,}", BATCH, wall, cpu))
    print(f"\n{compared:,} values looked up, {differ} other than in training.")


def line(label: str, rows: int, wall: float, cpu: float) -> str:
    """A row of the table."""
    return f"| {label} | {wall:.2f} | {cpu:.2f} | {rows / wall:,.0f} | {rows / cpu:,.0f} |"


if __name__ == "__main__":
    main()
