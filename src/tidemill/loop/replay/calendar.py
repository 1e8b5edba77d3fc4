"""The calendar over which a replay's figures are averaged: names of periods, and which length suits the rows."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tidemill.loop.replay.record import Period

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ENOUGH, LEAST = 500, 100
"""Rows from which on a period's figure is steady, and below which it says nothing."""
Ints = NDArray[np.int64]
FEWEST, MOST = 6, 40
"""Periods that make a curve which a person can read."""


def period_name(at_us: int, period: str, zone: str) -> str:
    """`2017-07-24`, `2017-W30`, `2011-06`, `2011-Q2` or `2011` in that zone."""
    moment = (EPOCH + timedelta(microseconds=at_us)).astimezone(ZoneInfo(zone))
    match period:
        case "day":
            return f"{moment:%Y-%m-%d}"
        case "week":
            return f"{moment:%G-W%V}"
        case "month":
            return f"{moment:%Y-%m}"
        case "quarter":
            return f"{moment:%Y}-Q{(moment.month + 2) // 3}"
    return f"{moment:%Y}"


def names_of(asked_us: Ints, period: str, zone: str) -> list[str]:
    """The period of each moment."""
    moments, place = np.unique(asked_us, return_inverse=True)
    names = [period_name(int(us), period, zone) for us in moments]
    return [names[one] for one in place]


def suiting(asked_us: Ints, zone: str) -> Period:
    """The shortest period of which 6 to 40 hold 500 rows; if there is none, the one that comes nearest.

    Where no length is nearer than another, the same is asked with 100 rows. Where two part the rows alike, the longer.
    """
    every: tuple[Period, ...] = get_args(Period)
    rows = {period: Counter(names_of(asked_us, period, zone)).values() for period in every}

    def off(period: Period, enough: int) -> int:
        full = sum(n >= enough for n in rows[period])
        return max(FEWEST - full, full - MOST, 0)

    return min(reversed(every), key=lambda period: (off(period, ENOUGH), off(period, LEAST), -len(rows[period])))
