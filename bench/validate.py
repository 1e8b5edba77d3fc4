"""Ten checks on a wide table: the product's data gate beside pointblank, pandera and Great Expectations.

    python -m bench.validate                     1M rows x 50 columns
    python -m bench.validate --peers FOLDER      where the peers' environments are, or are made by pip

Each case reads the same Parquet file in a process of its own, the peers in environments of their own. Counted are the
CPU seconds of the whole process, as a command pays them, and of reading and checking alone, imports left out. Every
case must find the same rows: the few amounts beyond their bound, nothing else. Compare the ratios of one run only.
`gate` is `lifecycle.explore.gate` with a contract of ten rules over a committed dataset version, whose files are
verified by their SHA-256 first.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import tidemill as tm
from tidemill.engines.compute.duckdb import DuckdbCompute
from tidemill.facts.data import ColumnType
from tidemill.features.offline.columns import type_of
from tidemill.lifecycle.explore.gate import held
from tidemill.lifecycle.explore.given import Given
from tidemill.ports.context import Context
from tidemill.ports.tables import BATCH, KNOWN_AT, OP, ROW, Draft
from tidemill.spec.contract.read import read_contract
from tidemill.stores.tables.parquet import ParquetTables

ROWS, BAD = 1_000_000, 3
TABLE = """
select i as id, timestamptz '2026-01-01' + i * interval 1 second as at,
case when i * {bad} % {rows} < {bad} then 1e10 else random() * 1000 end as amount, (i * 7919 % 10)::varchar as grade,
(i % 100)::varchar as code, 'a' as const, random() < 0.5 as paid,
case when random() < 0.02 then null else random() end as partly, {more} from range({rows}) t(i)
"""
MORE = (
    *(f"random() * {place} as f{place}" for place in range(22)),
    *(f"(i * {place + 3}) % 10 as i{place}" for place in range(20)),
)
CONTRACT = """
[column.f0]
nulls = { most = 0 }
[column.partly]
nulls = { most = 0.05 }
[column.f2]
range = { least = -1e9, most = 1e9 }
[column.amount]
range = { most = 1e9 }
[column.i0]
range = { least = 0, most = 9 }
[column.i5]
range = { least = 0 }
[column.grade]
values = { among = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] }
[column.code]
matches = { pattern = "\\\\d{1,2}" }
[column.const]
values = { among = ["a"] }
[column.paid]
nulls = { most = 0 }
"""
HEAD = """
import json, sys, time
begun, before = time.perf_counter(), time.process_time()
path, grades = sys.argv[1], [str(n) for n in range(10)]
"""
TAIL = """
print(json.dumps([time.perf_counter() - begun, time.process_time() - before, int(found)]))
"""
POINTBLANK = """
import polars as pl, pointblank as pb
{HEAD}
table = pl.read_parquet(path)
done = (pb.Validate(table).col_vals_not_null("f0").col_vals_not_null("partly", thresholds=0.05)
  .col_vals_between("f2", -1e9, 1e9).col_vals_le("amount", 1e9).col_vals_between("i0", 0, 9).col_vals_ge("i5", 0)
  .col_vals_in_set("grade", grades).col_vals_regex("code", r"^\\d{{1,2}}$").col_vals_eq("const", "a")
  .col_vals_not_null("paid").interrogate())
found = done.n_failed(i=4, scalar=True)
"""
PANDERA = """
import polars as pl, pandera.polars as pa
from pandera.errors import SchemaErrors
{HEAD}
share = lambda data: data.lazyframe.select(pl.col(data.key).is_null().mean() <= 0.05)
schema = pa.DataFrameSchema({{
  "f0": pa.Column(float, nullable=False), "partly": pa.Column(float, pa.Check(share), nullable=True),
  "f2": pa.Column(float, pa.Check.in_range(-1e9, 1e9)), "amount": pa.Column(float, pa.Check.le(1e9)),
  "i0": pa.Column(int, pa.Check.in_range(0, 9)), "i5": pa.Column(int, pa.Check.ge(0)),
  "grade": pa.Column(str, pa.Check.isin(grades)), "code": pa.Column(str, pa.Check.str_matches(r"^\\d{{1,2}}$")),
  "const": pa.Column(str, pa.Check.eq("a")), "paid": pa.Column(bool, nullable=False)}})
found = 0
try:
    schema.validate(pl.read_parquet(path), lazy=True)
except SchemaErrors as error:
    found = len(error.failure_cases)
"""
GX = """
import logging, os
os.environ["GX_ANALYTICS_ENABLED"] = "false"
import pandas as pd, great_expectations as gx, great_expectations.expectations as e
logging.disable(logging.WARNING)
{HEAD}
frame = pd.read_parquet(path)
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {{"globally": False, "metric_calculations": False}}
asset = context.data_sources.add_pandas("p").add_dataframe_asset("a")
batch = asset.add_batch_definition_whole_dataframe("b")
suite = context.suites.add(gx.ExpectationSuite("s", expectations=[
  e.ExpectColumnValuesToNotBeNull(column="f0"), e.ExpectColumnValuesToNotBeNull(column="partly", mostly=0.95),
  e.ExpectColumnValuesToBeBetween(column="f2", min_value=-1e9, max_value=1e9),
  e.ExpectColumnValuesToBeBetween(column="amount", max_value=1e9),
  e.ExpectColumnValuesToBeBetween(column="i0", min_value=0, max_value=9),
  e.ExpectColumnValuesToBeBetween(column="i5", min_value=0),
  e.ExpectColumnValuesToBeInSet(column="grade", value_set=grades),
  e.ExpectColumnValuesToMatchRegex(column="code", regex=r"^\\d{{1,2}}$"),
  e.ExpectColumnValuesToBeInSet(column="const", value_set=["a"]), e.ExpectColumnValuesToNotBeNull(column="paid")]))
done = context.validation_definitions.add(gx.ValidationDefinition(name="v", data=batch, suite=suite)).run(
  batch_parameters={{"dataframe": frame}})
counts = {{one.expectation_config.kwargs["column"]: one.result["unexpected_count"] for one in done.results}}
found = counts["amount"]
"""
PEERS = {
    "pointblank": (POINTBLANK, ("pointblank", "polars", "pyarrow")),
    "pandera": (PANDERA, ("pandera[polars]", "pyarrow")),
    "great_expectations": (GX, ("great_expectations", "pyarrow")),
}
DEMANDS = {"pointblank": 4, "pandera": 8, "great_expectations": 25}
"""How many times as much a peer is to cost at least."""
TURNS = 3


def generate(folder: Path, rows: int) -> None:
    """The table as a file, and as a version of a dataset."""
    path = folder / "rows.parquet"
    more = ", ".join(MORE)
    duckdb.execute(f"set timezone = 'UTC'; copy ({TABLE.format(rows=rows, bad=BAD, more=more)}) to '{path}'")
    table = pq.read_table(path)
    table = table.set_column(1, "at", table["at"].cast(pa.timestamp("us", "UTC")))
    table = table.append_column(KNOWN_AT, table["at"]).append_column(OP, pa.array(["I"] * rows))
    table = table.append_column(BATCH, pa.array([1] * rows, pa.int64())).append_column(ROW, pa.array(range(rows)))
    tables = ParquetTables(folder / "lake")
    columns = tuple(ColumnType(name=each.name, type=type_of(each.type)) for each in table.schema if each.name[0] != "_")
    file = tables.stage("rows", table, time="at")
    draft = Draft(
        system="bench", dataset="rows", files=(file,), rejected=(), cursor="", watermark_us=0, columns=columns,
        content=file.digest, at_us=0,
    )  # fmt: skip
    tables.commit(draft, None)


def gate(folder: Path) -> list[float]:
    """Wall and CPU seconds, and the rows that the gate found beyond their bound."""
    begun, before = time.perf_counter(), time.process_time()
    system = tm.System("bench", owner="bench@tidemill.example", zone="UTC")
    source = system.source("rows", tm.files("rows.parquet"), key="id", time="at")
    contract = read_contract(CONTRACT, "contracts/rows.toml", "rows")
    tables = ParquetTables(folder / "lake")
    ctx = cast("Context", cast("Any", SimpleNamespace(tables=tables, compute=DuckdbCompute())))
    given = Given(
        system=replace(system.declared(), contracts=(contract,)),
        source=source,
        version=tables.version("rows", 1),
        previous=None,
        now_us=0,
    )
    report = held(given, ctx)
    if report is None:
        raise RuntimeError("no contract")
    broken = {rule.rule: rule.rows or 0 for rule in report.rules if rule.outcome == "broken"}
    return [time.perf_counter() - begun, time.process_time() - before, sum(broken.values())]


def measured(command: list[str]) -> list[float]:
    """The best of each: CPU seconds of the whole process, wall and CPU seconds of reading and checking.

    RuntimeError where other rows were found than there are.
    """
    turns = []
    for _ in range(TURNS):
        before = cpu_of_children()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        turns.append([cpu_of_children() - before, *json.loads(done.stdout.splitlines()[-1])])
    if {turn[3] for turn in turns} != {BAD}:
        raise RuntimeError(f"{command[0]}: found {turns}")
    return [min(turn[place] for turn in turns) for place in range(3)]


def cpu_of_children() -> float:
    """CPU seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment(name: str, folder: Path) -> Path:
    """The interpreter of a peer's environment, which is made if it is not there."""
    python = folder / name / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-qq", *PEERS[name][1]], check=True)
    return python


def versions(python: Path, name: str) -> str:
    """The version of the peer there."""
    code = f"from importlib.metadata import version; print(version({name!r}))"
    return subprocess.run([str(python), "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def report(rows: int, peers: Path) -> None:
    """All cases, one after another, as a table."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, rows)
        own = measured([sys.executable, "-m", "bench.validate", "--case", str(folder)])
        print(f"{datetime.now(UTC):%Y-%m-%d}, {rows:,} rows x 50 columns, ten checks, best of {TURNS} turns;")
        print(f"Python {platform.python_version()}, duckdb {version('duckdb')}, {platform.machine()}\n")
        print("| case | process, CPU s | beside the gate | check alone, s / CPU s | beside the gate | demanded |")
        print(f"|---|---|---|---|---|---|\n| tidemill gate | {own[0]:.2f} | 1 | {own[1]:.2f} / {own[2]:.2f} | 1 | |")
        for peer, (script, _) in PEERS.items():
            python = environment(peer, peers)
            found = measured([str(python), "-c", script.format(HEAD=HEAD) + TAIL, str(folder / "rows.parquet")])
            line = (
                f"{found[0]:.2f} | {found[0] / own[0]:.1f} | {found[1]:.2f} / {found[2]:.2f} | {found[2] / own[2]:.1f}"
            )
            print(f"| {peer} {versions(python, peer)} | {line} | {DEMANDS[peer]} |", flush=True)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--case", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case is not None:
        print(json.dumps(gate(given.case)))
    elif given.peers is not None:
        report(given.rows, given.peers.resolve())
    else:
        with TemporaryDirectory() as folder:
            report(given.rows, Path(folder))


if __name__ == "__main__":
    main()
