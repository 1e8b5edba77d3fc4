"""A span of time as a person types it: days, or moments, in the system's zone."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from tidemill.errors import SettingsError
from tidemill.spec.zones import zone_info

DAY_LETTERS = len("2026-03-01")


def span_of(since: str | None, until: str | None, zone: str) -> tuple[int | None, int | None]:
    """From the first microsecond before `since` to the last one of `until`; None where nothing is named.

    A day is meant whole. SettingsError `date-unread` and `span-backwards`.
    """
    first, _ = (None, None) if since is None else moments(since, zone, "--from")
    _, last = (None, None) if until is None else moments(until, zone, "--to")
    if first is not None and last is not None and last <= first:
        raise SettingsError("span-backwards", since=since, until=until)
    return None if first is None else first - 1, last


def moments(text: str, zone: str, option: str) -> tuple[int, int]:
    """The first and the last microsecond of a day; of a moment both are itself."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError("date-unread", option=option, text=text) from None
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone_info(zone))
    if len(text) > DAY_LETTERS:
        return us_of(local), us_of(local)
    morrow = datetime.combine(moment.date() + timedelta(days=1), time(), zone_info(zone))
    return us_of(local), us_of(morrow) - 1


def us_of(moment: datetime) -> int:
    """Microseconds UTC."""
    return round(moment.timestamp() * 1_000_000)
