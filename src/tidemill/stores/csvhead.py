"""The first line of a CSV file: how it is written tells how the rest must be read; nothing is guessed from samples."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from tidemill.errors import SourceError

SEPARATORS = ",;\t|"
HEAD_BYTES = 1 << 20
"""No line of names is longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Names of the columns, what stands between values, and what ends a line."""

    names: tuple[str, ...]
    separator: str
    line_end: str


def head(file: Path) -> Head:
    """What the file's first line tells.

    SourceError `file-empty`, `not-utf8`; `file-unreadable` for a name that is empty or stands there twice.
    """
    text = _beginning(file)
    end = min((end for end in ("\r\n", "\n", "\r") if end in text), key=text.index, default="\n")
    unquoted = "".join(text.partition(end)[0].split('"')[::2])
    separator = max(SEPARATORS, key=unquoted.count)
    names = tuple(next(csv.reader(StringIO(text, newline=""), delimiter=separator), []))
    wrong = [name for name, count in Counter(names).items() if count > 1 or not name.strip()]
    if wrong or not names:
        reason = f"its first line must name each column once, and has {', '.join(map(repr, wrong)) or 'no names'}"
        raise SourceError("file-unreadable", path=str(file), reason=reason)
    return Head(names=names, separator=separator, line_end=end)


def misshapen(file: Path) -> str:
    """Of a CSV file which line has other than as many values as there are names; "" if there is none, or none is told.

    It is asked when the engine has given up: also of files that are no CSV.
    """
    try:
        first = head(file)
        opened = gzip.open if file.suffix.lower() == ".gz" else Path.open
        with opened(file, "rt", encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, delimiter=first.separator)
            for row in reader:
                if row and len(row) != len(first.names):
                    return f"line {reader.line_num} has {len(row)} values, but {len(first.names)} columns are named"
    except (SourceError, OSError, EOFError, UnicodeDecodeError, csv.Error):
        return ""
    return ""


def _beginning(file: Path) -> str:
    opened = gzip.open if file.suffix.lower() == ".gz" else Path.open
    try:
        with opened(file, "rb") as raw:
            data = raw.read(HEAD_BYTES)
    except (OSError, EOFError) as error:
        raise SourceError("file-unreadable", path=str(file), reason=str(error)) from error
    if not data.strip():
        raise SourceError("file-empty", path=str(file))
    try:
        return data[: data.rfind(b"\n") + 1 or None].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError("not-utf8", path=str(file), place=error.start, looks=_looks(data)) from error


def _looks(data: bytes) -> str:
    """The encoding that the bytes are probably in; "" where nothing tells."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    try:
        text = data[: data.rfind(b"\n") + 1 or None].decode("cp949")
    except UnicodeDecodeError:
        return ""
    hangul = sum("\uac00" <= letter <= "\ud7a3" for letter in text)
    return "CP949" if hangul and hangul >= sum(letter > "\x7f" for letter in text) / 2 else ""
