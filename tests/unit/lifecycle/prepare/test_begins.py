"""Where a source's history begins: a few rows of no real time do not make it longer."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tidemill as tm
from tests.street import COMPUTE, DAY, HOUR, us
from tidemill.features.offline.lake import Lake
from tidemill.features.plan import Dialect
from tidemill.lifecycle.prepare.begins import FEW, begins_us

START = us("2024-01-01")
EVENTS = tm.System("shop", owner="o@shop.example").source("events", tm.files("events"), time="at")


def begins(times: list[int | None]) -> int | None:
    at = pa.array(times, pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    return begins_us(
        EVENTS, Lake(dialect=Dialect(zone="UTC", columns={}), landed={"events": pa.table({"at": at})}, compute=COMPUTE)
    )


def usual(rows: int = 400) -> list[int]:
    """Every six hours, from START on."""
    return [START + n * 6 * HOUR for n in range(rows)]


@pytest.mark.parametrize(
    "absurd",
    [
        [],
        ["0001-01-01"],
        ["1970-01-01"],
        ["0001-01-01", "0001-01-02", "1753-01-01", "1900-01-01", "1970-01-01", "1970-01-01T00:00:01"],
        ["2000-01-01"] * 20,
    ],
)
def test_times_that_mean_none_are_not_when_it_begins(absurd: list[str]) -> None:
    assert begins([None, *reversed(usual()), *map(us, absurd)]) == START


def test_what_many_rows_say_is_history() -> None:
    assert begins([*usual(), *[us("2000-01-01")] * 40]) == us("2000-01-01")


def test_a_gap_in_a_long_history_cuts_nothing() -> None:
    assert begins([*usual(), usual()[-1] + 30 * DAY]) == START
    assert begins([START - 30 * DAY, *usual()]) == START - 30 * DAY


def test_nothing_begins_where_nothing_is() -> None:
    assert begins([]) is None
    assert begins([None]) is None
    assert begins([START]) == START
    assert begins_us(EVENTS, Lake(dialect=Dialect(zone="UTC", columns={}), landed={}, compute=COMPUTE)) is None


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=60))
def test_it_begins_with_the_row_behind_the_last_wide_gap_that_few_rows_come_before(days: list[int]) -> None:
    days = sorted(days)
    wide = [
        place
        for place in range(1, len(days))
        if place <= FEW * len(days) and days[place] - days[place - 1] > days[-1] - days[place]
    ]
    assert begins([day * DAY for day in days]) == days[wide[-1] if wide else 0] * DAY
