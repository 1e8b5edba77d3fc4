"""Ticks stand where a person expects them: round numbers, whole days and months of the zone."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.tell.draw.axis import Axis, scale

FINITE = st.floats(-1e9, 1e9, allow_nan=False)


def us(*moment: int, zone: str = "UTC") -> float:
    return datetime(*moment, tzinfo=ZoneInfo(zone)).timestamp() * 1e6  # type: ignore[arg-type,misc] # year, month, day


@given(st.lists(FINITE | st.none(), max_size=20), st.sampled_from(["number", "count", "share"]))
def test_every_value_lies_between_the_ends_and_ticks_rise(values: list[float | None], kind: str) -> None:
    made = scale(Axis(name="x", kind=kind), values)  # type: ignore[arg-type] # one of the kinds
    known = [value for value in values if value is not None]
    hair = 1e-8 * (made.high - made.low)
    assert all(made.low - hair <= value <= made.high + hair for value in known)
    marks = [tick for tick, _ in made.ticks]
    assert marks == sorted(set(marks))
    assert 2 <= len(marks) <= 12
    assert all(0.0 <= made.at(value) <= 1.0 for value in (*known, *marks, 1e12, -1e12))


@given(st.floats(0, 2e15), st.floats(1e3, 3e15))
def test_ticks_of_time_are_few_and_lie_between_the_ends(low: float, length: float) -> None:
    made = scale(Axis(name="when", kind="time", zone=ZoneInfo("Asia/Seoul")), (low, low + length))
    assert len(made.ticks) <= 26
    assert all(low <= tick <= low + length for tick, _ in made.ticks)


def test_round_numbers_hold_the_ends() -> None:
    made = scale(Axis(name="AUC", low=0.5), (0.613, 0.868))
    assert (made.low, made.high) == (0.5, 0.9)
    assert [text for _, text in made.ticks] == ["0.5", "0.6", "0.7", "0.8", "0.9"]
    assert made.at(0.7) == pytest.approx(0.5)


def test_powers_of_ten_stand_equally_far_apart() -> None:
    made = scale(Axis(name="evidence", kind="log"), (0.02, 300))
    assert [text for _, text in made.ticks] == ["0.01", "0.1", "1", "10", "100", "1k"]
    assert made.at(1) == pytest.approx(0.4)


def test_months_begin_at_midnight_of_the_zone() -> None:
    made = scale(Axis(name="when", kind="time", zone=ZoneInfo("Asia/Seoul")), (us(2026, 1, 20), us(2026, 4, 2)))
    assert made.ticks == tuple(
        (us(2026, month, 1, zone="Asia/Seoul"), f"{name} 2026") for month, name in ((2, "Feb"), (3, "Mar"), (4, "Apr"))
    )


def test_days_and_hours_for_short_times() -> None:
    days = scale(Axis(name="when", kind="time", zone=UTC), (us(2026, 1, 1, 6), us(2026, 1, 4)))
    assert [text for _, text in days.ticks] == ["2 Jan", "3 Jan", "4 Jan"]
    hours = scale(Axis(name="when", kind="time", zone=UTC), (us(2026, 1, 1, 6), us(2026, 1, 1, 9)))
    assert [text for _, text in hours.ticks] == ["6:00", "7:00", "8:00", "9:00"]


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")])
def test_times_from_end_to_end_of_the_calendar_have_ticks(zone: tzinfo) -> None:
    first, last = us(1, 1, 1), us(9999, 12, 31)
    ticks = {
        (low, high): [text for _, text in scale(Axis(name="when", kind="time", zone=zone), (low, high)).ticks]
        for low, high in ((first, us(2026, 1, 1)), (first, last), (us(9998, 1, 1), last))
    }
    assert ticks[first, us(2026, 1, 1)][-3:] == ["1600", "1800", "2000"]
    assert ticks[first, last][-2:] == ["8000", "9000"]
    assert ticks[us(9998, 1, 1), last][-1] == "Oct 9999"
