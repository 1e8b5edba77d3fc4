"""How far a PostgreSQL source was read, as the JSON that a dataset version keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from tidemill.stores.pglooks import Look

TIES = 10_000
"""Rows with one and the same cursor value that are told apart; of more only the count is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """`last`: the cursor column's value up to which rows were read, as text; None: nothing was.

    `seen`: digests of the rows that carry it, over the columns of `shape` (name -> type), or only their number.
    `skip`: rows beyond that were read too, in order; 0 at the end of a pass. `looks`: not yet settled ones.
    `content`: digest of a table read whole.
    """

    last: str | None = None
    seen: tuple[int, ...] | int = ()
    shape: Mapping[str, str] = field(default_factory=dict)
    skip: int = 0
    looks: tuple[Look, ...] = ()
    content: str = ""


def read(cursor: str) -> Mark:
    """The mark of a cursor; of "" the beginning."""
    found = json.loads(cursor) if cursor else {}
    seen = found.get("seen", [])
    return Mark(
        last=found.get("last"),
        seen=seen if isinstance(seen, int) else tuple(seen),
        shape=found.get("shape", {}),
        skip=found.get("skip", 0),
        looks=tuple(
            Look(value=value, xmax=xmax, open=frozenset(open_)) for value, xmax, open_ in found.get("looks", [])
        ),
        content=found.get("content", ""),
    )


def write(mark: Mark) -> str:
    """The cursor of a mark."""
    document = {
        "last": mark.last,
        "seen": mark.seen,
        "shape": dict(mark.shape),
        "skip": mark.skip,
        "looks": [(one.value, one.xmax, sorted(one.open)) for one in mark.looks],
        "content": mark.content,
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"))
