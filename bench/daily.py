"""A day of asks added to a training set of ninety days, beside building it anew: seconds, CPU seconds and memory.

    python -m bench.daily                         10M events and 1M asks over 180 days, of which 151 land (minutes)
    python -m bench.daily --rows 1000000          in short

The set of the asks of ninety days is made and recorded, then a day of events and asks lands, and the set of the ninety
one days is made by the prepare stage twice, each time in a process of its own: with the recorded set to keep from, and
without. Both must be the very same set, blob for blob. Compare the ratios of one run only.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

import tidemill as tm
from bench.history import (
    DAY_US,
    MOMENT,
    START_US,
    Size,
    child,
    generate,
    land,
    measured,
    opened,
    printed,
    python,
    stands_on,
    system_of,
    training_set,
)
from tidemill.facts.data import TrainingSet

ENDS = 150
"""The day, from the first on, that is added; asks begin on day 60."""
COLUMNS = ("amount", "category")
KINDS = {
    "windows": "windows of 7 and 30 days, each row for itself",
    "ever": "and one over all time",
    "keyed": "rows with a key, which have versions",
}
WINDOWS: dict[str, Any] = {
    "count_7": tm.count("7d"), "sum_7": tm.sum("amount", "7d", scale=2), "mean_30": tm.mean("amount", "30d", scale=2),
    "distinct_30": tm.distinct("category", "30d"), "max_30": tm.max("amount", "30d"),
}  # fmt: skip
EVER: dict[str, Any] = {"last": tm.last("amount")}
"""A window over all time: every row of an entity that is asked about is read for it."""


def system(kind: str) -> tm.System:
    """The newest row and windows of the events that are known late."""
    windows = WINDOWS | (EVER if kind == "ever" else {})
    return system_of(COLUMNS, windows, entity="uniform", keyed=kind == "keyed", late=True)


def between(rows: pa.Table, first: int, last: int) -> pa.Table:
    """The rows of these days."""
    low, high = (pa.scalar(START_US + day * DAY_US, pa.int64()).cast(MOMENT) for day in (first, last))
    return rows.filter(pc.and_(pc.greater_equal(rows["ts"], low), pc.less(rows["ts"], high)))


def history(home: Path, size: Size, kind: str) -> None:
    """Ninety days of asks with their set, recorded; then a day more."""
    ctx = opened(home)
    events, asks = generate(size)
    for first, last in ((0, ENDS), (ENDS, ENDS + 1)):
        land(ctx, "late", between(events, first, last), known="ingested")
        land(ctx, "asked", between(asks, first, last))
        if not first:
            ctx.ledger.commit(training_set(ctx, system(kind)))


def made(home: Path, kind: str, *, kept: bool) -> dict[str, Any]:
    """The set of all days, with the recorded one to keep from or without."""
    ctx = opened(home)
    declared = system(kind)
    declared.declared()
    (before,) = ctx.ledger.find(TrainingSet)
    found = measured(lambda: training_set(ctx, declared, before=before if kept else None))
    facts = found["gave"]
    same = len(set(facts.slices) & set(before.slices))
    return found | {"gave": [facts.digest, len(facts.slices), same]}


def main() -> None:
    """Lands the history, makes the set both ways and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000, help="events over 180 days; a tenth as many asks")
    parser.add_argument("--kind", choices=KINDS, default="windows", help="what is asked of which source")
    parser.add_argument("--case", choices=("land", "kept", "anew"), help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case == "land":
        history(given.home, Size(rows=given.rows), given.kind)
        printed({})
    elif given.case:
        printed(made(given.home, given.kind, kept=given.case == "kept"))
    else:
        compared(Size(rows=given.rows), given.kind)


def compared(size: Size, kind: str) -> None:
    """Lands the history, makes the set both ways and prints the table."""
    with TemporaryDirectory() as name:
        command = [python(), "-m", "bench.daily", "--home", name, "--rows", str(size.rows), "--kind", kind]
        compare({case: child([*command, "--case", case]) for case in ("land", "kept", "anew")})
    print(f"\n{KINDS[kind]}; {stands_on(size)}")


def compare(found: dict[str, dict[str, Any]]) -> None:
    """Both ways and their ratio."""
    print("| case | s | CPU s | peak MiB | slices, as before |\n|---|---|---|---|---|")
    found.pop("land")
    for case, one in found.items():
        _, slices, same = one["gave"]
        print(f"| {case} | {one['wall_s']:.2f} | {one['cpu_s']:.2f} | {one['rss_mib']:.0f} | {slices}, {same} |")
    ratios = [found["kept"][name] / found["anew"][name] for name in ("wall_s", "cpu_s", "rss_mib")]
    print("| kept over anew | " + " | ".join(f"{ratio:.3f}" for ratio in ratios) + " | |")
    print(f"\nThe very same set: {found['kept']['gave'][0] == found['anew']['gave'][0]}")


if __name__ == "__main__":
    main()
