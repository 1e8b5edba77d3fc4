"""Numbers and times as a terminal shows them: an interval beside a figure, times in the system's zone."""

from __future__ import annotations

from datetime import datetime
from math import floor, isfinite, log10

from tidemill.spec.zones import shown_at, zone_info

NONE = "–"


def number(value: float | None, decimals: int | None = None) -> str:
    """`12,345`, `0.8531`: whole numbers whole, others with four digits that count, or so many decimal places.

    >>> number(12345), number(0.85312), number(148.27, 1), number(None)
    ('12,345', '0.8531', '148.3', '–')
    """
    if value is None or not isfinite(value):
        return NONE
    if decimals is not None:
        return f"{value:,.{decimals}f}"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def figure(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """A figure with its interval, to the places in which the interval has two digits.

    >>> figure(0.85312, 0.84217, 0.86405), figure(148.27, 141.1, 156.4), figure(0.5)
    ('0.853 (0.842 to 0.864)', '148 (141 to 156)', '0.5')
    """
    if value is None or (low is None and high is None) or low == high:
        return number(value)
    if low is None or high is None:
        return (
            f"{number(value)} (at least {number(low)})" if high is None else f"{number(value)} (at most {number(high)})"
        )
    decimals = places(high - low)
    return f"{number(value, decimals)} ({number(low, decimals)} to {number(high, decimals)})"


def counted(count: int, thing: str) -> str:
    """A number of things: `no notes`, `1 note`, `1,200 notes`.

    >>> counted(0, "note"), counted(1, "note"), counted(1200, "note")
    ('no notes', '1 note', '1,200 notes')
    """
    return f"{number(count) if count else 'no'} {thing}{'' if count == 1 else 's'}"


def places(width: float) -> int:
    """Decimal places in which a width shows two digits, at most six."""
    return min(max(1 - floor(log10(width)), 0), 6) if width > 0 and isfinite(width) else 4


def when(at_us: int | None, zone: str) -> str:
    """The minute in that zone: `2026-11-25 20:13`."""
    return NONE if at_us is None else f"{moment(at_us, zone):%Y-%m-%d %H:%M}"


def moment(at_us: int, zone: str) -> datetime:
    """The time in that zone."""
    return shown_at(at_us, zone_info(zone))


def span(ms: float | None) -> str:
    """How long something took, in its two largest units: `840 ms`, `12.3 s`, `2 min 5 s`, `15 d 17 h`.

    >>> span(840), span(12_345), span(125_000), span(4_000_000), span(1_357_000_000), span(None)
    ('840 ms', '12.3 s', '2 min 5 s', '1 h 6 min', '15 d 16 h', '–')
    """
    if ms is None:
        return NONE
    if ms < 1_000:
        return f"{ms:.0f} ms"
    if ms < 60_000:
        return f"{ms / 1000:.1f} s"
    minutes, seconds = divmod(int(ms) // 1000, 60)
    hours, days = minutes // 60, minutes // 1440
    if days:
        return f"{days} d {hours % 24} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min {seconds} s"


def size(count: float) -> str:
    """Bytes in their largest unit: `1.4 MiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
