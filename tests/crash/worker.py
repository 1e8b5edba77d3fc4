"""A process that raises children to be killed: each runs the small system of tests.unit.loop.kit on stores in a folder.

For each line `FOLDER COUNT` on its input it forks so many children at once, tells their pids, and `over` when all have
ended. It runs once itself first, so that the lives are short. A child tells of every stage and commit before and after
it, and notes each stage that works in FOLDER/worked.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from tests.unit.loop.kit import Stand
from tidemill.loop.pace import Pace
from tidemill.loop.run import run_model
from tidemill.stores.blobs.local import LocalBlobs
from tidemill.stores.ledger.sqlite import SqliteLedger
from tidemill.stores.tables.parquet import ParquetTables

PACE = Pace(lease_s=0.5, beat_s=0.1)
WORKED = "worked"


def tell(line: str) -> None:
    """Tells in one write(2), so that a kill leaves no half line."""
    os.write(1, f"{line}\n".encode())


class TellingLedger(SqliteLedger):
    """Says when it commits."""

    def commit(self, *facts: Any, **given: Any) -> None:
        tell("committing")
        super().commit(*facts, **given)
        tell("committed")


class TellingStand(Stand):
    """Says when a stage works, and notes it."""

    def work(self, stage: str) -> None:
        tell(f"begins {stage}")
        with (self.blobs.folder.parent / WORKED).open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()} {stage}\n")
        tell(f"works {stage}")


def stand_in(folder: Path, kind: type[Stand] = Stand) -> Stand:
    """The system on stores in the folder."""
    ledger = (TellingLedger if kind is TellingStand else SqliteLedger)(folder / "ledger.db")
    return kind(ledger=ledger, tables=ParquetTables(folder / "lake"), blobs=LocalBlobs(folder / "blobs"), pace=PACE)


def live(folder: Path) -> None:
    """One life: a run from where it stands to its end."""
    stand = stand_in(folder, TellingStand)
    ended = run_model(stand.mill, "risk", stand.ctx, street=stand.street)
    tell(f"ended {ended.id} {ended.state}")


def main() -> None:
    warmed = Stand()
    run_model(warmed.mill, "risk", warmed.ctx, street=warmed.street)
    for line in sys.stdin:
        folder, count = line.split()
        children = []
        for _ in range(int(count)):
            child = os.fork()
            if not child:
                tell(f"pid {os.getpid()}")
                live(Path(folder))
                os._exit(0)
            children.append(child)
        for child in children:
            os.waitpid(child, 0)
        tell("over")


if __name__ == "__main__":
    main()
