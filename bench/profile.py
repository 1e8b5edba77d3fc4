"""A table explored: `tidemill explore FILE` beside skrub's report and the minimal profile of ydata-profiling.

    python -m bench.profile                      1M rows x 50 columns, and real tables if TIDEMILL_DATA has them
    python -m bench.profile --peers FOLDER       where the peers' environments are, or are made by pip

Each case reads the same Parquet file in a process of its own and makes its page (HTML), the peers with all that they
show by default, skrub on polars and on pandas. Counted are the CPU seconds of the whole process, as a command pays
them, and of reading, looking and writing the page alone, imports left out. Compare the ratios of one run only.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.peers import HEAD, TAIL, Cost, environment, measured, version_of
from tests.needs import data_folder
from tidemill.interfaces.cli.explore import command

ROWS = 1_000_000
ABSURD = 1e10
TURNS = 3
REAL = ("driving/obd_signals.parquet", "ecommerce/online_retail/online_retail.parquet")
SKRUB = """
import warnings, {frames} as frames
from skrub import TableReport
warnings.filterwarnings("ignore")
{HEAD}
found = len(TableReport(frames.read_parquet(path), verbose=0).html()) > 10_000
"""
YDATA = """
import warnings, pandas as pd
from ydata_profiling import ProfileReport
warnings.filterwarnings("ignore")
{HEAD}
found = len(ProfileReport(pd.read_parquet(path), minimal=True, progress_bar=False).to_html()) > 10_000
"""
PEERS = {
    "skrub on polars": (SKRUB.replace("{frames}", "polars"), "skrub"),
    "skrub on pandas": (SKRUB.replace("{frames}", "pandas"), "skrub"),
    "ydata-profiling, minimal": (YDATA, "ydata-profiling"),
}
NEEDS = {
    "skrub": ("skrub", "polars", "pandas", "pyarrow", "matplotlib"),
    "ydata-profiling": ("ydata-profiling", "setuptools<80", "pyarrow"),
}
DEMANDS = {"skrub": 2, "ydata-profiling": 10}
"""How many times as much a peer is to cost at least."""


def generate(path: Path, rows: int) -> None:
    """Numbers with and without nulls, whole numbers and words of 10 to all different values, an absurd amount."""
    random = np.random.default_rng(5)
    columns: dict[str, pa.Array] = {}
    for place in range(30):
        values = random.lognormal(3, 1, rows) if place % 3 else random.normal(0, 1, rows)
        columns[f"f{place}"] = pa.array(values, mask=random.random(rows) < 0.02 * (place % 4))
    amount = np.round(random.lognormal(10, 1, rows), 2)
    amount[rows // 2] = ABSURD
    columns["amount"] = pa.array(amount)
    columns |= {f"i{place}": pa.array(random.integers(0, 10 ** (place % 6 + 1), rows)) for place in range(9)}
    columns |= {f"s{place}": pa.array(random.integers(0, 10 ** (place + 1), rows)).cast("string") for place in range(6)}
    columns["user"] = pa.array(random.integers(0, 10**9, rows)).cast("string")
    columns["const"] = pa.array(["a"] * rows)
    columns["t0"] = pa.array(1_767_225_600_000_000 + random.integers(0, 10**13, rows), pa.timestamp("us"))
    columns["b"] = pa.array(random.random(rows) < 0.3)
    pq.write_table(pa.table(columns), path, row_group_size=200_000, compression="zstd")


def explored(path: Path) -> list[float | bool]:
    """Wall and CPU seconds of the command, which also writes to the terminal, and whether a page came of it."""
    with TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        begun, before = time.perf_counter(), time.process_time()
        command([str(path), "--html", str(page)], standalone_mode=False)
        return [time.perf_counter() - begun, time.process_time() - before, page.stat().st_size > 10_000]


def compared(path: Path, peers: Path, turns: int) -> None:
    """One file through every case, as lines of a table."""
    shape = pq.read_metadata(path)
    title = f"{path.stem}: {shape.num_rows:,} x {shape.num_columns}"
    own, _ = measured([sys.executable, "-m", "bench.profile", "--case", str(path)], turns)
    print(line(title, "tidemill explore", own, own, ""), flush=True)
    for name, (script, peer) in PEERS.items():
        python = environment(peers, peer, NEEDS[peer])
        found, _ = measured([str(python), "-c", script.replace("{HEAD}", HEAD) + TAIL, str(path)], turns)
        print(line("", f"{name} {version_of(python, peer)}", found, own, str(DEMANDS[peer])), flush=True)


def line(title: str, case: str, found: Cost, own: Cost, demanded: str) -> str:
    """What a case costs, beside the product."""
    alone = f"{found.wall_s:.2f} / {found.cpu_s:.2f} | {found.cpu_s / own.cpu_s:.1f}"
    return (
        f"| {title} | {case} | {found.process_s:.2f} | {found.process_s / own.process_s:.1f} | {alone} | {demanded} |"
    )


def report(rows: int, peers: Path, turns: int) -> None:
    """All tables, one after another."""
    print(f"{datetime.now(UTC):%Y-%m-%d}, best of {turns} turns; Python {platform.python_version()},")
    print(f"numpy {version('numpy')}, pyarrow {version('pyarrow')}, duckdb {version('duckdb')}, {platform.machine()}\n")
    print("| table | case | process, CPU s | times ours | work alone, s / CPU s | times ours | demanded |")
    print("|---|---|---|---|---|---|---|")
    with TemporaryDirectory() as name:
        made = Path(name) / "made.parquet"
        generate(made, rows)
        folder = data_folder()
        real = [folder / each for each in REAL] if folder else []
        for path in (made, *(each for each in real if each.exists())):
            compared(path, peers, turns)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--case", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case is not None:
        print(json.dumps(explored(given.case)))
    elif given.peers is not None:
        report(given.rows, given.peers.resolve(), given.turns)
    else:
        with TemporaryDirectory() as folder:
            report(given.rows, Path(folder), given.turns)


if __name__ == "__main__":
    main()
