"""A disk that is full: each store says so, keeps what it had, and goes on when there is space again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit

import pyarrow as pa
import pytest

from tidemill.errors import StoreError
from tidemill.facts.release import Policy
from tidemill.ports.ledger import Ledger
from tidemill.stores.blobs.local import LocalBlobs
from tidemill.stores.journal.segments import SegmentJournal
from tidemill.stores.ledger.sqlite import SqliteLedger
from tidemill.stores.online.lmdb import LmdbOnline
from tidemill.stores.tables.parquet import ParquetTables
from tidemill.testing.journal import drained
from tidemill.testing.tables import draft, rows

BALLAST = "ballast"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes, in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"needs the right to mount a small disk: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def fill(disk: Path) -> None:
    """Leaves no byte."""
    with (disk / BALLAST).open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 512, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def clear(disk: Path) -> None:
    (disk / BALLAST).unlink()


def refused(call: Callable[[int], object]) -> int:
    """How often the call went well before it said that the disk is full."""
    for n in range(100_000):
        try:
            call(n)
        except StoreError as error:
            if error.code != "store.disk-full":
                raise
            return n
    raise AssertionError("this disk has no end")


def test_the_ledger(disk: Path) -> None:
    def count(ledger: Ledger, n: int) -> None:
        ledger.commit(Policy(system="s", model="m", seq=n, champion=None, salt="x" * 5_000, at_us=0))

    with closing(SqliteLedger(disk / "ledger.db")) as ledger:
        count(ledger, -1)
        fill(disk)
        last = refused(lambda n: count(ledger, n)) - 1
        for handle in (ledger, SqliteLedger(disk / "ledger.db")):
            policy = handle.get(Policy, "s", "m")
            assert policy is not None
            assert policy.seq == last
        handle.close()
        clear(disk)
        count(ledger, last + 1)


def test_blobs(disk: Path) -> None:
    blobs = LocalBlobs(disk)
    count = refused(lambda n: blobs.put(str(n).encode() * 5_000))
    assert count > 10
    names = [place for place in (disk / "sha256").rglob("*") if place.is_file()]
    assert len(names) == count
    assert all(blobs.get(place.name) for place in names)


def test_dataset_versions(disk: Path) -> None:
    tables = ParquetTables(disk)
    first = tables.commit(draft(tables.stage("events", rows(1), time="at")), None)
    more = tables.stage("events", rows(2), time="at")
    fill(disk)
    for attempt in (
        lambda _: tables.commit(draft(more), first),
        lambda _: tables.stage("events", pa.table({"n": range(10_000)}), time="at"),
    ):
        assert refused(attempt) == 0
        assert tables.newest("events") == first
        assert tables.read(first.files) == rows(1)
    clear(disk)
    assert tables.commit(draft(more), first).number == 2


def test_the_journal(disk: Path) -> None:
    journal = SegmentJournal(disk)
    writer = journal.writer("s", "w1")
    writer.append(b"first")
    fill(disk)
    count = refused(lambda n: writer.append(str(n).encode() * 100))
    assert [payload[:1] for payload in drained(journal, "s")[0]] == [b"f", *(str(n)[:1].encode() for n in range(count))]
    with pytest.raises(StoreError):
        journal.writer("s", "w2").append(b"no segment either")
    clear(disk)
    writer.append(b"last")
    assert drained(journal, "s")[0][-1] == b"last"
    assert journal.damage("s") == ()


def test_online_records(disk: Path) -> None:
    store = LmdbOnline(disk / "online")
    store.write({"view": [(b"n", b"-1")]}, {"n": "-1"})
    fill(disk)
    last = refused(lambda n: store.write({"view": [(b"n", b"%d" % n), (b"%d" % n, bytes(20_000))]}, {"n": str(n)})) - 1
    assert (store.get("view", [b"n"]), store.mark("n")) == ([b"%d" % last], str(last))
    clear(disk)
    store.write({"view": [(b"n", b"after")]})
    assert store.get("view", [b"n"]) == [b"after"]
    store.close()


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond a hundred kilobytes."""
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (100_000, before[1]))
    yield
    setrlimit(RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_files")
def test_a_limit_on_file_sizes_is_a_full_disk_too(tmp_path: Path) -> None:
    blobs, journal, tables = LocalBlobs(tmp_path), SegmentJournal(tmp_path), ParquetTables(tmp_path)
    writer = journal.writer("s", "w1")
    assert refused(lambda n: blobs.put(bytes(60_000 * (n + 1)))) == 1
    noise = pa.table({"n": [os.urandom(300_000)]})
    assert refused(lambda n: tables.stage("events", noise, time="at")) == 0
    assert refused(lambda n: SqliteLedger(tmp_path / "ledger.db")) == 0
    count = refused(lambda n: writer.append(bytes(30_000)))
    assert len(drained(journal, "s")[0]) == count == 3
