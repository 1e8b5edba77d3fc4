"""Which ranges of a table's keys hold other rows than they did, and the note of it that a cursor keeps."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence

from tidemill.features.plan import key_text, quoted
from tidemill.ports.source import Held, KeyRanges, Numbering

SIZE = 8
EMPTY, UNSURE = b"\0" * SIZE, b"\xff" * SIZE
ALL = Numbering(by="all")
TOGETHER = 64
"""Ranges whose rows are read at once."""


def written(held: Held) -> str:
    """What was held, as text."""
    numbers = range(min(held.digests, default=0), max(held.digests, default=-1) + 1)
    packed = b64encode(b"".join(held.digests.get(number, EMPTY) for number in numbers)).decode()
    how = held.numbering
    return json.dumps({"by": how.by, "shift": how.shift, "low": numbers.start, "held": packed}, separators=(",", ":"))


def read(text: str) -> Held | None:
    """The same from the text; "" is None: it was never noted."""
    if not text:
        return None
    told = json.loads(text)
    packed = b64decode(told["held"])
    parts = (packed[place : place + SIZE] for place in range(0, len(packed), SIZE))
    return Held(
        numbering=Numbering(by=told["by"], shift=told["shift"]),
        digests={number: part for number, part in enumerate(parts, told["low"]) if part != EMPTY},
    )


def steady(before: Held, after: Held) -> str:
    """The text of the ranges that held the same before and after they were read; of others it is not known."""
    if before.numbering != after.numbering:
        return ""
    other = set(unlike(before, after))
    numbers = before.digests.keys() | after.digests.keys()
    digests = {number: UNSURE if number in other else before.digests[number] for number in numbers}
    return written(Held(numbering=before.numbering, digests=digests))


def unlike(one: Held, other: Held) -> Iterator[int]:
    """The numbers of ranges in which the two differ."""
    numbers = one.digests.keys() | other.digests.keys()
    yield from (number for number in numbers if one.digests.get(number) != other.digests.get(number))


def differing(was: Held | None, now: Held, also: Iterable[int] = ()) -> Iterator[KeyRanges]:
    """The ranges that hold other rows than then, some at a time; all where then is unknown or numbered otherwise.

    `also`: ranges of rows that landed since then, which may have come and gone in between.
    """
    if was is None or was.numbering != now.numbering:
        yield KeyRanges(numbering=ALL, numbers=(0,))
        return
    found = sorted({*unlike(was, now), *also})
    for start in range(0, len(found), TOGETHER):
        yield KeyRanges(numbering=now.numbering, numbers=tuple(found[start : start + TOGETHER]))


def number_sql(numbering: Numbering, key: Sequence[str]) -> str:
    """The number of a landed row's range, in DuckDB."""
    if numbering.by == "shift":
        return f"({quoted(key[0])} >> {numbering.shift})"
    return f"('0x' || substr(md5({key_text(key)}), 1, 2))::int" if numbering.by == "hash" else "0"
