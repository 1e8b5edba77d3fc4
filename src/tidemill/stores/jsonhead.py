"""Which columns a file of JSON lines has, and what JSON says that their values are: a look at every line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from tidemill.errors import SourceError
from tidemill.stores.textfile import demand_utf8, unpacked

KINDS = {int: "int", float: "float", bool: "boolean", str: "text"}
"""Classes that are a value; lists and objects are text, as JSON writes them."""

Head = Mapping[str, frozenset[str]]
"""Names in order of appearance, and the kinds of their values other than null: int, float, boolean, text, nested."""


def head(file: Path) -> Head:
    """The columns of the file. SourceError `file-unreadable` for a line that is no object, `file-empty` for none.

    SourceError `file-damaged`, `not-utf8` too.
    """
    state = file.stat()
    return _head(file, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=64)
def _head(file: Path, _size: int, _changed_ns: int) -> Head:
    """As `head`, once while the file is as it was."""
    found: dict[str, set[str]] = {}
    for number, row in _rows(file):
        for name, value in row.items():
            kinds = found.setdefault(name, set())
            if value is not None:
                kinds.add(KINDS.get(type(value), "nested"))
        if "" in found:
            raise SourceError("file-unreadable", path=str(file), reason=f"line {number} has a value without a name")
    if not found:
        raise SourceError("file-empty", path=str(file))
    return {name: frozenset(kinds) for name, kinds in found.items()}


def _rows(file: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Each line's number and object; lines of nothing but blanks are none."""
    decoder = msgspec.json.Decoder(dict[str, object])
    number = 0
    try:
        with unpacked(file) as lines:
            for number, line in enumerate(lines, 1):
                if not line.isspace():
                    yield number, decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        demand_utf8(file)
        raise SourceError("file-unreadable", path=str(file), reason=f"line {number} is no object: {error}") from error
