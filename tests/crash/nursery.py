"""A process that raises children to be killed: they write to a store and tell each thing the store has confirmed.

It loads the libraries once and forks a child for each line `SCENARIO FOLDER` on its input, so that many lives cost
little. It answers with the child's pid, then come the child's lines, then `over`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pyarrow as pa

from tidemill.errors import StoreError
from tidemill.facts.event import Event
from tidemill.facts.release import Policy
from tidemill.ports.tables import Draft
from tidemill.stores.blobs.local import LocalBlobs
from tidemill.stores.journal.segments import SegmentJournal
from tidemill.stores.ledger.sqlite import SqliteLedger
from tidemill.stores.online.lmdb import LmdbOnline
from tidemill.stores.online.redis import RedisOnline
from tidemill.stores.tables.parquet import ParquetTables

TURNS = 10_000
"""A child lives until it is killed; this ends one that nobody kills."""


pa.table({"n": [0]})  # loads what pyarrow loads late, before any child is born


def confirm(line: object) -> None:
    """Tells in one write(2), so that a kill leaves no half line."""
    os.write(1, f"{line}\n".encode())


def journal(folder: Path) -> None:
    """Frames `0`, `1`, ... of this life, in small segments."""
    writer = SegmentJournal(folder, segment_bytes=2_000).writer("predictions", "w1")
    for n in range(TURNS):
        payload = f"{os.getpid()}/{n}".ljust(40 + n % 400)
        confirm(f"{writer.append(payload.encode())} {payload.strip()}")


def ledger(folder: Path) -> None:
    """A number that grows by one, with one line of the diary each time."""
    held = SqliteLedger(folder / "ledger.db")
    policy = held.get(Policy, "s", "m") or Policy(system="s", model="m", seq=0, champion=None, salt="", at_us=0)
    for _ in range(TURNS):
        policy = replace(policy, seq=policy.seq + 1)
        held.commit(policy, events=[Event(at_us=0, system="s", code="x", subject=str(policy.seq))])
        confirm(policy.seq)


def tables(folder: Path) -> None:
    """Versions of one row more each, whose cursor tells how many rows there are."""
    lake = ParquetTables(folder)
    version = lake.newest("events")
    for n in range(version.rows if version else 0, TURNS):
        file = lake.stage("events", pa.table({"n": [n]}), time="at")
        draft = Draft(
            system="s", dataset="events", files=(file,), rejected=(), cursor=str(n + 1), watermark_us=0, columns=(),
            content="", at_us=0,
        )  # fmt: skip
        version = lake.commit(draft, version)
        confirm(version.number)


def pruned(folder: Path) -> None:
    """Versions of one row more each, of which the last three stay; each time a file is staged that nobody wants."""
    lake = ParquetTables(folder)
    version = lake.newest("events")
    for n in range(version.rows if version else 0, TURNS):
        lake.stage("nothing", pa.table({"n": [-n]}), time="at")
        draft = Draft(
            system="s", dataset="events", files=(lake.stage("events", pa.table({"n": [n]}), time="at"),), rejected=(),
            cursor="", watermark_us=0, columns=(), content="", at_us=0,
        )  # fmt: skip
        version = lake.commit(draft, version)
        confirm(version.number)
        if n % 5 == 4:
            lake.remove([lake.version("events", number) for number in lake.numbers("events")[:-3]])


def swept(folder: Path) -> None:
    """Takes away what no version holds and no living process staged, all the time; tells how many files."""
    lake = ParquetTables(folder)
    for _ in range(TURNS):
        confirm(lake.remove([]).files)


def blobs(folder: Path) -> None:
    """Blobs of several kilobytes."""
    kept = LocalBlobs(folder)
    for n in range(TURNS):
        confirm(kept.put(f"{os.getpid()}/{n}".encode() * 2_000))


def online(folder: Path) -> None:
    """A record and a mark that tell the same number."""
    store = LmdbOnline(folder)
    for n in range(int(store.mark("n") or 0) + 1, TURNS):
        store.write({"view": [(b"n", str(n).encode()), (b"pad", bytes(n % 5_000))]}, {"n": str(n)})
        confirm(n)


def redis(folder: Path) -> None:
    """The same on the Redis that the folder's file `url` names, for as long as that lives."""
    store = RedisOnline((folder / "url").read_text())
    try:
        for n in range(int(store.mark("n") or 0) + 1, TURNS):
            store.write({"view": [(b"n", str(n).encode()), (b"pad", bytes(n % 5_000))]}, {"n": str(n), "view": str(n)})
            confirm(n)
    except StoreError:
        return


SCENARIOS: dict[str, Callable[[Path], None]] = {
    "journal": journal,
    "ledger": ledger,
    "tables": tables,
    "pruned": pruned,
    "swept": swept,
    "blobs": blobs,
    "online": online,
    "redis": redis,
}


def main() -> None:
    import_module("redis")  # once, not in every life
    for line in sys.stdin:
        name, folder = line.split()
        child = os.fork()
        if not child:
            confirm(f"pid {os.getpid()}")
            SCENARIOS[name](Path(folder))
            os._exit(0)
        os.waitpid(child, 0)
        confirm("over")


if __name__ == "__main__":
    main()
