"""Moments of cron lines, where clocks are put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.loop.schedule import latest, moments, us_of
from tidemill.spec.zones import zone_info

HOUR = 3_600_000_000


def us(text: str) -> int:
    return us_of(datetime.fromisoformat(text).replace(tzinfo=UTC))


def texts(found: tuple[int, ...]) -> list[str]:
    return [f"{datetime.fromtimestamp(moment / 1e6, UTC):%Y-%m-%d %H:%M}" for moment in found]


@pytest.mark.parametrize(
    ("line", "since", "until", "expected"),
    [
        # every day at 03:00 in Berlin: 02:00 UTC in winter, 01:00 in summer; the night of the jump has its 03:00
        ("0 3 * * *", "2025-03-29", "2025-03-31T12:00", ["2025-03-29 02:00", "2025-03-30 01:00", "2025-03-31 01:00"]),
        # 02:30 does not exist that night: it comes right after the gap, at 03:00 summer time
        ("30 2 * * *", "2025-03-29", "2025-03-31T12:00", ["2025-03-29 01:30", "2025-03-30 01:00", "2025-03-31 00:30"]),
        # 02:30 comes twice in October: once, at the first
        ("30 2 * * *", "2025-10-25", "2025-10-27T12:00", ["2025-10-25 00:30", "2025-10-26 00:30", "2025-10-27 01:30"]),
        # every hour follows the clock: the repeated hour has two, the skipped one none
        ("0 * * * *", "2025-10-25T23:30", "2025-10-26T02:30", [f"2025-10-26 0{hour}:00" for hour in (0, 1, 2)]),
        ("0 * * * *", "2025-03-30T00:00", "2025-03-30T02:00", [f"2025-03-30 0{hour}:00" for hour in (0, 1, 2)]),
        # Sunday is 0 and 7
        ("0 12 * * 7", "2025-11-01", "2025-11-10", ["2025-11-02 11:00", "2025-11-09 11:00"]),
        ("0 0 1 * *", "2025-01-15", "2025-03-15", ["2025-01-31 23:00", "2025-02-28 23:00"]),
    ],
)  # fmt: skip
def test_moments_around_the_change_of_clocks_in_berlin(line: str, since: str, until: str, expected: list[str]) -> None:
    assert texts(moments(line, "Europe/Berlin", us(since), us(until))) == expected


def test_both_ends_are_included() -> None:
    three = us("2025-06-01T03:00")
    assert moments("0 3 * * *", "UTC", three, three) == (three,)
    assert moments("0 3 * * *", "UTC", three + 1, three + HOUR) == ()
    assert moments("0 3 * * *", "UTC", three - 1, three - 1) == ()


def test_the_latest_is_the_last_of_the_moments() -> None:
    assert latest("0 3 * * *", "Asia/Seoul", us("2025-06-01T12:00")) == us("2025-05-31T18:00")
    assert latest("0 3 * * *", "UTC", us("2025-06-01T03:00")) == us("2025-06-01T03:00")
    assert latest("0 0 29 2 *", "UTC", us("2027-06-01")) == us("2024-02-29")
    assert latest("0 0 31 12 *", "UTC", us("2027-06-01")) == us("2026-12-31")


@given(
    st.integers(min_value=0, max_value=364 * 24),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Seoul", "Australia/Lord_Howe"]),
    st.sampled_from([("*/15 * * * *", {0, 15, 30, 45}, None), ("10,40 */6 * * *", {10, 40}, {0, 6, 12, 18})]),
)
def test_lines_with_a_star_are_found_minute_by_minute(
    hours: int, zone: str, line: tuple[str, set[int], set[int] | None]
) -> None:
    text, minutes, at = line
    start = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    local = [(start + timedelta(minutes=minute)).astimezone(zone_info(zone)) for minute in range(24 * 60 + 1)]
    matching = [us_of(each) for each in local if each.minute in minutes and (at is None or each.hour in at)]
    assert list(moments(text, zone, us_of(start), us_of(start + timedelta(days=1)))) == matching
