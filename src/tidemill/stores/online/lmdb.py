"""Online records in one LMDB file: many reading processes, one that writes, a map whose size never changes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

import lmdb

from tidemill.errors import BusyError, StoreError
from tidemill.ports.online import Extent
from tidemill.stores.disk import told

MAP_BYTES = 64 << 30
"""Address space, not disk: the file grows with what is in it. Resizing while others read is what breaks LMDB."""

READERS = 1024
LONGEST_KEY = 400
"""LMDB takes keys up to 511 bytes, of which a space's name takes 17; longer keys are kept by their digest."""

MARKS = b"\xff" * 16
"""Where marks are kept; spaces have the digests of their names."""

SHORT = b"k"
"""What stands between a home and a key that is kept as it is."""

BROKEN = (
    lmdb.CorruptedError,
    lmdb.InvalidError,
    lmdb.PageNotFoundError,
    lmdb.PanicError,
    lmdb.VersionMismatchError,
    lmdb.BadTxnError,
)


class LmdbOnline:
    """`<folder>/data.mdb` on a local disk. A process that reads may come before the one that writes.

    `readonly`: `write` and `drop` are refused. The first write takes the right to write until `close`: BusyError
    `online-written-elsewhere` while another process has it. StoreError `online-full`, `online-corrupt`, `disk-full`.
    """

    def __init__(self, folder: Path, *, map_bytes: int = MAP_BYTES, readonly: bool = False) -> None:
        self.folder = folder
        self.readonly = readonly
        with self._told(), told(folder):
            self._file = _File.of(folder, map_bytes)

    def get(self, space: str, keys: Sequence[bytes]) -> list[bytes | None]:
        return self.read(space, keys)[0]

    def read(self, space: str, keys: Sequence[bytes]) -> tuple[list[bytes | None], str]:
        home, short, own = _places(space)
        try:
            with self._file.env.begin() as txn:
                get = txn.get
                found = [get(short + key if len(key) <= LONGEST_KEY else _key(home, key)) for key in keys]
                return found, bytes(get(own) or b"").decode()
        except lmdb.Error as error:
            raise self._refusal(error) from error

    def write(
        self,
        changes: Mapping[str, Iterable[tuple[bytes, bytes | None]]],
        marks: Mapping[str, str] | None = None,
        after: Mapping[str, str] | None = None,
    ) -> None:
        with self._writing() as txn:
            for name, text in (after or {}).items():
                if bytes(txn.get(_key(MARKS, name.encode())) or b"") != text.encode():
                    raise BusyError("online-moved", space=name)
            for space, records in changes.items():
                home = _home(space)
                for key, record in records:
                    if record is None:
                        txn.delete(_key(home, key))
                    else:
                        txn.put(_key(home, key), record)
            for name, text in (marks or {}).items():
                txn.put(_key(MARKS, name.encode()), text.encode())

    def mark(self, name: str) -> str:
        return self.read(name, ())[1]

    def marked(self) -> tuple[str, ...]:
        with self._told(), self._file.env.begin() as txn, txn.cursor() as cursor:
            named = MARKS + SHORT
            found = [key[len(named) :].decode() for key, text in _begins(cursor, named) if text]
        return tuple(sorted(found))

    def extent(self, space: str) -> Extent:
        with self._told(), self._file.env.begin(buffers=True) as txn, txn.cursor() as cursor:
            sizes = [len(record) for _, record in _begins(cursor, _home(space))]
        return Extent(records=len(sizes), bytes=sum(sizes))

    def drop(self, space: str) -> None:
        home = _home(space)
        with self._writing() as txn, txn.cursor() as cursor:
            if cursor.set_range(home):
                while bytes(cursor.key()).startswith(home) and cursor.delete():
                    pass
            txn.delete(_key(MARKS, space.encode()))

    def close(self) -> None:
        self._file.leave()

    @contextmanager
    def _writing(self) -> Iterator[lmdb.Transaction]:
        """One transaction, on the disk at its end; nothing of it is seen before, or ever if it fails."""
        if self.readonly:
            raise StoreError("not-writable", path=str(self.folder), reason="opened to be read")
        with self._told(), told(self.folder):
            self._file.be_the_writer()
            self._file.env.reader_check()
            with self._file.env.begin(write=True) as txn:
                yield txn

    @contextmanager
    def _told(self) -> Iterator[None]:
        """LMDB's errors in the house's words."""
        try:
            yield
        except lmdb.Error as error:
            raise self._refusal(error) from error

    def _refusal(self, error: lmdb.Error) -> StoreError:
        """What an error of LMDB is called here."""
        path = str(self.folder)
        if isinstance(error, lmdb.MapFullError):
            return StoreError("online-full", path=path, map_bytes=self._file.map_bytes)
        if isinstance(error, lmdb.DiskError):
            return StoreError("disk-full", path=path, reason=str(error))
        return StoreError("online-corrupt" if isinstance(error, BROKEN) else "io-failed", path=path, reason=str(error))


class _File:
    """The one handle that a process may have on an LMDB file, shared by all who open it there."""

    open_files: ClassVar[dict[Path, _File]] = {}
    door: ClassVar[Lock] = Lock()

    def __init__(self, folder: Path, map_bytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.map_bytes = map_bytes
        self.env = lmdb.open(str(folder), map_size=map_bytes, max_readers=READERS)
        self._reserve(folder / "lock.mdb")
        self.users = 0
        self._right: int | None = None

    @classmethod
    def of(cls, folder: Path, map_bytes: int) -> _File:
        with cls.door:
            place = folder.resolve()
            file = cls.open_files.get(place) or cls(place, map_bytes)
            cls.open_files[place] = file
            file.users += 1
            return file

    def _reserve(self, readers: Path) -> None:
        """Gives the table of readers its disk now: it is memory to LMDB, which a full disk must not take away."""
        try:
            with readers.open("r+b", buffering=0) as file:
                os.posix_fallocate(file.fileno(), 0, os.fstat(file.fileno()).st_size)
        except OSError:
            self.env.close()
            raise

    def leave(self) -> None:
        """The last one out closes."""
        with self.door:
            self.users -= 1
            if self.users == 0:
                del self.open_files[self.folder]
                self.env.close()
                if self._right is not None:
                    os.close(self._right)

    def be_the_writer(self) -> None:
        """Takes the right to write, for this process and as long as the file is open."""
        with self.door:
            if self._right is None:
                right = os.open(self.folder / "writer.lock", os.O_RDWR | os.O_CREAT, 0o644)
                try:
                    fcntl.flock(right, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    os.close(right)
                    raise BusyError("online-written-elsewhere", path=str(self.folder)) from error
                self._right = right


def _begins(cursor: lmdb.Cursor, beginning: bytes) -> Iterator[tuple[Any, Any]]:
    """Keys that begin so, and what stands under each."""
    if cursor.set_range(beginning):
        for key, found in cursor:
            if key[: len(beginning)] != beginning:
                break
            yield key, found


@lru_cache(maxsize=4096)
def _home(space: str) -> bytes:
    """The 16 bytes that all keys of a space begin with."""
    return blake2b(space.encode(), digest_size=16).digest()


@lru_cache(maxsize=4096)
def _places(space: str) -> tuple[bytes, bytes, bytes]:
    """The home of a space, what its keys that are kept as they are begin with, and the key of its mark."""
    home = _home(space)
    return home, home + SHORT, _key(MARKS, space.encode())


def _key(home: bytes, key: bytes) -> bytes:
    if len(key) <= LONGEST_KEY:
        return home + SHORT + key
    return home + b"d" + blake2b(key).digest()
