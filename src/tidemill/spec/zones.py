"""Time zones from the table of the package `tzdata`, which is pinned with everything else; never the machine's own.

A machine's table may be years old, and would then read a wall clock otherwise than the engine that computes on tables.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FIRST_US = (datetime.min.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
LAST_US = (datetime.max.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
"""The ends of Python's calendar, the years 1 to 9999."""


@cache
def zone_names() -> frozenset[str]:
    """The names that there are: `Asia/Seoul`, `UTC`."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


@cache
def zone_info(name: str) -> ZoneInfo:
    """The zone of that name. ZoneInfoNotFoundError where there is none."""
    if name not in zone_names():
        raise ZoneInfoNotFoundError(f"no time zone {name!r}")
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def shown_at(us: float, zone: tzinfo) -> datetime:
    """Microseconds since 1970 as a person there reads them, beyond the years 1 to 9999 the nearest moment in these.

    Where only the zone's own clock is beyond, the moment is in UTC.
    """
    moment = EPOCH + timedelta(microseconds=min(max(us, FIRST_US), LAST_US))
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment
