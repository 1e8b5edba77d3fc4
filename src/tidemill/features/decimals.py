"""Exact decimals by their digits: how many stand before and behind the point, and which column holds them."""

from __future__ import annotations

import re
from decimal import Decimal

from tidemill.facts.data import ColumnType
from tidemill.spec.dialect import FLOAT_TEXT

WHOLE, PLACES, MOST = 18, 20, 38
"""Digits before and behind the point up to which decimals of any two types have one that holds both, and of all."""
NUMBER = re.compile(FLOAT_TEXT)


def digits_of(value: object) -> Decimal | None:
    """The number that the digits of a number or a text say; None for what says none."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if isinstance(value, int) and abs(value) >= 10**MOST:
        return None
    text = str(value)
    return Decimal(text) if NUMBER.fullmatch(text) else None


def size(value: Decimal) -> tuple[int, int]:
    """Digits before and behind the point, those that say something."""
    _, digits, exponent = value.as_tuple()
    said = "".join(map(str, digits)).lstrip("0")
    kept = said.rstrip("0")
    last = int(exponent) + len(said) - len(kept)
    return (max(len(kept) + last, 0), max(-last, 0)) if kept else (0, 0)


def room(column: ColumnType) -> tuple[int, int]:
    """How many digits before and behind the point a number of the column may have, beside the numbers that it has."""
    if column.decimal is None:
        return WHOLE, PLACES
    digits, places = column.decimal
    return (WHOLE, PLACES) if digits - places <= WHOLE and places <= PLACES else (digits - places, places)


def held(value: object, column: ColumnType) -> Decimal | None:
    """The number that the value says, to its last digit; None for what says none, and for one that has no room."""
    found = digits_of(value)
    if found is None:
        return None
    before, behind = size(found)
    whole, places = room(column)
    return found if before <= whole and behind <= places else None


def wide(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Digits in all and behind the point of the narrowest type that holds both; it may need more than there are."""
    places = max(one[1], other[1])
    return max(one[0] - one[1], other[0] - other[1]) + places, places


def type_text(column: ColumnType) -> str:
    """`decimal(12, 2)`, else the dialect's word."""
    return column.type if column.decimal is None else f"decimal({column.decimal[0]}, {column.decimal[1]})"
