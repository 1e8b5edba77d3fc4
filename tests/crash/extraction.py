"""A process that extracts one table of PostgreSQL into a lake and tells each slice that landed, and its peak memory.

`python -m tests.crash.extraction URL FOLDER SLICE_ROWS [DAY]`: lines `rows N`, at the end `done VERSION KIB`.
With a DAY the table is compared with what landed, once a day.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import tidemill as tm
from tests.street import Street
from tidemill.ports.source import Reader
from tidemill.spec.source import SqlTable, Table
from tidemill.stores.sources.postgres import PostgresReader


class Shop(Street):
    """A system whose one source is the table `events`."""

    def __init__(self, url: str, folder: Path, slice_rows: int, reconcile: str | None = None) -> None:
        system = tm.System("shop", owner="owner@shop.example")
        system.source("events", tm.sql(url).table("events", cursor="at", reconcile=reconcile), key="id", time="at")
        super().__init__(system, home=folder)
        self.slice_rows = slice_rows
        self.ctx = replace(self.ctx, progress=lambda what, done, total: tell(what, done))

    def reader(self, table: Table) -> Reader:
        """The table itself."""
        assert isinstance(table, SqlTable)
        return PostgresReader(table, slice_rows=self.slice_rows)


def tell(*words: object) -> None:
    """One line in one write(2), so that a kill leaves no half line."""
    os.write(1, f"{' '.join(map(str, words))}\n".encode())


def peak_kib() -> int:
    """The most memory that this process held at once."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    day = sys.argv[4:]
    mill = Shop(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), "1d" if day else None)
    version = mill.extract("events", *day)
    tell("done", version.name, peak_kib())
