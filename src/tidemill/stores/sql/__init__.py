"""Named queries and numbered migrations, kept as .sql files per dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from sqlite3 import complete_statement
from types import MappingProxyType

NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
NUMBERED = re.compile(r"(\d{4})_(\w+)\.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step of the schema, forward only: its number, what it does, and its statements."""

    number: int
    name: str
    statements: tuple[str, ...]


@cache
def queries(dialect: str, subject: str) -> Mapping[str, str]:
    """The statements of `<dialect>/<subject>.sql` by the name in the line `-- name: ...` above each."""
    text = (files(__name__) / dialect / f"{subject}.sql").read_text(encoding="utf-8")
    parts = NAME.split(text)[1:]
    return MappingProxyType({name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)})


@cache
def migrations(dialect: str) -> tuple[Migration, ...]:
    """The migrations `<dialect>/0001_<name>.sql` and on, in order."""
    found = [(NUMBERED.fullmatch(file.name), file) for file in (files(__name__) / dialect).iterdir()]
    steps = [
        Migration(number=int(match[1]), name=match[2], statements=tuple(_statements(file.read_text(encoding="utf-8"))))
        for match, file in found
        if match
    ]
    return tuple(sorted(steps, key=lambda step: step.number))


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; a trigger with its inner semicolons is one."""
    statement = ""
    for line in script.splitlines():
        if line.strip() and not line.startswith("--"):
            statement = f"{statement}\n{line}" if statement else line
            if complete_statement(statement):
                yield statement
                statement = ""
