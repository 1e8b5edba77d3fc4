"""Axes: what they are called, which values they span, where a value lies on them, and their ticks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from math import ceil, floor, inf, isfinite, log10
from typing import Literal

from tidemill.spec.zones import EPOCH, MICROSECOND, shown_at
from tidemill.tell.draw import number

DAY_US = 86_400_000_000
FIRST_MONTH = 12
"""January of the year 1, in months."""
PARTS = (1, 2, 2.5, 5, 10)
CALENDAR: tuple[tuple[float, Literal["hours", "days", "months"], int, str], ...] = (
    (0.25, "hours", 1, "%H:%M"), (1, "hours", 6, "%d %b %H:%M"), (8, "days", 1, "%d %b"), (18, "days", 2, "%d %b"),
    (60, "days", 7, "%d %b"), (250, "months", 1, "%b %Y"), (800, "months", 3, "%b %Y"), (1600, "months", 6, "%b %Y"),
    (3700, "months", 12, "%Y"), (9000, "months", 24, "%Y"), (20000, "months", 60, "%Y"), (40000, "months", 120, "%Y"),
    (150_000, "months", 600, "%Y"), (800_000, "months", 2_400, "%Y"), (inf, "months", 12_000, "%Y"),
)  # fmt: skip
"""Up to so many days in all: the step of ticks and how they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis. `low`, `high`: ends that are wanted; None: as the values have them, from 0 for counts and shares.

    `time`: microseconds UTC, shown in `zone`. `log`: powers of ten apart.
    """

    name: str
    unit: str = ""
    kind: Literal["number", "count", "share", "time", "log"] = "number"
    low: float | None = None
    high: float | None = None
    zone: tzinfo = UTC

    @property
    def title(self) -> str:
        """Name with its unit."""
        return f"{self.name}, {self.unit}" if self.unit else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """An axis with its ends and ticks (value, text)."""

    axis: Axis
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def at(self, value: float) -> float:
        """Where the value lies: 0 at the low end, 1 at the high; beyond the ends it is held there."""
        if self.axis.kind == "log":
            low, high, value = log10(self.low), log10(self.high), log10(max(value, self.low))
        else:
            low, high = self.low, self.high
        return min(max((value - low) / (high - low), 0.0), 1.0)


def scale(axis: Axis, values: Iterable[float | None], most: int = 6) -> Scale:
    """The axis over these values, with at most about so many ticks."""
    known = [value for value in values if value is not None and isfinite(value)]
    low, high = ends(axis, known)
    if axis.kind == "time":
        return Scale(axis=axis, low=low, high=high, ticks=time_ticks(low, high, axis.zone))
    if axis.kind == "log":
        return log_scale(axis, max(low, 1e-9), high)
    step = nice((high - low) / max(most - 1, 1))
    first = low if axis.low is not None else floor(low / step + 1e-9) * step
    last = high if axis.high is not None else ceil(high / step - 1e-9) * step
    marks = [mark * step for mark in range(ceil(first / step - 1e-9), floor(last / step + 1e-9) + 1)]
    texts = [number.share(mark) for mark in marks] if axis.kind == "share" else number.ticks(marks)
    return Scale(axis=axis, low=first, high=last, ticks=tuple(zip(marks, texts, strict=True)))


def ends(axis: Axis, known: Sequence[float]) -> tuple[float, float]:
    """Low and high end, never the same."""
    low = min(known, default=0.0) if axis.low is None else axis.low
    high = max(known, default=1.0) if axis.high is None else axis.high
    if axis.low is None and axis.kind in {"count", "share"}:
        low = min(0.0, low)
    if high <= low:
        room = abs(low) * 0.1 or 1.0
        return (low, low + room) if axis.kind in {"count", "share", "log"} else (low - room, low + room)
    return low, high


def nice(step: float) -> float:
    """The next greater of 1, 2, 2.5, 5, 10 times a power of ten."""
    power = 10.0 ** floor(log10(step))
    return next(part for part in PARTS if part * power >= step * (1 - 1e-9)) * power


def log_scale(axis: Axis, low: float, high: float) -> Scale:
    """Whole powers of ten as ends and ticks."""
    first, last = floor(log10(low) + 1e-9), ceil(log10(max(high, low)) - 1e-9)
    last = max(last, first + 1)
    every = ceil((last - first) / 6)
    marks = [10.0**power for power in range(first, last + 1, every)]
    return Scale(
        axis=axis, low=10.0**first, high=10.0**last, ticks=tuple((mark, number.compact(mark)) for mark in marks)
    )


def time_ticks(low: float, high: float, zone: tzinfo) -> tuple[tuple[float, str], ...]:
    """Whole hours, days, months or years between the ends."""
    _, unit, every, form = next(row for row in CALENDAR if (high - low) / DAY_US <= row[0])
    moment = began(shown_at(low, zone), unit, every)
    found = []
    while (us := (moment - EPOCH) / MICROSECOND) <= high:
        if us >= low:
            found.append((us, moment.strftime(form).lstrip("0")))
        try:
            moment = following(moment, unit, every)
        except (OverflowError, ValueError):  # the end of the calendar
            break
    return tuple(found)


def began(moment: datetime, unit: str, every: int) -> datetime:
    """The tick at or before the moment."""
    local = moment.replace(minute=0, second=0, microsecond=0)
    if unit == "hours":
        return local.replace(hour=local.hour // every * every)
    local = local.replace(hour=0)
    if unit == "days":
        return local - timedelta(days=local.weekday()) if every == 7 else local
    months = max((local.year * 12 + local.month - 1) // every * every, FIRST_MONTH)
    return local.replace(year=months // 12, month=months % 12 + 1, day=1)


def following(moment: datetime, unit: str, every: int) -> datetime:
    """The next tick."""
    if unit == "months":
        months = (moment.year * 12 + moment.month - 1 + every) // every * every
        return moment.replace(year=months // 12, month=months % 12 + 1)
    return moment + (timedelta(hours=every) if unit == "hours" else timedelta(days=every))
