"""The LMDB file: one writing process, readers of other processes, a full map, damage."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tidemill.errors import BusyError, StoreError
from tidemill.stores.online.lmdb import LmdbOnline

OTHER = """
import sys
from pathlib import Path
from tidemill.errors import BusyError
from tidemill.stores.online.lmdb import LmdbOnline

store = LmdbOnline(Path(sys.argv[1]))
for line in sys.stdin:
    try:
        if line == "write\\n":
            store.write({"view": [(b"other", b"1")]})
        print(store.get("view", [b"mine", b"other"]), flush=True)
    except BusyError as error:
        print(error.code, flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "online"


@pytest.fixture
def other(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process with the store open."""
    command = [sys.executable, "-c", OTHER, str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield process
    process.communicate(timeout=30)


def ask(process: subprocess.Popen[str], line: str) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def test_another_process_reads_what_this_one_writes_later(folder: Path, other: subprocess.Popen[str]) -> None:
    assert ask(other, "read") == "[None, None]"
    store = LmdbOnline(folder)
    store.write({"view": [(b"mine", b"1")]})
    assert ask(other, "read") == "[b'1', None]"
    store.close()


def test_one_process_writes_until_it_closes(folder: Path, other: subprocess.Popen[str]) -> None:
    store = LmdbOnline(folder)
    store.write({"view": [(b"mine", b"1")]})
    assert ask(other, "write") == "busy.online-written-elsewhere"
    store.close()
    assert ask(other, "write") == "[b'1', b'1']"
    store = LmdbOnline(folder)
    with pytest.raises(BusyError):
        store.write({})
    assert store.get("view", [b"other"]) == [b"1"]
    store.close()


def test_a_reader_does_not_write(folder: Path) -> None:
    store = LmdbOnline(folder, readonly=True)
    with pytest.raises(StoreError) as caught:
        store.write({"view": []})
    assert caught.value.code == "store.not-writable"
    with pytest.raises(StoreError):
        store.drop("view")
    store.close()


def test_a_full_map_is_said_and_changes_nothing(folder: Path) -> None:
    store = LmdbOnline(folder, map_bytes=1 << 20)
    store.write({"view": [(b"a", b"1")]}, {"to": "v1"})
    with pytest.raises(StoreError) as caught:
        store.write({"view": [(b"a", b"2"), *((b"%d" % n, bytes(1000)) for n in range(2000))]}, {"to": "v2"})
    assert (caught.value.code, caught.value.fields["map_bytes"]) == ("store.online-full", 1 << 20)
    assert (store.get("view", [b"a"]), store.mark("to")) == ([b"1"], "v1")
    store.write({"view": [(b"a", b"3")]})
    assert store.get("view", [b"a"]) == [b"3"]
    store.close()


def test_a_file_that_is_no_store_is_corrupt(folder: Path) -> None:
    folder.mkdir()
    (folder / "data.mdb").write_bytes(b"\xa5" * 16_384)
    with pytest.raises(StoreError) as caught:
        LmdbOnline(folder)
    assert caught.value.code == "store.online-corrupt"


def test_the_map_takes_no_disk(folder: Path) -> None:
    store = LmdbOnline(folder)
    store.write({"view": [(b"a", b"1")]})
    assert (folder / "data.mdb").stat().st_blocks * 512 < 1 << 20
    store.close()
