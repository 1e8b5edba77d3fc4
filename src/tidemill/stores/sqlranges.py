"""Ranges of the keys of any database: their rows are read, range by range, and hashed here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from tidemill.ports.source import Held, KeyRanges, Numbering
from tidemill.stores import keyranges, sqlmark

Rows = Sequence[Sequence[Any]]


class Ask(Protocol):
    """Asks for the rows of a statement over the table `{rows}`, with the column `{c}` and values by `:name`."""

    def __call__(self, sql: str, *, c: str = "", **values: object) -> Rows: ...


def holds(ask: Ask, key: Sequence[str]) -> Held:
    """What the table's ranges hold; where the key is not one whole number, all rows are one range, read at once."""
    ends = ask("SELECT min({c}), max({c}) FROM {rows}", c=key[0])[0] if len(key) == 1 else ()
    how, numbers = Numbering(by="all"), range(1)
    if keyranges.whole_numbers(key, ends):
        how = keyranges.shifted(*ends)
        numbers = range(ends[0] >> how.shift, (ends[1] >> how.shift) + 1)
    found = {}
    for number in numbers:
        rows = range_of(ask, key, how, number)
        if rows:
            found[number] = keyranges.digest(len(rows), sum(int(sqlmark.digest(row), 16) for row in rows))
    return Held(numbering=how, digests=found)


def parts(ask: Ask, key: Sequence[str], ranges: KeyRanges) -> Iterator[Rows]:
    """The rows of each of the ranges."""
    yield from (range_of(ask, key, ranges.numbering, number) for number in ranges.numbers)


def range_of(ask: Ask, key: Sequence[str], how: Numbering, number: int) -> Rows:
    """All rows of one range."""
    if how.by != "shift":
        return ask("SELECT * FROM {rows}")
    low, high = (end << how.shift for end in (number, number + 1))
    return ask("SELECT * FROM {rows} WHERE {c} >= :low AND {c} < :high", c=key[0], low=low, high=high)
