"""The calendar over which a replay's figures are averaged: names of periods, and which length suits the rows."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tidemill.loop.replay.record import Period
from tidemill.spec.zones import zone_info

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ENOUGH, LEAST = 500, 100
"""Rows from which on a period's figure is steady, and below which it says nothing."""
Ints = NDArray[np.int64]
FEWEST, MOST = 6, 40
"""Periods that make a curve which a person can read."""
MOST_ROWS = 0.6
"""Share of the rows that those periods hold at least."""
USUAL: tuple[Period, ...] = ("month", "week", "day", "quarter", "year")
"""Every length, the most usual first."""


def period_name(at_us: int, period: str, zone: str) -> str:
    """`2017-07-24`, `2017-W30`, `2011-06`, `2011-Q2` or `2011` in that zone."""
    moment = (EPOCH + timedelta(microseconds=at_us)).astimezone(zone_info(zone))
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
    """The shortest period of which 6 to 40 hold 500 rows, and together most rows; else the same with 100 rows.

    If there is none, the one that comes nearest to that. Where two part the rows alike, the more usual.
    """
    rows = {period: np.array([*Counter(names_of(asked_us, period, zone)).values()]) for period in USUAL}

    def off(period: Period, enough: int) -> tuple[bool, int]:
        full = rows[period][rows[period] >= enough]
        return bool(full.sum() < MOST_ROWS * len(asked_us)), max(FEWEST - len(full), len(full) - MOST, 0)

    def rank(period: Period) -> tuple[bool, tuple[bool, int], int]:
        good = off(period, ENOUGH) == (False, 0)
        return not good, (False, 0) if good else off(period, LEAST), -len(rows[period])

    return min(USUAL, key=rank)
