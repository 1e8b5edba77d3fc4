"""Where in a TOML text each key stands: the parser of the standard library does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

HEADER = re.compile(r"\s*\[\[?[^\[\]]+\]\]?\s*(#.*)?")
KEY = re.compile(r"\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\s*(?:\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\s*)*=")
Path = tuple[str, ...]


def lines_of(text: str) -> Mapping[Path, int]:
    """The line, from 1 on, of every table and key by its path; a table of an array has its number: `("check", "1")`."""
    found: dict[Path, int] = {}
    table: Path = ()
    counted: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if HEADER.fullmatch(line):
            table = path_of(line)
            if line.lstrip().startswith("[["):
                counted[table] = counted.get(table, -1) + 1
                table = (*table, str(counted[table]))
            found.setdefault(table, number)
        elif match := KEY.match(line):
            found.setdefault((*table, *path_of(f"{match[0]} 0")), number)
    return found


def path_of(line: str) -> Path:
    """The names in a header or before an equals sign, quotes read; none of what is no TOML."""
    try:
        return tuple(steps(tomllib.loads(line)))
    except tomllib.TOMLDecodeError:
        return ()


def steps(document: Mapping[str, Any]) -> Iterator[str]:
    """The only name at each depth."""
    for name, inner in document.items():
        yield name
        inside = inner[0] if isinstance(inner, list) and inner else inner
        if isinstance(inside, dict):
            yield from steps(inside)


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of the path or of the nearest table or key around it; None where there is none."""
    return next((lines[path[:depth]] for depth in range(len(path), 0, -1) if path[:depth] in lines), None)
