"""The bytes of a text file, unpacked, read to the end: damage, another encoding, and how its lines end."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

from tidemill.errors import SourceError

CHUNK = 1 << 20
HEAD_BYTES = CHUNK
"""No line of names is longer."""


@contextmanager
def unpacked(file: Path) -> Iterator[BinaryIO]:
    """The file's bytes, those of a `.gz` unpacked. SourceError `file-damaged` where that fails."""
    try:
        with file.open("rb") as packed:
            yield cast("BinaryIO", gzip.GzipFile(fileobj=packed)) if file.suffix.lower() == ".gz" else packed
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceError("file-damaged", path=str(file), reason=str(error)) from error
    except OSError as error:
        raise SourceError("file-unreadable", path=str(file), reason=str(error)) from error


def beginning(file: Path) -> str:
    """The text of its first whole lines. SourceError `file-empty`, `not-utf8`, and as `unpacked`."""
    with unpacked(file) as raw:
        data = raw.read(HEAD_BYTES)
    if not data.strip():
        raise SourceError("file-empty", path=str(file))
    try:
        return data[: data.rfind(b"\n") + 1 or None].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError("not-utf8", path=str(file), place=error.start, line=line, looks=looks(data)) from error


def line_ends(file: Path) -> frozenset[str]:
    r"""Which of `\n`, `\r\n` and `\r` the file has, those within quotes too. SourceError as `unpacked`.

    The checksum of a compressed file stands at its end, so it is read that far: once while the file is as it was.
    """
    state = file.stat()
    return _line_ends(file, state.st_ino, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=10_000)
def _line_ends(file: Path, _inode: int, _size: int, _changed_ns: int) -> frozenset[str]:
    found = set()
    for chunk in _chunks(file):
        both = chunk.count(b"\r\n") if b"\r" in chunk else 0
        alone = {"\n": b"\n" in chunk if not both else chunk.count(b"\n") > both, "\r\n": both > 0}
        alone["\r"] = b"\r" in chunk and chunk.count(b"\r") > both
        found |= {end for end, there in alone.items() if there}
    return frozenset(found)


def demand_utf8(file: Path) -> None:
    """SourceError `not-utf8` with the first byte that tells, and its line; else as `unpacked`."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    place, line, plain = 0, 1, True
    for chunk in chain(_chunks(file), [b""]):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            at = max(error.start - held, 0)
            line += chunk.count(b"\n", 0, at)
            odd = chunk[chunk.rfind(b"\n", 0, at) + 1 :]
            likely = (
                looks(odd) if plain and chunk[:at].isascii() else ""
            )  # after other letters in UTF-8 it is a mixture
            raise SourceError(
                "not-utf8", path=str(file), place=place - held + error.start, line=line, looks=likely
            ) from error
        place, line, plain = place + len(chunk), line + chunk.count(b"\n"), plain and chunk.isascii()


def looks(data: bytes) -> str:
    """The encoding that the bytes are probably in; "" where nothing tells."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    try:
        text = data[: data.rfind(b"\n") + 1 or None].decode("cp949")
    except UnicodeDecodeError:
        return ""
    hangul = sum("\uac00" <= letter <= "\ud7a3" for letter in text)
    return "CP949" if hangul and hangul >= sum(letter > "\x7f" for letter in text) / 2 else ""


def _chunks(file: Path) -> Iterator[bytes]:
    r"""All bytes; a `\r\n` is never parted."""
    with unpacked(file) as raw:
        while chunk := raw.read(CHUNK):
            yield chunk + raw.read(1) if chunk.endswith(b"\r") else chunk
