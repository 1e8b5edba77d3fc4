"""Periods by calendar, beside pandas' own; the length that suits the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.street import DAY, us
from tidemill.loop.replay.calendar import names_of, period_name, suiting

START = us("2026-01-01")


@settings(max_examples=60)
@given(st.integers(us("1969-01-01"), us("2050-01-01")), st.sampled_from(["UTC", "Europe/Lisbon", "Asia/Seoul"]))
def test_periods_are_those_of_pandas(at_us: int, zone: str) -> None:
    local = pd.Timestamp(at_us, unit="us", tz="UTC").tz_convert(zone).tz_localize(None)
    assert period_name(at_us, "day", zone) == str(local.to_period("D"))
    assert period_name(at_us, "month", zone) == str(local.to_period("M"))
    assert period_name(at_us, "quarter", zone) == f"{local.year}-Q{local.quarter}"
    assert period_name(at_us, "year", zone) == str(local.year)
    iso = local.isocalendar()
    assert period_name(at_us, "week", zone) == f"{iso.year}-W{iso.week:02d}"


def test_every_moment_gets_its_period_in_the_systems_zone() -> None:
    midnight = us("2026-01-31 15:00")
    asked = np.array([midnight - 1, midnight, midnight - 1], np.int64)
    assert names_of(asked, "month", "Asia/Seoul") == ["2026-01", "2026-02", "2026-01"]


@pytest.mark.parametrize(
    ("days", "a_day", "period"),
    [
        (20, 600, "day"),  # 20 days hold enough
        (180, 80, "week"),  # a day has 80 rows, a week 560
        (365, 20, "month"),  # a week has 140, a month 600
        (900, 6, "quarter"),  # a month has 180, a quarter 540
        (4000, 2, "year"),  # a quarter has 180, a year 730
        (7300, 2000, "year"),  # 240 months hold enough, which are too many to read; 20 years do
        (21, 20, "week"),  # nothing holds 500; three or four weeks hold 100
        (33, 66, "week"),  # two months hold more, but say nothing of how it went
        (3, 5_000, "day"),  # three days are what there is
    ],
)
def test_the_period_follows_the_rows(days: int, a_day: int, period: str) -> None:
    asked = START + np.repeat(np.arange(days, dtype=np.int64), a_day) * DAY
    assert suiting(asked, "UTC") == period


def test_a_length_that_leaves_most_rows_in_thin_periods_is_not_taken() -> None:
    days = np.repeat(np.arange(60, dtype=np.int64), np.where(np.arange(60) % 6 == 0, 120, 90))
    assert suiting(START + days * DAY, "UTC") == "week"


def test_of_lengths_that_part_the_rows_alike_the_more_usual_is_taken() -> None:
    firsts = np.array([us(f"2026-{month:02d}-01") for month in range(1, 9)], np.int64)
    assert suiting(np.repeat(firsts, 800), "UTC") == "month"
