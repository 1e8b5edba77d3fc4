"""The moments of a cron line in a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import takewhile

from cronsim import CronSim

from tidemill.spec.zones import zone_info

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HOUR = 3_600_000_000
FARTHEST = 24 * 366 * 9 * HOUR
"""No cron line has a longer gap: `0 0 29 2 *` over a century that is no leap year waits eight years."""


def moments(text: str, zone: str, since_us: int, until_us: int) -> tuple[int, ...]:
    """Every moment of the line from `since_us` to `until_us`, both included, in microseconds UTC, rising.

    A fixed time that the clock skips in spring comes right after the gap, one that it repeats in autumn comes once;
    lines with `*` as hour or minute follow the clock (as in Debian's cron).
    """
    before = EPOCH + timedelta(seconds=(since_us - 1) // 1_000_000)
    rising = (us_of(moment) for moment in CronSim(text, before.astimezone(zone_info(zone))))
    found = takewhile(lambda moment: moment <= until_us, rising)
    return tuple(dict.fromkeys(moment for moment in found if moment >= since_us))


def latest(text: str, zone: str, now_us: int) -> int | None:
    """The last moment of the line that is not after `now_us`; None if it never was."""
    span = HOUR
    while span <= FARTHEST:
        if found := moments(text, zone, now_us - span, now_us):
            return found[-1]
        span *= 4
    return None


def us_of(moment: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return (moment - EPOCH) // MICROSECOND
