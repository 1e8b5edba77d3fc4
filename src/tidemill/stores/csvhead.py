"""The first line of a CSV file: how it is written tells how the rest must be read; nothing is guessed from samples."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO, TextIOWrapper
from pathlib import Path

from tidemill.errors import SourceError
from tidemill.stores.textfile import beginning, line_ends, unpacked

SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Names of the columns, what stands between values, what ends the first line, and whether others end otherwise."""

    names: tuple[str, ...]
    separator: str
    line_end: str
    mixed: bool


def head(file: Path) -> Head:
    """What the file's first line tells, and how the others end; blanks around a name are none of it.

    SourceError `file-empty`, `file-damaged`, `not-utf8`; `file-unreadable` for a name that is empty or stands there
    twice, and for a line with a value too many or too few if the lines do not all end alike.
    """
    text = beginning(file)
    end = min((end for end in ("\r\n", "\n", "\r") if end in text), key=text.index, default="\n")
    unquoted = "".join(text.partition(end)[0].split('"')[::2])
    separator = max(SEPARATORS, key=unquoted.count)
    names = tuple(name.strip() for name in next(csv.reader(StringIO(text, newline=""), delimiter=separator), []))
    wrong = [name for name, count in Counter(names).items() if count > 1 or not name]
    if wrong or not names:
        reason = f"its first line must name each column once, and has {', '.join(map(repr, wrong)) or 'no names'}"
        raise SourceError("file-unreadable", path=str(file), reason=reason)
    first = Head(names=names, separator=separator, line_end=end, mixed=bool(line_ends(file) - {end}))
    state = file.stat()
    if first.mixed and (found := _misshapen(file, first, state.st_size, state.st_mtime_ns)):
        raise SourceError("file-unreadable", path=str(file), reason=found)
    return first


def misshapen(file: Path) -> str:
    """Of a CSV file which line has other than as many values as there are names; "" if there is none, or none is told.

    It is asked when the engine has given up: also of files that are no CSV.
    """
    try:
        state = file.stat()
        return _misshapen(file, head(file), state.st_size, state.st_mtime_ns)
    except (SourceError, OSError):
        return ""


@lru_cache(maxsize=1_000)
def _misshapen(file: Path, first: Head, _size: int, _changed_ns: int) -> str:
    """The same, once while the file is as it was, or what else is wrong with its quotes. SourceError as `unpacked`."""
    with unpacked(file) as raw, TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, delimiter=first.separator, strict=True)
        try:
            for row in reader:
                if row and len(row) != len(first.names):
                    return f"line {reader.line_num} has {len(row)} values, but {len(first.names)} columns are named"
        except csv.Error as error:
            return f"line {reader.line_num}: {error}"
        except UnicodeDecodeError:
            return ""
    return ""
