"""Ten checks on a wide table: the product's data gate beside pointblank, pandera and Great Expectations.

    python -m bench.validate                     1M rows x 50 columns
    python -m bench.validate --peers FOLDER      where the peers' environments are, or are made by pip

Each case reads the same Parquet file in a process of its own, the peers in environments of their own, on pandas as
their first pages show them and on polars. Counted are the CPU seconds of the whole process, as a command pays them, and
of reading and checking alone, imports left out. Every case must find the same rows: the few amounts beyond their bound,
nothing else. Compare the ratios of one run only. The gate is `lifecycle.explore.gate` with a contract of ten rules over
a committed dataset version: as a command opens it, its file verified by its SHA-256 first, and as a run comes to it,
which has just written the file itself.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable
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
from bench.peers import HEAD, TAIL, Cost, environment, measured, version_of
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
POINTBLANK = """
import {frames} as frames, pointblank as pb
{HEAD}
grades = [str(n) for n in range(10)]
done = (pb.Validate(frames.read_parquet(path)).col_vals_not_null("f0").col_vals_not_null("partly", thresholds=0.05)
  .col_vals_between("f2", -1e9, 1e9).col_vals_le("amount", 1e9).col_vals_between("i0", 0, 9).col_vals_ge("i5", 0)
  .col_vals_in_set("grade", grades).col_vals_regex("code", r"^\\d{1,2}$").col_vals_eq("const", "a")
  .col_vals_not_null("paid").interrogate())
found = int(done.n_failed(i=4, scalar=True))
"""
PANDERA = """
import {frames} as frames, pandera.{frames} as pa
from pandera.errors import SchemaErrors
{HEAD}
grades = [str(n) for n in range(10)]
share = {share}
schema = pa.DataFrameSchema({
  "f0": pa.Column(float, nullable=False), "partly": pa.Column(float, share, nullable=True),
  "f2": pa.Column(float, pa.Check.in_range(-1e9, 1e9)), "amount": pa.Column(float, pa.Check.le(1e9)),
  "i0": pa.Column(int, pa.Check.in_range(0, 9)), "i5": pa.Column(int, pa.Check.ge(0)),
  "grade": pa.Column(str, pa.Check.isin(grades)), "code": pa.Column(str, pa.Check.str_matches(r"^\\d{1,2}$")),
  "const": pa.Column(str, pa.Check.eq("a")), "paid": pa.Column(bool, nullable=False)})
found = 0
try:
    schema.validate(frames.read_parquet(path), lazy=True)
except SchemaErrors as error:
    found = len(error.failure_cases)
"""
GX = """
import logging, os
os.environ["GX_ANALYTICS_ENABLED"] = "false"
import pandas as pd, great_expectations as gx, great_expectations.expectations as e
logging.disable(logging.WARNING)
{HEAD}
grades = [str(n) for n in range(10)]
frame = pd.read_parquet(path)
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False, "metric_calculations": False}
asset = context.data_sources.add_pandas("p").add_dataframe_asset("a")
batch = asset.add_batch_definition_whole_dataframe("b")
suite = context.suites.add(gx.ExpectationSuite("s", expectations=[
  e.ExpectColumnValuesToNotBeNull(column="f0"), e.ExpectColumnValuesToNotBeNull(column="partly", mostly=0.95),
  e.ExpectColumnValuesToBeBetween(column="f2", min_value=-1e9, max_value=1e9),
  e.ExpectColumnValuesToBeBetween(column="amount", max_value=1e9),
  e.ExpectColumnValuesToBeBetween(column="i0", min_value=0, max_value=9),
  e.ExpectColumnValuesToBeBetween(column="i5", min_value=0),
  e.ExpectColumnValuesToBeInSet(column="grade", value_set=grades),
  e.ExpectColumnValuesToMatchRegex(column="code", regex=r"^\\d{1,2}$"),
  e.ExpectColumnValuesToBeInSet(column="const", value_set=["a"]), e.ExpectColumnValuesToNotBeNull(column="paid")]))
done = context.validation_definitions.add(gx.ValidationDefinition(name="v", data=batch, suite=suite)).run(
  batch_parameters={"dataframe": frame})
counts = {one.expectation_config.kwargs["column"]: one.result["unexpected_count"] for one in done.results}
found = counts["amount"]
"""
SHARES = {
    "pandas": "pa.Check(lambda values: values.isna().mean() <= 0.05, ignore_na=False)",
    "polars": "pa.Check(lambda data: data.lazyframe.select(frames.col(data.key).is_null().mean() <= 0.05))",
}
PEERS = {
    "pointblank": dict.fromkeys(("pandas", "polars"), POINTBLANK),
    "pandera": {frames: PANDERA.replace("{share}", share) for frames, share in SHARES.items()},
    "great_expectations": {"pandas": GX},
}
NEEDS = {
    "pointblank": ("pointblank", "polars", "pandas", "pyarrow"),
    "pandera": ("pandera[polars,pandas]", "pyarrow"),
    "great_expectations": ("great_expectations", "pyarrow"),
}
DEMANDS = {"pointblank": 4, "pandera": 8, "great_expectations": 25}
"""How many times as much a peer is to cost at least."""
TURNS = 3


def generate(folder: Path, rows: int) -> None:
    """The table as a file, and as a version of a dataset."""
    path = folder / "rows.parquet"
    more = ", ".join(MORE)
    duckdb.execute(f"set timezone = 'UTC'; copy ({TABLE.format(rows=rows, bad=BAD, more=more)}) to '{path}'")
    landed(folder)


def landed(folder: Path) -> ParquetTables:
    """A dataset in the folder whose first version has the file's rows."""
    table = pq.read_table(folder / "rows.parquet")
    rows = table.num_rows
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
    if tables.newest("rows") is None:
        tables.commit(draft, None)
    return tables


def gate(tables: ParquetTables) -> list[float]:
    """Wall and CPU seconds, and the rows that the gate found beyond their bound."""
    begun, before = time.perf_counter(), time.process_time()
    system = tm.System("bench", owner="bench@tidemill.example", zone="UTC")
    source = system.source("rows", tm.files("rows.parquet"), key="id", time="at")
    contract = read_contract(CONTRACT, "contracts/rows.toml", "rows")
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


CASES: dict[str, Callable[[Path], ParquetTables]] = {
    "opened": lambda folder: ParquetTables(folder / "lake"),
    "just landed": landed,
}
"""How the gate comes to the version."""


def checked(command: list[str]) -> Cost:
    """What a case costs. RuntimeError where other rows were found than there are."""
    cost, found = measured(command, TURNS)
    if found != BAD:
        raise RuntimeError(f"{command[:3]}: found {found}")
    return cost


def report(rows: int, peers: Path) -> None:
    """All cases, one after another, as a table."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, rows)
        cases = [sys.executable, "-m", "bench.validate", "--folder", str(folder), "--case"]
        own = checked([*cases, "opened"])
        run = checked([*cases, "just landed"])
        print(f"{datetime.now(UTC):%Y-%m-%d}, {rows:,} rows x 50 columns, ten checks, best of {TURNS} turns;")
        print(f"Python {platform.python_version()}, duckdb {version('duckdb')}, {platform.machine()}\n")
        print(
            "| case | process, CPU s | times the gate | check alone, s / CPU s | times opened / in a run | demanded |"
        )
        print("|---|---|---|---|---|---|")
        print(f"| gate, a version opened | {own.process_s:.2f} | 1 | {own.wall_s:.2f} / {own.cpu_s:.2f} | 1 | |")
        print(f"| gate, in the run that landed it | | | {run.wall_s:.2f} / {run.cpu_s:.2f} | 1 | |")
        for peer, scripts in PEERS.items():
            python = environment(peers, peer, NEEDS[peer])
            for frames, script in scripts.items():
                text = script.replace("{frames}", frames).replace("{HEAD}", HEAD) + TAIL
                found = checked([str(python), "-c", text, str(folder / "rows.parquet")])
                times = f"{found.cpu_s / own.cpu_s:.1f} / {found.cpu_s / run.cpu_s:.1f}"
                alone = f"{found.wall_s:.2f} / {found.cpu_s:.2f} | {times}"
                process = f"{found.process_s:.2f} | {found.process_s / own.process_s:.1f}"
                named = f"{peer} {version_of(python, peer)} on {frames}"
                print(f"| {named} | {process} | {alone} | {DEMANDS[peer]} |", flush=True)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case is not None:
        print(json.dumps(gate(CASES[given.case](given.folder))))
    elif given.peers is not None:
        report(given.rows, given.peers.resolve())
    else:
        with TemporaryDirectory() as folder:
            report(given.rows, Path(folder))


if __name__ == "__main__":
    main()
