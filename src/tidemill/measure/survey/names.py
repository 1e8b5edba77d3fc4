"""Columns that name a row or its moment: nearly unique ones, whole numbers that run with the time, times as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tidemill.facts.data import ColumnProfile, Finding
from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.column import Column
from tidemill.measure.profile import FEWEST, is_id_like
from tidemill.measure.ranks import spearman
from tidemill.measure.survey.ids import is_even
from tidemill.measure.survey.table import DAY_US, Fields, Table, moment_text
from tidemill.measure.survey.texts import NEARLY, is_numeric

RUNS, FOLLOWS = 0.999, 0.9
"""Rank correlation with the time from which on a number is a clock, and may be moments since 1970."""
FEWEST_TICKS = 100
FEWEST_DATES = 10
"""Different numbers below which they are not looked at."""
BLOCKS = 20
SOME = 50_000
"""Rows on which an order is judged."""
SINCE_1970 = {"seconds since 1970": 1_000_000, "milliseconds since 1970": 1_000, "microseconds since 1970": 1}
"""Units of moments in microseconds."""
FIRST_US, LAST_US = 631_152_000_000_000, 4_102_444_800_000_000
"""1990 and 2100, between which such moments lie."""


def name_findings(table: Table, profile: ColumnProfile, order: Ints) -> Iterator[Finding]:
    """What the column is a name of, if of anything; nothing of the key and the time themselves.

    `order`: the rows from the oldest to the newest.
    """
    column = table.columns[profile.name]
    if profile.name in {*table.key, table.time} or profile.type not in {"int", "text"}:
        return
    if is_nearly_id(profile, column):
        rows = profile.rows - profile.nulls
        yield table.found("finding.nearly-id", 0.2, profile.name, distinct=profile.distinct, rows=rows)
    told = _numbers(column, order) if profile.distinct >= FEWEST_DATES else None
    read = None if told is None else as_times(told)
    if read is not None:
        unit, moments = read
        fields: Fields = {"unit": unit, "since": moment_text(int(moments.min()), "UTC")}
        yield table.found(
            "finding.time-as-number", 0.4, profile.name, until=moment_text(int(moments.max()), "UTC"), **fields
        )
    elif told is not None and table.time and is_counter(profile) and (along := runs(told)):
        says = "rises" if along > 0 else "falls"
        yield table.found(
            "finding.another-clock", 0.3, profile.name, says=says, correlation=abs(along), time=table.time
        )


def is_nearly_id(profile: ColumnProfile, column: Column) -> bool:
    """Whether nearly every row has its own word, or its own whole number of an even spread; not quite every."""
    present = profile.rows - profile.nulls
    if present < FEWEST or is_id_like(profile) or profile.distinct < NEARLY * present:
        return False
    return column.kind == "text" or is_even(np.sort(column.present().astype(np.float64)))


def is_counter(profile: ColumnProfile) -> bool:
    """Whether it has values enough to be a clock, and is not called a name of the row already."""
    return profile.distinct >= FEWEST_TICKS and not is_id_like(profile)


def runs(numbers: Floats) -> float:
    """The rank correlation of numbers with their order, where it is all but 1 or -1; else 0."""
    means = np.array([part.mean() for part in np.array_split(numbers, BLOCKS)])
    if not ((np.diff(means) > 0).all() or (np.diff(means) < 0).all()):
        return 0.0
    along = spearman(np.arange(len(numbers), dtype=np.float64), numbers)
    return along if abs(along) >= RUNS else 0.0


def as_times(numbers: Floats) -> tuple[str, Ints] | None:
    """How numbers in the order of time are read as moments, and these in microseconds; None where they are none."""
    for unit, size in SINCE_1970.items():
        if numbers.min() * size >= FIRST_US and numbers.max() * size <= LAST_US:
            along = spearman(np.arange(len(numbers), dtype=np.float64), numbers)
            return (unit, (numbers * size).astype(np.int64)) if abs(along) >= FOLLOWS else None
    for unit, scale in (("YYYYMMDD", 1), ("YYYYMM", 100)):
        days = numbers * scale + (scale == 100)
        if days.min() >= 19_000_101 and days.max() <= 21_001_231 and (moments := _calendar(days)) is not None:
            return unit, moments
    return None


def _calendar(days: Floats) -> Ints | None:
    """Midnights of days written as eight digits; None if one of them is no day."""
    year, month, day = days // 10_000, days // 100 % 100, days % 100
    if month.min() < 1 or month.max() > 12 or day.min() < 1 or day.max() > 31:
        return None
    first = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1).astype("timedelta64[M]")
    found = first.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    return found.astype(np.int64) * DAY_US if (found.astype("datetime64[M]") == first).all() else None


def _numbers(column: Column, order: Ints) -> Floats | None:
    """Whole numbers, or words that are numbers, of some rows in the order of time; None for all else."""
    some = column.take(order[:: -(-len(order) // SOME) or 1])
    if column.kind == "text":
        if not is_numeric(column.labels):
            return None
        met, place = np.unique(some.present(), return_inverse=True)
        return _finite(_amounts([some.labels[code] for code in met.tolist()])[place])
    return _finite(some.numbers()) if column.kind == "number" else None


def _finite(numbers: Floats) -> Floats | None:
    told = numbers[np.isfinite(numbers)]
    return told if len(told) >= FEWEST else None


def _amounts(words: Sequence[str]) -> Floats:
    """The numbers that words are, NaN for others."""
    try:
        return np.array([*map(float, words)], np.float64)
    except ValueError:
        return np.array([*map(_amount, words)], np.float64)


def _amount(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return np.nan
