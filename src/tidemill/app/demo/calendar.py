"""The simulated shop's time: Korean local time, its weekdays, months and hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
DAY_US = 24 * HOUR_US
ZONE_US = 9 * HOUR_US
"""Korea is nine hours ahead of UTC, in summer too."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the shop's database keeps local times without a zone, as many do

HOURS = (1, 1, 0, 0, 0, 1, 2, 3, 4, 4, 4, 5, 6, 5, 4, 4, 4, 5, 6, 8, 10, 11, 9, 5)
"""How many of a hundred visits each hour of the day sees."""

WEEKDAYS = (0.95, 0.92, 0.92, 0.95, 1.0, 1.15, 1.11)
"""Visits of a weekday beside the mean, Monday first."""

SALE, RUSH = (6, range(1, 8)), 1.6
"""Month and days of the summer sale, and how many more visits each of them sees."""


def day_of(at_us: int) -> int:
    """Number of the local day since 1970."""
    return (at_us + ZONE_US) // DAY_US


def day_start_us(day: int) -> int:
    """When that local day begins."""
    return day * DAY_US - ZONE_US


def weekday(day: int) -> int:
    """0 is Monday; the first day of 1970 was a Thursday."""
    return (day + 3) % 7


def busy(day: int) -> float:
    """How many visits that day sees beside a usual one: weekends more, and the sale many more."""
    date = NAIVE_EPOCH + timedelta(days=day)
    is_sale = date.month == SALE[0] and date.day in SALE[1]
    return WEEKDAYS[weekday(day)] * (RUSH if is_sale else 1.0)


def month(at_us: int) -> int:
    """1 to 12."""
    return local(at_us).month


def local(at_us: int) -> datetime:
    """The local time, without a zone."""
    return NAIVE_EPOCH + timedelta(microseconds=at_us + ZONE_US)


def local_text(at_us: int) -> str:
    """The local time as the shop's database writes it."""
    return local(at_us).isoformat(sep=" ", timespec="microseconds")


def us_of(moment: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return (moment - EPOCH) // timedelta(microseconds=1)
