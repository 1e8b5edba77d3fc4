"""Zones come from the pinned table, and the engine's own table says the same of each of them."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb
import pytest

from tidemill.spec.zones import shown_at, zone_info, zone_names

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WEEK_S = 7 * 86_400
BEGIN_S, END_S = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (1960, 2040))


def offset_s(place: ZoneInfo, second: int) -> int:
    """Seconds that the wall clock is ahead of UTC."""
    ahead = (EPOCH + timedelta(seconds=second)).astimezone(place).utcoffset()
    return int((ahead or timedelta()).total_seconds())


def moments(place: ZoneInfo) -> list[int]:
    """A moment of every week, and the seconds before and at each change of the clock."""
    found = list(range(BEGIN_S, END_S, WEEK_S))
    changes: list[int] = []
    for before, after in pairwise(found):
        low, high = before, after
        was = offset_s(place, low)
        if offset_s(place, high) == was:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset_s(place, middle) == was else (low, middle)
        changes += [low, high]
    return found + changes


@pytest.mark.slow
def test_the_engine_has_the_same_clock_for_every_zone() -> None:
    engine = duckdb.connect()
    engine.execute("set timezone = 'UTC'")
    sql = "select epoch(timezone($zone, to_timestamp(s)))::bigint - s from (select unnest($seconds::bigint[]) as s)"
    other = {}
    for name in sorted(zone_names()):
        place = zone_info(name)
        seconds = moments(place)
        told = engine.execute(sql, {"zone": name, "seconds": seconds}).fetchall()
        differ = [s for s, (ahead,) in zip(seconds, told, strict=True) if ahead != offset_s(place, s)]
        if differ:
            other[name] = str(EPOCH + timedelta(seconds=differ[0]))
    assert other == {}


def test_the_machines_table_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(name: str) -> None:
        raise AssertionError(name)

    monkeypatch.setattr(zoneinfo, "ZoneInfo", refused)
    zone_info.cache_clear()
    assert offset_s(zone_info("Asia/Seoul"), 0) == 9 * 3600
    assert zone_info("Asia/Seoul").key == "Asia/Seoul"


@pytest.mark.parametrize("name", ["Asia/Soul", "", "../zones", "America", "asia/seoul", "/usr/share/zoneinfo/UTC"])
def test_what_is_no_zone_is_said(name: str) -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        zone_info(name)


def test_moments_that_the_calendar_of_a_zone_lacks_are_shown_in_utc_or_at_its_end() -> None:
    seoul, york = zone_info("Asia/Seoul"), zone_info("America/New_York")
    first, last = -62_135_596_800_000_000, 253_402_300_799_999_999
    assert str(shown_at(0, seoul)) == "1970-01-01 09:00:00+09:00"
    assert str(shown_at(first, york)) == "0001-01-01 00:00:00+00:00"
    assert str(shown_at(last, seoul)) == "9999-12-31 23:59:59.999999+00:00"
    assert shown_at(-(2**63), york) == shown_at(first, york)
    assert shown_at(2**63 - 1, seoul) == shown_at(last, seoul)
