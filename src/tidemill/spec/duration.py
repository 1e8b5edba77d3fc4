"""Durations and shares as they are written: `"30d"`, `"11s"`, `"20%"`; read exactly or not at all."""

from __future__ import annotations

import re

from tidemill.spec.flaw import UnreadFloat, UnreadInt, flaw

SECOND = 1_000_000
UNITS = {"s": SECOND, "m": 60 * SECOND, "h": 3_600 * SECOND, "d": 86_400 * SECOND}
LONGEST = 36_500 * UNITS["d"]
WRITTEN = re.compile(r"([0-9]+)([smhd])")
PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?)%")

# Default step of a window by its length (api.md 16); shorter windows slide exactly.
STEPS = ((14 * UNITS["d"], UNITS["d"]), (12 * UNITS["h"], UNITS["h"]), (UNITS["h"], 5 * UNITS["m"]))


def duration_us(text: str) -> int:
    """Microseconds of a whole number of s, m, h or d (a day is 24 h exactly), above zero and at most 36,500 days."""
    match = WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return UnreadInt(flaw("duration-unread", text=text))
    length = int(match[1]) * UNITS[match[2]]
    if not 0 < length <= LONGEST:
        return UnreadInt(flaw("duration-outside", text=text))
    return length


def step_us(text: str | None, length_us: int) -> int:
    """The step as written, `"0s"` for exact sliding; by default that of a window of this length."""
    if text is None:
        return default_step_us(length_us)
    return 0 if text == "0s" else duration_us(text)


def default_step_us(length_us: int) -> int:
    """1 d from 14 d on, 1 h from 12 h on, 5 m from 1 h on, 0 (exact) below; microseconds."""
    return next((step for shortest, step in STEPS if length_us >= shortest), 0)


def duration_text(us: int) -> str:
    """The duration as a person writes it, in the largest unit that keeps it whole: 2592000000000 is `30d`."""
    for unit, size in reversed(UNITS.items()):
        if us and us % size == 0:
            return f"{us // size}{unit}"
    return f"{us / SECOND:g}s"


def share(given: str | float) -> float:
    """A share above 0 and at most 1, from `"20%"` or 0.2."""
    match = PERCENT.fullmatch(given) if isinstance(given, str) else None
    if isinstance(given, str) and match is None:
        return UnreadFloat(flaw("share-unread", text=given))
    number = float(match[1]) / 100 if match else float(given)
    return number if 0 < number <= 1 else UnreadFloat(flaw("share-outside", share=given))
