"""How a table's keys are cut into ranges, and the digest of what one holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b

from tidemill.ports.source import KeyRanges, Numbering

MOST = 1024
LEAST_SHIFT = 6
SIZE = 8


def shifted(low: int, high: int) -> Numbering:
    """For keys from `low` to `high`: as few bits off as leave at most 1024 ranges."""
    shift = LEAST_SHIFT
    while (high >> shift) - (low >> shift) >= MOST:
        shift += 1
    return Numbering(by="shift", shift=shift)


def digest(count: int, total: int, shape: object = "") -> bytes:
    """Of a range with so many rows whose own digests have that sum."""
    return blake2b(f"{count} {total} {shape}".encode(), digest_size=SIZE).digest()


def spans(ranges: KeyRanges) -> Iterator[tuple[int, int]]:
    """From which key up to, but without, which the ranges of whole numbers go; neighbours together."""
    shift = ranges.numbering.shift
    first = last = ranges.numbers[0]
    for number in ranges.numbers[1:]:
        if number != last + 1:
            yield first << shift, (last + 1) << shift
            first = number
        last = number
    yield first << shift, (last + 1) << shift


def in_spans(column: str, ranges: KeyRanges) -> str:
    """SQL that is true for keys in the ranges; `column`: the quoted name of the only one."""
    return "(" + " OR ".join(f"{column} >= {low} AND {column} < {high}" for low, high in spans(ranges)) + ")"


def whole_numbers(key: Sequence[str], ends: Sequence[object]) -> bool:
    """Whether keys can be ranged by their size: one column, whose least and greatest values are whole numbers."""
    return len(key) == 1 and all(isinstance(end, int) and not isinstance(end, bool) for end in ends)
