"""Segment files: who is final, what is damaged, what a full disk leaves, and how fast it is."""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter_ns

import pytest

from tidemill.errors import StoreError
from tidemill.stores import frame
from tidemill.stores.journal.segments import Damage, SegmentJournal
from tidemill.testing.journal import drained


@pytest.fixture
def journal(tmp_path: Path) -> SegmentJournal:
    return SegmentJournal(tmp_path)


def test_an_id_is_the_address_of_its_frame(journal: SegmentJournal, tmp_path: Path) -> None:
    writer = journal.writer("predictions", "w1")
    ids = [writer.append(payload) for payload in (b"a", b"bc")]
    assert ids == ["w1.1-8", "w1.1-25"]
    assert (tmp_path / "predictions" / "w1" / "00000001.seg").read_bytes()[25 + 16 :] == b"bc"


def test_a_full_segment_is_followed_by_the_next(tmp_path: Path) -> None:
    journal = SegmentJournal(tmp_path, segment_bytes=40)
    writer = journal.writer("s", "w1")
    assert [writer.append(b"12345678") for _ in range(3)] == ["w1.1-8", "w1.1-32", "w1.2-8"]
    assert writer.next_id() == "w1.2-32"


def test_a_second_writer_of_the_same_name_gets_a_segment_of_its_own(journal: SegmentJournal) -> None:
    old, new = journal.writer("s", "w1"), journal.writer("s", "w1")
    assert (old.append(b"a"), new.append(b"b"), old.append(b"c")) == ("w1.1-8", "w1.2-8", "w1.1-25")
    first, cursor = journal.read("s")
    assert [found.payload for found in first] == [b"a", b"c"]
    old.close()
    assert drained(journal, "s", cursor)[0] == [b"b"]


def test_a_worker_with_a_path_in_its_name_is_refused(journal: SegmentJournal) -> None:
    with pytest.raises(ValueError, match="letters"):
        journal.writer("s", "../w1")


def test_a_damaged_frame_is_told_and_the_rest_is_read(
    journal: SegmentJournal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    writer = journal.writer("s", "w1")
    places = [int(writer.append(payload).rpartition("-")[2]) for payload in (b"first", b"second", b"third")]
    path = tmp_path / "s" / "w1" / "00000001.seg"
    with path.open("r+b") as file:
        file.seek(places[1] + frame.HEAD.size)
        file.write(b"S")
    with caplog.at_level(logging.WARNING):
        assert drained(journal, "s")[0] == [b"first", b"third"]
    drained(journal, "s")
    assert journal.damage("s") == (Damage(path=path, place=places[1], bytes=places[2] - places[1]),)
    assert [str(path) in record.message for record in caplog.records] == [True]
    assert journal.find("s", f"w1.1-{places[1]}") is None
    assert journal.find("s", f"w1.1-{places[2]}") == b"third"


def test_an_unfinished_frame_of_a_living_writer_is_waited_for(journal: SegmentJournal, tmp_path: Path) -> None:
    writer = journal.writer("s", "w1")
    writer.append(b"first")
    path = tmp_path / "s" / "w1" / "00000001.seg"
    second = frame.frame(path.stat().st_size, b"second")
    with path.open("ab", buffering=0) as file:
        file.write(second[:10])
        payloads, cursor = drained(journal, "s")
        assert payloads == [b"first"]
        file.write(second[10:])
    assert drained(journal, "s", cursor)[0] == [b"second"]
    assert journal.damage("s") == ()


def test_a_torn_tail_of_a_dead_writer_is_cut_and_told(journal: SegmentJournal, tmp_path: Path) -> None:
    writer = journal.writer("s", "w1")
    writer.append(b"first")
    writer.close()
    path = tmp_path / "s" / "w1" / "00000001.seg"
    with path.open("ab") as file:
        file.write(b"torn")
    assert drained(journal, "s")[0] == [b"first"]
    assert [damage.bytes for damage in journal.damage("s")] == [4]
    assert journal.writer("s", "w1").append(b"next") == "w1.2-8"


def test_a_segment_of_a_newer_house_is_refused(journal: SegmentJournal, tmp_path: Path) -> None:
    journal.writer("s", "w1").close()
    journal.writer("s", "w1").append(b"x")
    path = tmp_path / "s" / "w1" / "00000001.seg"
    path.write_bytes(frame.MAGIC[:-1] + b"\x02" + path.read_bytes()[8:])
    with pytest.raises(StoreError) as caught:
        journal.read("s")
    assert caught.value.code == "store.segment-newer"


def test_reading_goes_on_where_old_segments_were_taken_away(tmp_path: Path) -> None:
    journal = SegmentJournal(tmp_path, segment_bytes=1)
    writer = journal.writer("s", "w1")
    for n in range(5):
        writer.append(str(n).encode())
    _, cursor = journal.read("s", limit=2)
    for number in (2, 3):
        (tmp_path / "s" / "w1" / f"{number:08d}.seg").unlink()
    assert drained(journal, "s", cursor)[0] == [b"3", b"4"]


def test_half_a_frame_on_a_full_disk_is_taken_back(journal: SegmentJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = journal.writer("s", "w1")
    writer.append(b"before")
    write, left = os.write, [5]

    def small(handle: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = write(handle, data[: left[0]])
        left[0] -= written
        return written

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", small)
        foretold = writer.next_id()
        with pytest.raises(StoreError) as caught:
            writer.append(b"refused")
    assert caught.value.code == "store.disk-full"
    assert writer.append(b"after") == foretold
    assert drained(journal, "s")[0] == [b"before", b"after"]
    assert journal.damage("s") == ()


def test_where_half_a_frame_cannot_be_taken_back_the_segment_ends(
    journal: SegmentJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = journal.writer("s", "w1")
    writer.append(b"before")
    write = os.write

    def broken(handle: int, data: bytes) -> int:
        write(handle, data[:3])
        raise OSError(errno.EIO, "Input/output error")

    def refused(handle: int, length: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", broken)
        patched.setattr(os, "ftruncate", refused)
        with pytest.raises(StoreError) as caught:
            writer.append(b"refused")
    assert caught.value.code == "store.io-failed"
    assert writer.append(b"after") == "w1.2-8"
    assert drained(journal, "s")[0] == [b"before", b"after"]


def test_sync_reaches_retired_segments_and_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    writer = SegmentJournal(tmp_path, segment_bytes=1).writer("s", "w1")
    writer.append(b"a")
    writer.append(b"b")
    writer.next_id()
    writer.sync()
    assert len(synced) == 3
    writer.close()
    assert len(synced) == 4


def test_an_append_takes_microseconds(journal: SegmentJournal) -> None:
    writer = journal.writer("s", "w1")
    took = []
    for _ in range(3000):
        begun = perf_counter_ns()
        writer.append(b"x" * 500)
        took.append(perf_counter_ns() - begun)
    assert sorted(took)[len(took) // 2] < 50_000, "the bar is 10 us on a quiet machine"


def test_a_worker_loads_no_heavy_library_for_its_stores() -> None:
    code = (
        "import sys\n"
        "import tidemill.stores.journal.segments, tidemill.stores.online.lmdb\n"
        "import tidemill.stores.ledger.sqlite, tidemill.stores.blobs.local\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pyarrow", "numpy", "pandas", "duckdb", "sqlalchemy", "sqlglot"} & set(loaded)
