"""Codes for keys: equal keys of rows and asks get equal small integers, so that everything after works on integers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Literal

import numpy as np

from tidemill.errors import DataError
from tidemill.features.rows import Bools, Ints, Values

NO_CODE = -1
DIGIT_BITS = 16  # numpy sorts 16-bit integers by counting: linear and stable
TABLE_PER_KEY = 8  # a look-up table is taken where it has at most so many places per key


class Codes:
    """Codes of the entities asked about, by one or several key columns of whole numbers or text.

    Two keys have the same code exactly where all their columns are equal; codes are dense from 0 over what is asked. -1
    is a null key (null equals nothing, not even null), or one that nobody asks of. DataError `data.key-kind` when a
    column is whole numbers on one side and text on the other, or neither.
    """

    def __init__(self, asks: Sequence[Values], *, rows: int) -> None:
        """For so many rows, which come in any pieces."""
        self._columns = [_Column(column, rows, place=place) for place, column in enumerate(asks)]
        self._joints: list[_Column] = []
        parts = [column.of(values) for column, values in zip(self._columns, asks, strict=True)]
        self._sizes = [int(part.max(initial=NO_CODE)) + 1 for part in parts]
        self.asks = parts[0]
        for part, size in zip(parts[1:], self._sizes[1:], strict=True):
            joined = _coded(_joined(self.asks, part, size))
            self._joints.append(_Column(joined, rows, place=0))
            self.asks = self._joints[-1].of(joined)

    def of(self, rows: Sequence[Values]) -> Ints:
        """The codes of some rows, by the same columns."""
        codes = self._columns[0].of(rows[0])
        for place, joint in enumerate(self._joints, 1):
            part = self._columns[place].of(rows[place])
            codes = joint.of(_coded(_joined(codes, part, self._sizes[place])))
        return codes


def factorise(rows: Sequence[Values], asks: Sequence[Values]) -> tuple[Ints, Ints]:
    """(codes of rows, codes of asks), as Codes has them."""
    codes = Codes(asks, rows=len(rows[0].data))
    return codes.of(rows), codes.asks


def value_codes(values: Values) -> Ints:
    """Codes of a column's values: equal for equal values, dense from 0 in no order, -1 where null or not finite."""
    present = values.present()
    if values.data.dtype.kind == "f":
        kept, codes = values.data[present], np.full(len(present), NO_CODE, np.int64)
        codes[present] = np.unique(kept, return_inverse=True)[1]
        return codes
    return Codes([Values(data=values.data, missing=~present)], rows=len(present)).asks


def by_code(codes: Ints, order: Ints) -> Ints:
    """`order` (indices into `codes`, none negative there) by rising code; equal codes keep their order. Linear time."""
    for shift in range(0, int(codes.max(initial=0)).bit_length(), DIGIT_BITS):
        digit = ((codes[order] >> shift) & (2**DIGIT_BITS - 1)).astype(np.uint16)
        order = order[np.argsort(digit, kind="stable")]
    return order


class _Column:
    """Codes of one column: dense over the values asked, -1 for null and for any other value."""

    def __init__(self, asks: Values, rows: int, *, place: int) -> None:
        self._asks, self._place, self._words = _named(asks), place, dict[object, int]()
        self._numbers: _Numbers | None = None
        if self._asks[0] == "text":
            for value in asks.data[~asks.missing].tolist():
                self._words.setdefault(value, len(self._words))
        elif self._asks[0] == "whole":
            self._numbers = _Numbers(_as_ints(asks)[~asks.missing], rows)

    def of(self, rows: Values) -> Ints:
        mine = _named(rows)
        kinds = {mine[0], self._asks[0]} - {"null"}
        if len(kinds) > 1 or "other" in kinds:
            raise DataError("key-kind", column=self._place + 1, rows=mine[1], asks=self._asks[1])
        if self._numbers is not None:
            return self._numbers.of(_as_ints(rows), rows.missing)
        found = np.fromiter(map(self._words.get, rows.data.tolist(), repeat(NO_CODE)), np.int64, len(rows.data))
        found[rows.missing] = NO_CODE
        return found


def _named(column: Values) -> tuple[str, str]:
    """What the column holds, and how numpy calls it."""
    return _kind(column), str(column.data.dtype)


def _kind(column: Values) -> Literal["null", "whole", "text", "other"]:
    """What a column of keys holds; floats may stand for whole numbers, as they do in files with nulls among them."""
    if bool(column.missing.all()):
        return "null"
    match column.data.dtype.kind:
        case "i" | "u" | "b":
            return "whole"
        case "f":
            numbers = column.data[~column.missing]
            return "whole" if bool(np.all(np.isfinite(numbers) & (np.rint(numbers) == numbers))) else "other"
        case "O" | "U":
            return "text"
    return "other"


class _Numbers:
    """Codes of whole numbers, by a look-up table where they lie close together."""

    def __init__(self, asked: Ints, rows: int) -> None:
        """For so many rows; at least one number is asked."""
        low, high = int(asked.min()), int(asked.max())
        self._places: Ints | None = None
        if high - low < TABLE_PER_KEY * (rows + len(asked)):
            there = np.zeros(high - low + 1, np.bool_)
            there[asked - low] = True
            self._places = np.where(there, np.cumsum(there) - 1, NO_CODE)
            self._asked = np.flatnonzero(there) + low
        else:
            self._asked = np.unique(asked)

    def of(self, data: Ints, missing: Bools) -> Ints:
        """Index of each number among those asked, -1: not there."""
        if self._places is not None:
            near = np.clip(data, self._asked[0], self._asked[-1])
            found: Ints = self._places[near - self._asked[0]]
        else:
            found = np.minimum(np.searchsorted(self._asked, data), len(self._asked) - 1)
            near = self._asked[found]
        return np.where((near != data) | missing, NO_CODE, found)


def _as_ints(column: Values) -> Ints:
    data = column.data if column.data.dtype.kind in "iub" else np.where(column.missing, 0, column.data)
    return data.astype(np.int64, copy=False)


def _joined(codes: Ints, part: Ints, parts: int) -> Ints:
    """One code of a code and a further column's code."""
    return np.where((codes < 0) | (part < 0), NO_CODE, codes * parts + part)


def _coded(codes: Ints) -> Values:
    return Values(data=codes, missing=codes < 0)
