"""Casts of one value: what cannot be read is None. Timestamps are int microseconds UTC, dates int days since 1970."""

from __future__ import annotations

import re
from collections.abc import Callable

from tidemill.features.arithmetic import finite, fitting
from tidemill.features.texts import lower
from tidemill.features.zone import DAY_US, SECOND_US, Zone, civil, day_number
from tidemill.spec.dialect import (
    DATE_TEXT,
    FALSE_TEXT,
    FLOAT_TEXT,
    INT_TEXT,
    SPACE,
    TIME_TEXT,
    TRUE_TEXT,
    ZONE_TEXT,
)  # fmt: skip

INT = re.compile(INT_TEXT)
FLOAT = re.compile(FLOAT_TEXT)
DATE = re.compile(DATE_TEXT)
TIME = re.compile(f"{DATE_TEXT}(?P<time>{TIME_TEXT}(?P<zone>{ZONE_TEXT})?)?")
TRUE, FALSE = frozenset(TRUE_TEXT), frozenset(FALSE_TEXT)


def text_to_int(text: str) -> int | None:
    """A whole number of 64 bits."""
    stripped = text.strip(SPACE)
    return fitting(int(stripped)) if INT.fullmatch(stripped) else None


def text_to_float(text: str) -> float | None:
    """A finite float."""
    stripped = text.strip(SPACE)
    return finite(float(stripped)) if FLOAT.fullmatch(stripped) else None


def text_to_boolean(text: str) -> bool | None:
    """True or false as people write them."""
    word = lower(text.strip(SPACE))
    return True if word in TRUE else False if word in FALSE else None


def text_to_date(text: str) -> int | None:
    """`2026-01-31`."""
    stripped = text.strip(SPACE)
    return _day(stripped) if DATE.fullmatch(stripped) else None


def text_to_timestamp(zone: Zone) -> Callable[[str], int | None]:
    """A date with or without a time of day, on the zone's clock unless it has an offset."""

    def read(text: str) -> int | None:
        match = TIME.fullmatch(text.strip(SPACE))
        day = _day(match[0]) if match else None
        if match is None or day is None:
            return None
        clock = day * DAY_US + (_within_day(match["time"]) if match["time"] else 0)
        return clock - _offset(match["zone"]) if match["zone"] else zone.instant(clock)

    return read


def date_to_text(day: int) -> str | None:
    """`2026-01-31`; only the years 1 to 9999 can be written so."""
    year, month, of_month = civil(day)
    return f"{year:04d}-{month:02d}-{of_month:02d}" if 1 <= year <= 9_999 else None


def timestamp_to_text(zone: Zone) -> Callable[[int], str | None]:
    """`2026-01-31 09:30:00` on the zone's clock, with as many decimal places as it takes."""

    def write(us: int) -> str | None:
        day, within = divmod(zone.local(us), DAY_US)
        second, micro = divmod(within, SECOND_US)
        minute, second = divmod(second, 60)
        hour, minute = divmod(minute, 60)
        fraction = f".{micro:06d}".rstrip("0") if micro else ""
        date = date_to_text(day)
        return None if date is None else f"{date} {hour:02d}:{minute:02d}:{second:02d}{fraction}"

    return write


def boolean_to_text(value: bool) -> str:  # noqa: FBT001 - the value itself, no flag
    """`true` or `false`."""
    return "true" if value else "false"


def float_to_text(value: float) -> str:
    """The shortest text that reads back as the same float; zero has no sign."""
    return repr(value + 0.0)


def _day(text: str) -> int | None:
    """The day number of `2026-01-31...`, None for the 30th of February."""
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    number = day_number(year, month, day)
    return number if civil(number) == (year, month, day) else None


def _within_day(text: str) -> int:
    """Microseconds of ` 09:30`, ` 09:30:15` or ` 09:30:15.123...` (digits after the sixth are cut off)."""
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    seconds = int(text[7:9]) if text[6:7] == ":" else 0
    fraction = re.match(r"[0-9]+", text[10:]) if text[9:10] == "." else None
    micro = int(fraction[0][:6].ljust(6, "0")) if fraction else 0
    return (minutes * 60 + seconds) * SECOND_US + micro


def _offset(text: str) -> int:
    """Microseconds of `Z`, `+09`, `+0930` or `-09:30`."""
    if text == "Z":
        return 0
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return (-minutes if text[0] == "-" else minutes) * 60 * SECOND_US
