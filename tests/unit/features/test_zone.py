"""The calendar of a zone, against Python's own datetime and zoneinfo."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.features.zone import DAY_US, civil, day_number, first_day, weekday, zone
from tidemill.spec.zones import zone_info

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = ("Asia/Seoul", "America/New_York", "America/St_Johns", "Atlantic/Azores", "Pacific/Apia", "Africa/Casablanca")
SECONDS = st.integers(-2_208_900_000, 4_102_444_800)
MOMENTS = st.builds(lambda s, us: EPOCH + timedelta(seconds=s, microseconds=us), SECONDS, st.integers(0, 999_999))
"""From 1900 to 2100, in UTC."""


def us(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def clock(text: str) -> int:
    """Microseconds of a wall-clock time."""
    return us(datetime.fromisoformat(text).replace(tzinfo=UTC))


@given(st.dates())
def test_days_have_the_numbers_weekdays_and_parts_of_datetime(day: date) -> None:
    number = day.toordinal() - date(1970, 1, 1).toordinal()
    assert (civil(number), day_number(day.year, day.month, day.day)) == ((day.year, day.month, day.day), number)
    assert weekday(number) == day.isoweekday()
    assert civil(first_day("month", number))[:2] == (day.year, day.month)
    assert weekday(first_day("week", number)) == 1


@pytest.mark.parametrize("year", [-4000, -1, 0, 10_000, 40_000])
def test_the_calendar_goes_on_beyond_datetime(year: int) -> None:
    start = day_number(year, 3, 1)
    assert civil(start) == (year, 3, 1)
    assert civil(start - 1) == (year, 2, 29 if year % 400 == 0 or (year % 4 == 0 and year % 100) else 28)


@given(MOMENTS, st.sampled_from(ZONES))
def test_the_clock_is_that_of_zoneinfo(moment: datetime, name: str) -> None:
    shown = moment.astimezone(zone_info(name)).replace(tzinfo=UTC)
    assert zone(name).local(us(moment)) == us(shown)
    assert zone(name).hour(us(moment)) == shown.hour


@given(MOMENTS, st.sampled_from(ZONES))
def test_a_shown_time_is_read_back_as_its_first_moment(moment: datetime, name: str) -> None:
    found = zone(name).instant(zone(name).local(us(moment)))
    assert zone(name).local(found) == zone(name).local(us(moment))
    fold = us(moment.astimezone(zone_info(name)).replace(fold=0).astimezone(UTC))
    assert found == fold


@pytest.mark.parametrize(
    ("name", "shown", "first"),
    [
        ("America/New_York", "2024-03-10 02:30", "2024-03-10 07:00"),  # missing: clocks went from 2 to 3
        ("America/New_York", "2024-11-03 01:30", "2024-11-03 05:30"),  # repeated: the first pass
        ("America/New_York", "2024-07-01 00:00", "2024-07-01 04:00"),
        ("Africa/Cairo", "2024-04-26 00:00", "2024-04-25 22:00"),  # midnight itself is missing
        ("Atlantic/Azores", "2024-10-27 00:00", "2024-10-27 00:00"),  # midnight comes twice
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"),  # a whole day is missing
        ("America/St_Johns", "1987-10-25 00:00", "1987-10-25 02:30"),  # clocks went back at one minute past midnight
        ("Asia/Seoul", "2024-01-01 00:00", "2023-12-31 15:00"),
    ],
)
def test_missing_and_repeated_hours(name: str, shown: str, first: str) -> None:
    assert zone(name).instant(clock(shown)) == clock(first)


@given(
    MOMENTS,
    st.sampled_from(ZONES),
    st.sampled_from(("second", "minute", "hour", "day", "week", "month", "quarter", "year")),
)
def test_a_unit_began_before_and_not_after(moment: datetime, name: str, unit: str) -> None:
    began = zone(name).began(unit, us(moment))
    assert began <= us(moment)
    assert zone(name).began(unit, began) == began


def test_wall_clocks_are_read_as_at_landing() -> None:
    """Against Arrow, which reads the naive times of a source: every 37 minutes of three years of changes."""
    for name in (*ZONES, "Africa/Cairo", "Australia/Lord_Howe"):
        clocks = [
            clock(f"{year}-01-01") + step * 2_220_000_000 for year in (1987, 2011, 2024) for step in range(14_200)
        ]
        naive = pa.array(clocks, pa.timestamp("us"))
        landed = pc.assume_timezone(naive, name, ambiguous="earliest", nonexistent="latest").cast(pa.int64())
        assert landed.to_pylist() == [zone(name).instant(shown) for shown in clocks]


def test_months_later_keeps_the_clock_and_shortens_the_day() -> None:
    new_york = zone("America/New_York")

    def later(text: str, months: int) -> str:
        moved = new_york.months_later(us(datetime.fromisoformat(text).astimezone(UTC)), months)
        return (EPOCH + timedelta(microseconds=moved)).astimezone(zone_info("America/New_York")).isoformat(" ")

    assert later("2024-01-31 09:00-05:00", 1) == "2024-02-29 09:00:00-05:00"
    assert later("2024-01-31 09:00-05:00", 6) == "2024-07-31 09:00:00-04:00"
    assert later("2024-02-29 09:00-05:00", 84) == "2031-02-28 09:00:00-05:00"
    assert later("2024-03-31 09:00-04:00", -1) == "2024-02-29 09:00:00-05:00"
    assert later("2024-12-15 09:00-05:00", -12) == "2023-12-15 09:00:00-05:00"


def test_a_far_year_follows_the_last_rule() -> None:
    summer = day_number(9_999, 7, 1) * DAY_US + 400 * 146_097 * DAY_US
    assert zone("Asia/Seoul").offset(summer) == 9 * 3_600_000_000
    assert zone("America/New_York").offset(day_number(40_000, 7, 1) * DAY_US) == -4 * 3_600_000_000
