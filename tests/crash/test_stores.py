"""kill -9 at any moment: nothing that a store confirmed is lost, nothing is seen by half."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path

import pytest

from tests import redis
from tests.needs import ROOT, need
from tidemill.facts.release import Policy
from tidemill.stores.blobs.local import LocalBlobs
from tidemill.stores.journal.segments import SegmentJournal
from tidemill.stores.ledger.sqlite import SqliteLedger
from tidemill.stores.online.lmdb import LmdbOnline
from tidemill.stores.online.redis import RedisOnline
from tidemill.stores.tables.parquet import ParquetTables
from tidemill.testing.journal import drained

LIVES = 25


class Nursery:
    """Children to be killed, one at a time."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.crash.nursery"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def life(self, scenario: str, folder: Path, confirmations: int) -> list[str]:
        """What a child confirmed that was killed as soon as it had confirmed so much; it was busy with the next."""
        return self.until(scenario, folder, confirmations, None)

    def until(self, scenario: str, folder: Path, confirmations: int, strike: Callable[[], None] | None) -> list[str]:
        """What a child confirmed until it ended, struck (None: killed) as soon as it had confirmed so much."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{scenario} {folder}\n")
        pid = int(self.process.stdout.readline().removeprefix("pid "))
        confirmed = [self.process.stdout.readline().strip() for _ in range(confirmations)]
        if strike:
            strike()
        else:
            os.kill(pid, signal.SIGKILL)
        while (line := self.process.stdout.readline().strip()) != "over":
            confirmed.append(line)
        return confirmed


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.process.communicate(timeout=30)


def moments(seed: int) -> list[int]:
    """After how many confirmations each life ends."""
    chance = random.Random(seed)
    return [chance.randrange(25) for _ in range(LIVES)]


def test_no_confirmed_frame_of_the_journal_is_lost(nursery: Nursery, tmp_path: Path) -> None:
    got: list[bytes] = []
    cursor = ""
    confirmed: dict[str, str] = {}
    for moment in moments(1):
        confirmed |= dict(line.split() for line in nursery.life("journal", tmp_path, moment))
        more, cursor = drained(SegmentJournal(tmp_path), "predictions", cursor, limit=7)
        got += more
    journal = SegmentJournal(tmp_path)
    assert {id: (journal.find("predictions", id) or b"").decode().strip() for id in confirmed} == confirmed
    payloads = [payload.decode().strip() for payload in got]
    assert set(confirmed.values()) <= set(payloads)
    assert len(payloads) == len(set(payloads))
    for _, life in groupby(payloads, key=lambda payload: payload.split("/")[0]):
        numbers = [int(payload.split("/")[1]) for payload in life]
        assert numbers == list(range(len(numbers)))
    assert journal.damage("predictions") == ()


def test_no_commit_of_the_ledger_is_lost_or_seen_by_half(nursery: Nursery, tmp_path: Path) -> None:
    for moment in moments(2):
        confirmed = nursery.life("ledger", tmp_path, moment)
        with closing(SqliteLedger(tmp_path / "ledger.db")) as ledger:
            policy = ledger.get(Policy, "s", "m")
            seq = policy.seq if policy else 0
            assert seq >= int(confirmed[-1] if confirmed else 0)
            assert [event.subject for event in ledger.events()] == [str(n) for n in range(1, seq + 1)]


def test_no_version_is_lost_or_seen_by_half(nursery: Nursery, tmp_path: Path) -> None:
    tables = ParquetTables(tmp_path)
    confirmed: list[str] = []
    for moment in moments(3):
        confirmed += nursery.life("tables", tmp_path, moment // 8)
        version = tables.newest("events")
        number = version.number if version else 0
        assert number >= int(confirmed[-1] if confirmed else 0)
        if version:
            assert version.cursor == str(version.rows) == str(number)
            assert tables.read(version.files)["n"].to_pylist() == list(range(number))
        if version and number > 1:
            assert version.parent == tables.version("events", number - 1).manifest


def test_a_removal_that_dies_leaves_every_version_whole_and_what_the_dead_staged_is_swept(
    nursery: Nursery, tmp_path: Path
) -> None:
    confirmed: list[str] = []
    for moment in moments(6):
        confirmed += nursery.life("pruned", tmp_path, moment // 3)
        tables = ParquetTables(tmp_path)
        numbers = tables.numbers("events")
        assert (numbers[-1] if numbers else 0) >= int(confirmed[-1] if confirmed else 0)
        for version in (tables.version("events", number) for number in numbers):
            assert tables.read(version.files)["n"].to_pylist() == list(range(version.number))
        tables.remove([])
        left = {place.stem for place in (tmp_path / "files").glob("*/*")}
        held = {file.digest for number in numbers for file in tables.version("events", number).files}
        assert left == held
        assert {place.name for place in (tmp_path / "staged").iterdir()} == {".lock"}


def test_no_living_process_loses_what_it_staged_while_another_sweeps(nursery: Nursery, tmp_path: Path) -> None:
    sweeper = Nursery()
    assert sweeper.process.stdin is not None
    assert sweeper.process.stdout is not None
    sweeper.process.stdin.write(f"swept {tmp_path}\n")
    pid = int(sweeper.process.stdout.readline().removeprefix("pid "))
    for moment in moments(7):
        nursery.life("tables", tmp_path, moment // 8)
    os.kill(pid, signal.SIGKILL)
    swept = [int(line) for line in sweeper.process.communicate(timeout=30)[0].splitlines() if line != "over"]
    assert len(swept) > LIVES
    tables = ParquetTables(tmp_path)
    newest = tables.newest("events")
    assert newest is not None
    assert tables.read(newest.files)["n"].to_pylist() == list(range(newest.rows))


def test_no_confirmed_blob_is_lost_and_none_is_half(nursery: Nursery, tmp_path: Path) -> None:
    confirmed = [digest for moment in moments(4) for digest in nursery.life("blobs", tmp_path, moment)]
    blobs = LocalBlobs(tmp_path)
    assert all(blobs.get(digest) for digest in confirmed)
    named = [place.name for place in (tmp_path / "sha256").rglob("*") if place.is_file() and place.name[0] != "."]
    assert all(blobs.path(digest) for digest in named)


def test_records_and_marks_of_the_online_store_stay_together(nursery: Nursery, tmp_path: Path) -> None:
    for moment in moments(5):
        confirmed = nursery.life("online", tmp_path, moment)
        store = LmdbOnline(tmp_path)
        mark = int(store.mark("n") or 0)
        record, pad = store.get("view", [b"n", b"pad"])
        assert mark >= int(confirmed[-1] if confirmed else 0)
        if mark:
            assert (record, pad) == (str(mark).encode(), bytes(mark % 5_000))
        store.close()


def together(url: str) -> int:
    """The number that records and marks of a Redis tell, all the same one."""
    store = RedisOnline(url, readonly=True)
    (record, pad), mark = store.read("view", [b"n", b"pad"])
    assert store.mark("n") == mark
    if mark:
        assert (record, pad) == (mark.encode(), bytes(int(mark) % 5_000))
    store.close()
    return int(mark or 0)


def test_records_and_marks_of_a_redis_stay_together_when_its_writer_dies(
    nursery: Nursery, tmp_path: Path, redis_server: redis.Server, redis_url: str
) -> None:
    (tmp_path / "url").write_text(redis_url)
    for moment in moments(8):
        confirmed = nursery.life("redis", tmp_path, moment)
        assert together(redis_url) >= int(confirmed[-1] if confirmed else 0)
        with redis_server.connect() as link:
            link.delete(f"{redis_url.partition('=')[2]}:writer")  # ten seconds later


def test_records_and_marks_of_a_redis_stay_together_when_it_dies_itself(nursery: Nursery, tmp_path: Path) -> None:
    kept = ("--appendonly", "yes", "--appendfsync", "always")
    with redis.placed(need("redis"), *kept) as server:
        (tmp_path / "url").write_text(server.url)
        server.start()
        for moment in moments(9)[:10]:
            confirmed = nursery.until("redis", tmp_path, moment, server.kill)
            server.start()
            assert together(server.url) >= int(confirmed[-1] if confirmed else 0)
            with server.connect() as link:
                link.delete("tidemill:writer")  # ten seconds later
