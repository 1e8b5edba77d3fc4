"""A zone's calendar on plain ints: microseconds UTC, microseconds of a wall clock, days since 1970-01-01."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache

from tidemill.spec.zones import zone_info

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND_US = 1_000_000
HOUR_US = 3_600_000_000
DAY_US = 86_400_000_000
ERA_DAYS = 146_097
"""Days of 400 years, after which the Gregorian calendar and the weekdays repeat."""

FIRST_DAY, LAST_DAY = -719_162 + 366, 2_932_896 - 366
"""Days that `datetime` can hold, less a year at both ends."""

WITHIN_DAY = {"second": SECOND_US, "minute": 60 * SECOND_US, "hour": HOUR_US}


class Zone:
    """The wall clock of one zone. Years beyond what the zone's table knows follow its last rule."""

    def __init__(self, name: str) -> None:
        """ZoneInfoNotFoundError for a name that is no zone."""
        self.place = zone_info(name)
        self._steady: Callable[[int], int | None] = lru_cache(maxsize=1 << 16)(self._offset_of_day)

    def offset(self, us: int) -> int:
        """Microseconds that the wall clock is ahead of UTC at that moment."""
        steady = self._steady(us // DAY_US)
        return self._offset(us) if steady is None else steady

    def local(self, us: int) -> int:
        """What the wall clock shows at that moment, as microseconds."""
        return us + self.offset(us)

    def instant(self, clock: int) -> int:
        """The first moment at which the wall clock shows that time or a later one.

        A repeated hour is its first pass, a missing one its end. The offsets of a day before and a day after decide.
        """
        before, after = self.offset(clock - DAY_US), self.offset(clock + DAY_US)
        early, late = clock - before, clock - after
        if self.offset(early) == before:
            return early
        if self.offset(late) == after:
            return late
        return self._changed(late // SECOND_US, early // SECOND_US, after) * SECOND_US

    def day(self, us: int) -> int:
        """The day on the zone's calendar."""
        return (us + self.offset(us)) // DAY_US

    def hour(self, us: int) -> int:
        """The hour that the wall clock shows, 0 to 23."""
        return self.local(us) % DAY_US // HOUR_US

    def began(self, unit: str, us: int) -> int:
        """The moment at which the second, minute, hour, day, week, month, quarter or year that holds it began."""
        clock = self.local(us)
        if unit in WITHIN_DAY:
            return us - clock % WITHIN_DAY[unit]
        return self.instant(first_day(unit, clock // DAY_US) * DAY_US)

    def months_later(self, us: int, months: int) -> int:
        """The same wall clock so many months later, on the last day of a month that has no such day."""
        day, within = divmod(self.local(us), DAY_US)
        year, month, of_month = civil(day)
        year, month = divmod(year * 12 + month - 1 + months, 12)
        start = day_number(year, month + 1, 1)
        length = day_number(year + month // 11, (month + 1) % 12 + 1, 1) - start
        return self.instant((start + min(of_month, length) - 1) * DAY_US + within)

    def _offset_of_day(self, day: int) -> int | None:
        """The offset on a day (UTC) on which it does not change, else None."""
        offset = self._offset(day * DAY_US)
        return offset if self._offset((day + 1) * DAY_US - 1) == offset else None

    def _offset(self, us: int) -> int:
        """The offset as the zone's table has it."""
        day = us // DAY_US
        if not FIRST_DAY <= day <= LAST_DAY:
            target = FIRST_DAY if day < FIRST_DAY else LAST_DAY - ERA_DAYS
            us += ((target - day) // ERA_DAYS + 1) * ERA_DAYS * DAY_US
        offset = (EPOCH + timedelta(microseconds=us)).astimezone(self.place).utcoffset()
        return (offset or timedelta()) // MICROSECOND

    def _changed(self, before: int, after: int, offset: int) -> int:
        """The first second in (before, after] from which the offset holds."""
        while after - before > 1:
            middle = (before + after) // 2
            before, after = (before, middle) if self.offset(middle * SECOND_US) == offset else (middle, after)
        return after


@cache
def zone(name: str) -> Zone:
    """The zone of that name, made once."""
    return Zone(name)


@lru_cache(maxsize=1 << 16)
def civil(day: int) -> tuple[int, int, int]:
    """Year, month and day of the month of a day number, in the proleptic Gregorian calendar.

    Counted in years that begin in March, so that the leap day comes last.
    """
    era, of_era = divmod(day + 719_468, ERA_DAYS)
    of_era_year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * of_era_year + of_era_year // 4 - of_era_year // 100)
    march = (5 * of_year + 2) // 153
    month = march + 3 if march < 10 else march - 9
    return of_era_year + era * 400 + (month <= 2), month, of_year - (153 * march + 2) // 5 + 1


def day_number(year: int, month: int, day: int) -> int:
    """The day number of a date: the inverse of `civil`."""
    year -= month <= 2
    era, of_era_year = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * ERA_DAYS + of_era_year * 365 + of_era_year // 4 - of_era_year // 100 + of_year - 719_468


def year(day: int) -> int:
    """The year of a day number."""
    return civil(day)[0]


def month(day: int) -> int:
    """The month of a day number, 1 to 12."""
    return civil(day)[1]


def day(day: int) -> int:
    """The day of the month of a day number, 1 to 31."""
    return civil(day)[2]


def weekday(day: int) -> int:
    """1 for Monday to 7 for Sunday (ISO 8601)."""
    return (day + 3) % 7 + 1


def first_day(unit: str, day: int) -> int:
    """The first day of the day's week (a Monday), month, quarter or year; itself for `day`."""
    if unit == "day":
        return day
    if unit == "week":
        return day - weekday(day) + 1
    year, month, _ = civil(day)
    return day_number(year, {"month": month, "quarter": (month - 1) // 3 * 3 + 1, "year": 1}[unit], 1)
