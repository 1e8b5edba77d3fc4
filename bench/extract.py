"""A table of PostgreSQL into Parquet: raw COPY, the product's extraction, dlt; seconds, CPU seconds and memory.

    python -m bench.extract                      1M rows, a server of its own (Debian: apt install postgresql)
    python -m bench.extract --dlt VENV           an environment with dlt, if there is one; else it is made by pip

Each case runs in a process of its own, start-up not counted, the server's CPU seconds beside. `raw COPY` parses the
server's CSV and writes Parquet with exact decimals, the least that landing must do. Compare the ratios of one run only.
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
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

import tidemill as tm
from bench.peers import compiling
from tests import postgres
from tests.needs import ROOT
from tidemill.app.context import open_context
from tidemill.app.settings import Settings
from tidemill.loop.intake import extracted
from tidemill.loop.look import look
from tidemill.loop.street import STREET
from tidemill.spec.source import SqlTable
from tidemill.stores.sources.postgres import PostgresReader

TABLE = """
CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, updated_at timestamptz NOT NULL, amount numeric(14,2),
  score double precision, x double precision, qty int, city text, note text, paid boolean);
INSERT INTO orders SELECT i, (i * 7919) % 100000, timestamptz '2026-01-01' + i * interval '1.5 second',
  round((random() * 1000)::numeric, 2), random(), CASE WHEN i % 10 = 0 THEN NULL ELSE random() END, i % 50,
  'city' || i % 200, md5(i::text), i % 3 = 0 FROM generate_series(1::bigint, {rows}) i;
CREATE INDEX ON orders (updated_at);
ANALYZE orders
"""
TYPES = {
    "id": pa.int64(), "customer": pa.int64(), "updated_at": pa.timestamp("us", "UTC"), "amount": pa.decimal128(14, 2),
    "score": pa.float64(), "x": pa.float64(), "qty": pa.int64(), "city": pa.string(), "note": pa.string(),
    "paid": pa.bool_(),
}  # fmt: skip
DLT = """
import json, os, resource, sys, time
os.environ.update(RUNTIME__LOG_LEVEL="CRITICAL", RUNTIME__DLTHUB_TELEMETRY="false")
import dlt
from dlt.sources.sql_database import sql_table
begun, before = time.perf_counter(), time.process_time()
url, folder = sys.argv[1:]
line = dlt.pipeline("orders", destination=dlt.destinations.filesystem("file://" + folder + "/out"), dataset_name="d",
                    pipelines_dir=folder + "/state")
rows = sql_table(url.replace("postgresql://", "postgresql+psycopg://"), table="orders", backend="pyarrow",
                 chunk_size=50_000, reflection_level="full_with_precision")
line.run(rows, loader_file_format="parquet")
rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([time.perf_counter() - begun, time.process_time() - before, rss]))
"""
DLT_NEEDS = ("dlt[filesystem,parquet,sql_database]", "psycopg[binary]", "sqlalchemy")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a case took; `server_s`: CPU seconds of the database."""

    wall_s: float
    cpu_s: float
    server_s: float
    rss_mib: float


def drained(url: str) -> None:
    """Every byte of COPY, thrown away."""
    with psycopg.connect(url) as link, link.cursor().copy("COPY orders TO STDOUT (FORMAT csv)") as copy:
        for _row in copy:
            pass


def raw(url: str, folder: Path) -> None:
    """COPY, parsed and written, 100,000 rows at once."""
    options = csv.ConvertOptions(
        column_types=TYPES, true_values=["t"], false_values=["f"], null_values=[""], timestamp_parsers=[csv.ISO8601],
        strings_can_be_null=True, quoted_strings_can_be_null=False,
    )  # fmt: skip
    names = csv.ReadOptions(column_names=list(TYPES))
    quotes = csv.ParseOptions(newlines_in_values=True)

    def write(text: bytearray) -> None:
        writer.write_table(csv.read_csv(pa.BufferReader(text), names, quotes, options))

    with (
        pq.ParquetWriter(folder / "raw.parquet", pa.schema(TYPES), compression="zstd") as writer,
        psycopg.connect(url, options="-c TimeZone=UTC") as link,
        link.cursor().copy("COPY orders TO STDOUT (FORMAT csv)") as copy,
    ):
        text = bytearray()
        for rows, row in enumerate(copy, start=1):
            text += row
            if rows % 100_000 == 0:
                write(text)
                text = bytearray()
        if text:
            write(text)


def landed(url: str, folder: Path) -> None:
    """The product's reader, in order of the cursor and up to what is settled, each slice a file."""
    reader = PostgresReader(SqlTable(url=url, table="orders", cursor="updated_at"))
    for number, piece in enumerate(reader.slices("")):
        pq.write_table(piece.rows, folder / f"{number}.parquet", compression="zstd")


def product(url: str, folder: Path, *, explored: bool) -> Callable[[], object]:
    """The extract stage, with its promises, digest and look for known keys, into a version; its profile, if wanted."""
    system = tm.System("shop", owner="owner@shop.example")
    system.source(
        "orders", tm.sql(url).table("orders", cursor="updated_at"), key="id", time="updated_at",
        expect=["amount >= 0", "qty is not null"],
    )  # fmt: skip
    declared = system.declared()
    ctx = open_context(Settings(folder=folder, home=folder / "home", environment="default"))
    orders = declared.source("orders")
    return partial(look, declared, orders, ctx) if explored else partial(extracted, declared, orders, ctx, STREET)


CASES: dict[str, Callable[[str, Path], Callable[[], object]]] = {
    "COPY, thrown away": lambda url, _: partial(drained, url),
    "raw COPY": lambda url, folder: partial(raw, url, folder),
    "reader": lambda url, folder: partial(landed, url, folder),
    "extract stage": lambda url, folder: product(url, folder, explored=False),
    "extract and explore": lambda url, folder: product(url, folder, explored=True),
}
"""What makes a case ready, and gives it."""


def server_seconds(host: str) -> float:
    """CPU seconds of the server's ended sessions."""
    port = host.rpartition(":")[2]
    for folder in Path("/proc").glob("[0-9]*"):
        words = (folder / "cmdline").read_bytes().split(b"\0") if (folder / "cmdline").exists() else []
        if words[0].endswith(b"/postgres") and port.encode() in words:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            return (int(fields[13]) + int(fields[14])) / TICKS
    return 0.0


def run(case: str, url: str, folder: Path) -> None:
    """Runs one case here and prints its seconds, CPU seconds and peak MiB."""
    ready = CASES[case](url, folder)
    begun, before = time.perf_counter(), time.process_time()
    ready()
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([time.perf_counter() - begun, time.process_time() - before, rss]))


def measure(command: list[str], host: str) -> Taken:
    """What a case took in a process of its own."""
    before = server_seconds(host)
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env=compiling())
    wall, cpu, rss = json.loads(done.stdout.splitlines()[-1])
    time.sleep(0.5)  # its session ends a moment after it
    return Taken(wall_s=wall, cpu_s=cpu, server_s=server_seconds(host) - before, rss_mib=rss)


def environment(given: Path | None, folder: Path) -> Path:
    """The Python of an environment with dlt."""
    if given is None:
        given = folder / "dlt"
        subprocess.run([sys.executable, "-m", "venv", given], check=True)
        subprocess.run([given / "bin" / "pip", "install", "-q", *DLT_NEEDS], check=True)
    return given / "bin" / "python"


def shown(taken: dict[str, Taken]) -> None:
    """The table, with what each takes over raw COPY."""
    print("| case | s | CPU s | server CPU s | peak MiB | s over raw COPY | CPU over raw COPY |")
    print("|---|---|---|---|---|---|---|")
    least = taken["raw COPY"]
    for case, one in taken.items():
        ratios = f"{one.wall_s / least.wall_s:.2f} | {one.cpu_s / least.cpu_s:.2f}"
        print(f"| {case} | {one.wall_s:.2f} | {one.cpu_s:.2f} | {one.server_s:.2f} | {one.rss_mib:.0f} | {ratios} |")


def stands_on(rows: int, python: Path) -> str:
    """The size of the data, the date, the versions and the machine."""
    ask = "from importlib.metadata import version; print(version('dlt'))"
    dlt = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()
    server = subprocess.run([postgres.server() or "", "--version"], check=True, capture_output=True, text=True).stdout
    versions = ", ".join(f"{name} {version(name)}" for name in ("tidemill", "psycopg", "pyarrow", "duckdb"))
    machine = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{rows:,} rows; {datetime.now(UTC):%Y-%m-%d}, {versions}, dlt {dlt}, {server.strip()}, {machine}."


def main() -> None:
    """Makes the table, runs every case and prints what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=1, help="runs of each case, the one of least CPU counts")
    parser.add_argument("--dlt", type=Path, help="the folder of a virtual environment with dlt")
    parser.add_argument("--case", nargs=3, metavar=("NAME", "URL", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        name, url, folder = given.case
        run(name, url, Path(folder))
        return
    found = postgres.server()
    if found is None:
        parser.error("no PostgreSQL here: apt install postgresql")
    with TemporaryDirectory() as name, postgres.running(found) as host:
        python = environment(given.dlt, Path(name))
        database = postgres.Database(host=host, name="postgres")
        database.run(*TABLE.format(rows=given.rows).split(";"))
        time.sleep(1)  # its session ends a moment after it
        commands = {case: [sys.executable, "-m", "bench.extract", "--case", case] for case in CASES}
        commands = {case: [*words, database.url] for case, words in commands.items()}
        commands["dlt, pyarrow"] = [str(python), "-c", DLT, database.url]
        taken: dict[str, Taken] = {}
        for case, words in commands.items():
            turns = []
            for turn in range(given.repeat):
                folder = Path(name) / f"{len(taken)}-{turn}"
                folder.mkdir()
                turns.append(measure([*words, str(folder)], host))
            taken[case] = min(turns, key=lambda one: one.cpu_s)
        shown(taken)
        print(f"\n{stands_on(given.rows, python)}")


if __name__ == "__main__":
    main()
