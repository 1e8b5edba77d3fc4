"""Windows as of many asks beside sorting the same data: seconds, CPU seconds and memory, each case in its own process.

    python -m bench.windows                       1M events, 100k asks, 10k entities
    python -m bench.windows --rows 10000000       10M x 1M x 100k (minutes, 4 GiB of disk and memory)

Every case reads and writes Parquet. `sort` is DuckDB sorting events and asks by entity and time, the least that any way
of doing it must do. `set` is the prepare stage over a landed lake: asks and outcomes from their source, the windows,
the split with its proof, the card, the slices on disk; `kernel` is the function that fills the windows, alone. Of each
set some asks are filled anew by SQL over the rows that each could see, and what differs is counted. Compare the ratios
of one run only.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

import tidemill as tm
from bench.history import (
    DAY_US,
    Size,
    child,
    ensured,
    measured,
    opened,
    printed,
    python,
    stands_on,
    system_of,
    training_set,
)
from tidemill.features.keys import factorise
from tidemill.features.rows import Asks, EventRows, Values, WindowPlan
from tidemill.features.window import evaluate
from tidemill.spec.view import Aggregate, Window

ONLINE_WINDOWS = 15
PLAIN: tuple[Aggregate, ...] = ("count", "sum", "mean", "last")
LENGTHS = (7, 30)
STEP, STEP_US = "1h", 3_600_000_000
"""By what a declared window's older end moves; the kernel alone is measured with one that slides."""


def column(home: Path, table: str, name: str) -> NDArray[Any]:
    """One column of a generated table, times in microseconds."""
    found = pq.read_table(home / f"{table}.parquet", columns=[name])[name]
    return np.asarray(found.cast(pa.int64()) if pa.types.is_timestamp(found.type) else found)


def sort(home: Path) -> None:
    """Sorts events and asks in DuckDB and writes the asks."""
    con = duckdb.connect()
    con.execute(f"create table e as select uniform, ts, amount from '{home}/events.parquet' order by uniform, ts")
    con.execute(f"copy (select * from '{home}/asks.parquet' order by uniform, ts) to '{home}/out.parquet'")


def kernel(home: Path, kinds: tuple[Aggregate, ...], *, key: str = "uniform", late: bool = False) -> None:
    """These aggregates over 7 and 30 days (and `last`, where asked, over all) as of every ask."""
    entities, askers = factorise([Values.whole(column(home, "events", key))], [Values.whole(column(home, "asks", key))])
    known = column(home, "events", "ingested") if late else None
    rows = EventRows(entities=entities, times=column(home, "events", "ts"), known=known)
    asks = Asks(entities=askers, times=column(home, "asks", "ts"))
    amounts = Values.whole(column(home, "events", "amount"))
    categories = Values.whole(column(home, "events", "category")) if "distinct" in kinds else None
    plans = [
        WindowPlan(
            name=f"{kind}_{days}",
            window=Window(kind=kind, length_us=None if kind == "last" else days * DAY_US, scale=2),
            values=None if kind == "count" else categories if kind == "distinct" else amounts,
        )
        for kind in kinds
        for days in (LENGTHS if kind != "last" else (0,))
    ]
    found = evaluate(plans, rows, asks)
    table = {name: pa.array(values.data, mask=values.missing) for name, values in found.items()}
    pq.write_table(pa.table(table), home / "out.parquet")


def windows_of(kinds: tuple[Aggregate, ...]) -> dict[str, Any]:
    """The same, as they are declared."""
    made: dict[str, Any] = {}
    for days in LENGTHS:
        how: dict[str, Any] = {"window": f"{days}d", "step": STEP}
        words = {
            "count": tm.count(**how), "distinct": tm.distinct("category", **how),
            "min": tm.min("amount", **how), "max": tm.max("amount", **how),
            "sum": tm.sum("amount", **how, scale=2), "mean": tm.mean("amount", **how, scale=2),
            "std": tm.std("amount", **how, scale=2),
        }  # fmt: skip
        made |= {f"{kind}_{days}": words[kind] for kind in kinds if kind != "last"}
    return made | ({"last_0": tm.last("amount")} if "last" in kinds else {})


def prepared(
    home: Path, kinds: tuple[Aggregate, ...], *, key: str = "uniform", late: bool = False, keyed: bool = False
) -> Callable[[], list[str]]:
    """What makes the training set of these windows and gives the files of its slices; libraries are loaded before."""
    ctx = opened(home)
    system = system_of((), windows_of(kinds), entity=key, keyed=keyed, late=late)
    system.declared()
    return lambda: [str(ctx.blobs.path(digest)) for digest in training_set(ctx, system).slices]


def wrong(home: Path, slices: list[str], *, key: str, late: bool, few: int = 2000) -> tuple[int, int]:
    """(values, of these wrong) of some asks of a set of the plain windows, filled by SQL."""
    files = ", ".join(f"'{place}'" for place in slices)
    known = "greatest(e.ts, e.ingested)" if late else "e.ts"
    filled = [
        f"{what} filter (e.ts >= make_timestamptz((epoch_us(s.ts) - {days * DAY_US}) // {STEP_US} * {STEP_US})) "
        f"as {kind}_{days}"
        for days in LENGTHS
        for kind, what in (
            ("count", "count(e.ts)"), ("sum", "sum(round(e.amount * 100)::hugeint)"), ("mean", "avg(e.amount)")
        )
    ]  # fmt: skip
    names = [f"{kind}_{days}" for days in LENGTHS for kind in ("count", "sum", "mean")]
    same = {
        **{name: f's."past.{name}" = f.{name}' for name in names if name.startswith("count")},
        **{name: f's."past.{name}" = coalesce(f.{name}, 0)::double / 100' for name in names if name.startswith("sum")},
        **{
            name: f'(s."past.{name}" is null) = (f.{name} is null) and '
            f'coalesce(abs(s."past.{name}" - f.{name}) <= 1e-9 * abs(f.{name}), true)'
            for name in names
            if name.startswith("mean")
        },
        "last_0": 's."past.last_0" is not distinct from f.last_0',
    }
    counts = " + ".join(f"count(*) filter (not ({condition}))" for condition in same.values())
    sql = f"""
    with few as materialized (select * from read_parquet([{files}]) using sample {few} rows (reservoir, 1)),
    f as (select s.ask, {", ".join(filled)}, max_by(e.amount, (e.ts, e.event)) as last_0
        from few s left join '{home}/events.parquet' e on e."{key}" = s."{key}" and {known} < s.ts group by s.ask)
    select {len(same)} * count(*), {counts} from few s join f using (ask)"""
    values, other = duckdb.connect().execute(sql).fetchall()[0]
    return int(values), int(other)


CASES: dict[str, Callable[[Path], Callable[[], Any]]] = {
    "sort": lambda home: partial(sort, home),
    "set": lambda home: prepared(home, PLAIN),
    "set, Zipf keys": lambda home: prepared(home, PLAIN, key="skewed"),
    "set, source with a key": lambda home: prepared(home, PLAIN, keyed=True),
    "set, late rows": lambda home: prepared(home, PLAIN, late=True),
    "set, late rows, Zipf keys": lambda home: prepared(home, PLAIN, late=True, key="skewed"),
    "set, late rows, distinct": lambda home: prepared(home, (*PLAIN, "distinct"), late=True),
    "kernel": lambda home: partial(kernel, home, PLAIN),
    "kernel, Zipf keys": lambda home: partial(kernel, home, PLAIN, key="skewed"),
    "kernel, late rows": lambda home: partial(kernel, home, PLAIN, late=True),
    "kernel, late rows, distinct": lambda home: partial(kernel, home, (*PLAIN, "distinct"), late=True),
    "kernel, late rows, min and max": lambda home: partial(kernel, home, (*PLAIN, "min", "max"), late=True),
    "kernel, late rows, std": lambda home: partial(kernel, home, (*PLAIN, "std"), late=True),
}


def run(case: str, home: Path) -> None:
    """Runs one case here and prints what it took as JSON; what pyarrow loads at first use is loaded before."""
    pa.array(np.zeros(1), mask=np.zeros(1, np.bool_))
    work = CASES[case](home)
    found = measured(work)
    if found["gave"]:
        key, late = ("skewed" if "Zipf" in case else "uniform"), "late" in case
        found["gave"] = wrong(home, found["gave"], key=key, late=late)
    printed(found)


def main() -> None:
    """Lands the history, runs every case and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="events; a tenth as many asks, a hundredth entities"
    )
    parser.add_argument(
        "--repeat", type=int, default=1, help="runs of each case, that of the fewest CPU seconds counts"
    )
    parser.add_argument("--home", type=Path, help="a folder with the history, which is kept; made if it is not there")
    parser.add_argument("--only", default="", help="cases whose names begin so, and the sort")
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        run(given.case, given.home)
        return
    size = Size(rows=given.rows)
    with TemporaryDirectory() as name:
        home = given.home or Path(name)
        ensured(home, size)
        table(home, [case for case in CASES if case == "sort" or case.startswith(given.only)], given.repeat)
    print(f"\n{stands_on(size)}")


def table(home: Path, cases: list[str], repeat: int) -> None:
    """Every case, over the sort."""
    print("| case | s | CPU s | peak MiB | over sort, s | over sort, CPU s | values, wrong |")
    print("|---" * 7 + "|")
    base: dict[str, Any] = {}
    for case in cases:
        runs = [child([python(), "-m", "bench.windows", "--case", case, "--home", str(home)]) for _ in range(repeat)]
        taken = min(runs, key=lambda one: one.get("cpu_s", -1.0))
        base = base or taken
        if "error" in taken:
            print(f"| {case} | {taken['error']} |")
            continue
        ratios = " | ".join(f"{taken[name] / base[name]:.2f}" for name in ("wall_s", "cpu_s"))
        checked = ", ".join(f"{count:,}" for count in taken["gave"] or ())
        figures = f"{taken['wall_s']:.2f} | {taken['cpu_s']:.2f} | {taken['rss_mib']:.0f}"
        print(f"| {case} | {figures} | {ratios} | {checked} |", flush=True)


if __name__ == "__main__":
    main()
