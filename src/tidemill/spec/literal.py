"""Numbers and intervals as they are written, read exactly or refused."""

from __future__ import annotations

import math
import re

from tidemill.errors import ExpressionError
from tidemill.spec.dialect import INT_MAX, INT_MIN, INTERVAL_MONTHS, INTERVAL_US, LONGEST_INTERVAL_DAYS
from tidemill.spec.expression import Constant

INTERVAL = re.compile(r"\s*(-?\d{1,9})\s+(second|minute|hour|day|week|month|year)s?\s*", re.IGNORECASE)


def number(text: str, written: str) -> Constant:
    """An int of 64 bits, or a finite float if written with a point or an exponent."""
    if written.lstrip("-").isdecimal():
        whole = int(written)
        if not INT_MIN <= whole <= INT_MAX:
            raise ExpressionError("number-outside", text=text, number=written)
        return Constant(value=whole, type="int")
    try:
        value = float(written)
    except ValueError as error:
        raise ExpressionError("does-not-parse", text=text, position=None, found=written) from error
    if not math.isfinite(value):
        raise ExpressionError("number-outside", text=text, number=written)
    return Constant(value=value, type="float")


def interval(text: str, written: str) -> Constant:
    """A length of time that is always the same, in microseconds; `calendar-interval` for months and years."""
    count, unit = counted(text, written)
    if unit in INTERVAL_MONTHS:
        raise ExpressionError("calendar-interval", text=text, interval=written)
    length = count * INTERVAL_US[unit]
    if abs(length) > LONGEST_INTERVAL_DAYS * INTERVAL_US["day"]:
        raise ExpressionError("number-outside", text=text, number=written)
    return Constant(value=length, type="interval")


def months(text: str, written: str) -> int | None:
    """Months of an interval whose length the calendar decides, None for one of a fixed length."""
    count, unit = counted(text, written)
    length = count * INTERVAL_MONTHS.get(unit, 0)
    if abs(length) * 30 > LONGEST_INTERVAL_DAYS:
        raise ExpressionError("number-outside", text=text, number=written)
    return length if unit in INTERVAL_MONTHS else None


def counted(text: str, written: str) -> tuple[int, str]:
    """The number and the unit of an interval."""
    match = INTERVAL.fullmatch(written)
    if match is None:
        raise ExpressionError("interval-unread", text=text, interval=written)
    return int(match[1]), match[2].lower()
