"""Files written whole: a reader sees all of a file or none of it, and a full disk is said as such."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import quote

from tidemill.errors import StoreError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
ROOM = 1 << 20


@contextmanager
def locked(file: Path, how: int) -> Iterator[None]:
    """While this process holds flock(2) on the file, beside others or alone (`how`); it is made if it is not there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """An OSError inside becomes StoreError `disk-full`, `not-writable` or `io-failed`, with the path."""
    try:
        yield
    except OSError as error:
        raise refusal(error, path) from error


def refusal(error: OSError, path: Path) -> StoreError:
    """The StoreError that says what the operating system refused."""
    reason = error.strerror or str(error)
    if error.errno in FULL:
        return StoreError("disk-full", path=str(path), reason=reason)
    if error.errno in DENIED:
        return StoreError("not-writable", path=str(path), reason=reason)
    return StoreError("io-failed", path=str(path), reason=reason)


def asked(folder: Path, size: int) -> OSError | None:
    """What the operating system answers to a file a megabyte larger than that; None when it takes it.

    For engines that tell only that it refused, not why. The file is sparse, has no name, and is gone at once.
    """
    try:
        with TemporaryFile(dir=folder, buffering=0) as file:
            file.seek(size)
            room = memoryview(bytes(ROOM))
            while room:
                room = room[file.write(room) :]
            os.fsync(file.fileno())
    except OSError as error:
        return error
    return None


def write_whole(path: Path, data: bytes) -> None:
    """The file with these bytes, on the disk when this returns; a file of that name is replaced.

    A crash leaves either the old state or the new one, and at worst a `.part` file that nothing reads.
    """
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with _part(path, data) as part:
            part.replace(path)
        sync_folder(path.parent)


def write_new(path: Path, data: bytes) -> bool:
    """As write_whole, but never in place of another file: False when the name was taken first."""
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with _part(path, data) as part:
            try:
                path.hardlink_to(part)
            except FileExistsError:
                return False
        sync_folder(path.parent)
        return True


def sync_folder(folder: Path) -> None:
    """Forces the names in the folder to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def folder_name(name: str) -> str:
    """Any name as the name of one folder; urllib's `unquote` gives it back."""
    return quote(name, safe="").replace(".", "%2E")


@contextmanager
def _part(path: Path, data: bytes) -> Iterator[Path]:
    """The bytes on the disk under a name of their own beside `path`; the name is gone afterwards."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb", buffering=0) as file:
            view = memoryview(data)
            while view:
                view = view[file.write(view) :]
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o444)
        yield part
    finally:
        part.unlink(missing_ok=True)
