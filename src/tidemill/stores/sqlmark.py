"""How far a database was read, as the JSON that a dataset version keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any

TIES = 10_000
"""Rows with one and the same cursor value that are remembered; beyond, rows added with that value are not seen."""

READ: Mapping[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "decimal": Decimal,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """`last`: the cursor column's value in the last row. `seen`: digests of the rows that carry it; None: too many.

    The digests are over the columns of `shape` (name -> type). `content`: digest of a table read whole. `types`: words
    of the columns whose type was found by looking.
    """

    last: Any = None
    seen: frozenset[str] | None = frozenset()
    shape: Mapping[str, str] = field(default_factory=dict)
    content: str = ""
    types: Mapping[str, str] = field(default_factory=dict)


def read(cursor: str) -> Mark:
    """The mark of a cursor; of "" the beginning."""
    found = json.loads(cursor) if cursor else {}
    last, seen = found.get("last"), found.get("seen", [])
    if isinstance(last, dict):
        ((kind, value),) = last.items()
        last = READ[kind](value)
    return Mark(
        last=last,
        seen=None if seen is None else frozenset(seen),
        shape=found.get("shape", {}),
        content=found.get("content", ""),
        types=found.get("types", {}),
    )


def write(mark: Mark) -> str:
    """The cursor of a mark."""
    last = mark.last if isinstance(mark.last, int | float | str | None) else {_kind(mark.last): str(mark.last)}
    seen = None if mark.seen is None else sorted(mark.seen)
    document = {
        "last": last, "seen": seen, "shape": dict(mark.shape), "content": mark.content, "types": dict(mark.types),
    }  # fmt: skip
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def ties(rows: Sequence[Sequence[Any]], place: int, places: Sequence[int]) -> frozenset[str] | None:
    """Digests of the rows whose value at `place` is that of the last row; None when they are too many to keep."""
    last = rows[-1][place]
    equal = [row for row in rows if row[place] == last]
    return frozenset(digest(row, places) for row in equal) if len(equal) <= TIES else None


def digest(row: Sequence[Any], places: Sequence[int] | None = None) -> str:
    """A short digest of a row's values, of all or of those at these places."""
    values = row if places is None else [row[place] for place in places]
    return blake2b(repr(tuple(values)).encode(), digest_size=8).hexdigest()


def _kind(value: object) -> str:
    return next(
        name for name, kind in (("datetime", datetime), ("date", date), ("decimal", Decimal)) if isinstance(value, kind)
    )
