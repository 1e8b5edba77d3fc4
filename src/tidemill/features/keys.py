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


def factorise(rows: Sequence[Values], asks: Sequence[Values]) -> tuple[Ints, Ints]:
    """Codes of the entities of rows and asks, by one or several key columns of whole numbers or text.

    Returns (row codes, ask codes): equal exactly where all key columns are equal, dense from 0 over what is asked; -1
    where a key is null (null equals nothing, not even null) and for rows of entities that nobody asks of.
    DataError `data.key-kind` when a column is whole numbers on one side and text on the other, or neither.
    """
    row_codes, ask_codes = _matched(rows[0], asks[0], column=0)
    for place in range(1, len(rows)):
        row_part, ask_part = _matched(rows[place], asks[place], column=place)
        parts = int(ask_part.max(initial=NO_CODE)) + 1
        row_codes, ask_codes = _joined(row_codes, row_part, parts), _joined(ask_codes, ask_part, parts)
        row_codes, ask_codes = _matched(_coded(row_codes), _coded(ask_codes), column=place)
    return row_codes, ask_codes


def value_codes(values: Values) -> Ints:
    """Codes of a column's values: equal for equal values, dense from 0 in no order, -1 where null or not finite."""
    present = values.present()
    if values.data.dtype.kind == "f":
        kept, codes = values.data[present], np.full(len(present), NO_CODE, np.int64)
        codes[present] = np.unique(kept, return_inverse=True)[1]
        return codes
    column = Values(data=values.data, missing=~present)
    return _matched(column, column, column=0)[0]


def by_code(codes: Ints, order: Ints) -> Ints:
    """`order` (indices into `codes`, none negative there) by rising code; equal codes keep their order. Linear time."""
    for shift in range(0, int(codes.max(initial=0)).bit_length(), DIGIT_BITS):
        digit = ((codes[order] >> shift) & (2**DIGIT_BITS - 1)).astype(np.uint16)
        order = order[np.argsort(digit, kind="stable")]
    return order


def _matched(rows: Values, asks: Values, *, column: int) -> tuple[Ints, Ints]:
    """Codes of one column: dense over the values asked, -1 for null and for rows' other values."""
    kinds = {_kind(rows), _kind(asks)} - {"null"}
    if kinds == {"text"}:
        return _matched_text(rows, asks)
    if kinds <= {"whole"}:
        return _matched_ints(rows, asks)
    raise DataError("key-kind", column=column + 1, rows=str(rows.data.dtype), asks=str(asks.data.dtype))


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


def _matched_text(rows: Values, asks: Values) -> tuple[Ints, Ints]:
    code: dict[object, int] = {}
    for value in asks.data[~asks.missing].tolist():
        code.setdefault(value, len(code))
    return _looked_up(code, rows), _looked_up(code, asks)


def _looked_up(code: dict[object, int], column: Values) -> Ints:
    found = np.fromiter(map(code.get, column.data.tolist(), repeat(NO_CODE)), np.int64, len(column.data))
    found[column.missing] = NO_CODE
    return found


def _matched_ints(rows: Values, asks: Values) -> tuple[Ints, Ints]:
    row_data, ask_data = _as_ints(rows), _as_ints(asks)
    present = ask_data[~asks.missing]
    if not len(present):
        return np.full(len(row_data), NO_CODE, np.int64), np.full(len(ask_data), NO_CODE, np.int64)
    low, high = int(present.min()), int(present.max())
    places = None
    if high - low < TABLE_PER_KEY * (len(row_data) + len(ask_data)):
        there = np.zeros(high - low + 1, np.bool_)
        there[present - low] = True
        places = np.where(there, np.cumsum(there) - 1, NO_CODE)
        asked = np.flatnonzero(there) + low
    else:
        asked = np.unique(present)
    return _placed(asked, places, row_data, rows.missing), _placed(asked, places, ask_data, asks.missing)


def _as_ints(column: Values) -> Ints:
    data = column.data if column.data.dtype.kind in "iub" else np.where(column.missing, 0, column.data)
    return data.astype(np.int64, copy=False)


def _placed(asked: Ints, places: Ints | None, data: Ints, missing: Bools) -> Ints:
    """Index of each number in the sorted `asked` (-1: not there), through the table of places where there is one."""
    if places is not None:
        near = np.clip(data, asked[0], asked[-1])
        found: Ints = places[near - asked[0]]
    else:
        found = np.minimum(np.searchsorted(asked, data), len(asked) - 1)
        near = asked[found]
    return np.where((near != data) | missing, NO_CODE, found)


def _joined(codes: Ints, part: Ints, parts: int) -> Ints:
    """One code of a code and a further column's code."""
    return np.where((codes < 0) | (part < 0), NO_CODE, codes * parts + part)


def _coded(codes: Ints) -> Values:
    return Values(data=codes, missing=codes < 0)
