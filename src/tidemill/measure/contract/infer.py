"""From rows that a person takes for good to the rules that they seem to promise.

A rule is proposed only if it would have held: made from the older half of the rows (by time), it must be kept by the
newer half, else the column is not of the kind that the rule speaks of. Bounds leave room, each for the reason that its
function gives: a rule that cries wolf is switched off and then protects nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

import numpy as np

from tidemill.measure.arrays import Ints
from tidemill.measure.column import Column
from tidemill.measure.contract.chance import exceeds
from tidemill.measure.duplicates import row_codes
from tidemill.spec.contract.record import SHARES, USUAL, Kind, Rule

FEWEST = 100
"""Rows of each half below which a column is only promised to be there."""
FEW_WORDS = 30
SEEN = 5
"""Rows in which each word must have come: by Good and Turing, where none came once, hardly any is still to come."""
EMPTY = 0.01
"""Share of nulls that is allowed to a column that was always filled: one careless row is no broken feed."""
HALF = 0.5
HEAVY = 10.0
"""How often the middle 98 of 100 values fit into their whole extent before the largest are said to stand alone."""
NEAR = 0.01
"""How near to zero, against the other end, values come that are said to come up to it."""
WEEK_US = 7 * 86_400_000_000
DAY_US = 86_400_000_000
WEEKS = 4
PAUSE_US = 30 * DAY_US
SLACK = 3.0
"""How many times fewer or more rows a day may come than in the leanest and the fullest week."""
OTHER = 0.001
"""Share of rows that may say another word: a slip of the pen is no new population."""
ASIDE = 0.05
"""Share of new rows that may be put aside: above one in twenty what is left is hardly the same population."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Good rows of a dataset, in order of time. `batch`: in which pass each landed. `put_aside`: rows beside them."""

    columns: Mapping[str, Column]
    types: Mapping[str, str]
    key: tuple[str, ...]
    time: str
    batch: Column
    put_aside: int
    now_us: int

    @property
    def rows(self) -> int:
        """How many."""
        return self.batch.rows

    def part(self, rows: slice) -> Sample:
        """Some of its rows."""
        columns = {name: column.take(rows) for name, column in self.columns.items()}
        return Sample(
            columns=columns,
            types=self.types,
            key=self.key,
            time=self.time,
            batch=self.batch.take(rows),
            put_aside=0,
            now_us=self.now_us,
        )


def infer(sample: Sample) -> tuple[Rule, ...]:
    """The rules of the table, then of each column in its order."""
    halves = (sample.part(slice(0, sample.rows // 2)), sample.part(slice(sample.rows // 2, None)))
    return (*of_table(sample, halves), *of_columns(sample, halves))


def of_columns(sample: Sample, halves: tuple[Sample, Sample]) -> Iterator[Rule]:
    """Each column is there and of its type; how full it is, how far it goes, which words it has, where that holds."""
    makers = ((nulls, empty), (extent, beyond), (words, unknown))
    for name in sample.columns:
        if sample.types[name] != "unknown":
            yield rule("type", name, text=sample.types[name])
        for make, breaks in makers if halves[0].rows >= FEWEST else ():
            older, newer = make(halves[0], name), halves[1].columns[name]
            allowed = older.most or 0.0 if older is not None and older.kind in SHARES else 0.0
            if (
                older is not None
                and not exceeds(breaks(older, newer), newer.rows, allowed)
                and (made := make(sample, name))
            ):
                yield made


def rule(kind: Kind, column: str = "", **given: Any) -> Rule:
    """A rule that does what its kind usually does."""
    return Rule(kind=kind, severity=USUAL[kind], column=column, **given)


def nulls(sample: Sample, name: str) -> Rule | None:
    """How empty a column may be: twice what it was, a hundredth at least; none where that is all of it.

    A column of the key that was never empty is promised to be so: a row without its key is no row.
    """
    column = sample.columns[name]
    if name == sample.time:
        return None  # a row without its time is no event yet and does not land
    if name in sample.key:
        return None if column.nulls else Rule(kind="nulls", severity="stop", column=name, most=0.0)
    most = max(EMPTY, rounded_up(2 * column.nulls / max(column.rows, 1)))
    return rule("nulls", name, most=most) if most <= HALF else None


def empty(_: Rule, column: Column) -> int:
    """Rows that are null."""
    return column.nulls


def extent(sample: Sample, name: str) -> Rule | None:
    """How far a number may go: once more as far as it went, and ten times as far where its largest stand alone.

    Ten times is what a wrong unit (60, 100, 1,000) or a shifted decimal point goes beyond and a busy season does not.
    A side of zero that values come up to and never cross stays empty: amounts, counts, ages. Numbers that name
    something (the key, whole numbers that hardly repeat), those that rise or fall with time (a week's number: half of
    the newer half lies outside of the older one) and columns of one value have no extent.
    """
    column = sample.columns[name]
    if column.kind != "number" or name in sample.key:
        return None
    values = column.present().astype(np.float64)
    values = values[np.isfinite(values)]
    different = len(np.unique(values))
    if len(values) < FEWEST or different < 3 or (sample.types[name] == "int" and different > len(values) / 2):
        return None
    older, newer = values[: len(values) // 2], values[len(values) // 2 :]
    if np.mean((newer < older.min()) | (newer > older.max())) > HALF:
        return None
    low, high = float(values.min()), float(values.max())
    body = float(np.subtract(*np.quantile(values, (0.99, 0.01))))
    room = (high - low) * (HEAVY - 1 if high - low > HEAVY * body else 1)
    least = 0.0 if 0 <= low <= NEAR * high else rounded_down(low - room)
    most = 0.0 if NEAR * low <= high <= 0 else rounded_up(high + room)
    return rule("range", name, least=least, most=most)


def beyond(made: Rule, column: Column) -> int:
    """Rows outside of a range; infinite ones count as null, not here."""
    values = column.present().astype(np.float64)
    values = values[np.isfinite(values)]
    least, most = (-np.inf if made.least is None else made.least), (np.inf if made.most is None else made.most)
    return int(((values < least) | (values > most)).sum())


def words(sample: Sample, name: str) -> Rule | None:
    """Which words there are, where they are few and each came often enough that no other is to be expected."""
    column = sample.columns[name]
    if column.kind != "text" or sample.types[name] != "text" or name in sample.key:
        return None
    codes, counts = np.unique(column.present(), return_counts=True)
    if not len(codes) or len(codes) > FEW_WORDS or counts.min() < SEEN:
        return None
    return rule("values", name, among=tuple(sorted(column.labels[code] for code in codes.tolist())), most=OTHER)


def unknown(made: Rule, column: Column) -> int:
    """Rows with another word."""
    known = [code for code, word in enumerate(column.labels) if word in made.among]
    return int((~np.isin(column.present(), known)).sum())


def of_table(sample: Sample, halves: tuple[Sample, Sample]) -> Iterator[Rule]:
    """What holds of all rows together."""
    for columns in [sample.key, (*sample.key, sample.time)] if sample.key else []:
        if not repeated(sample, columns):
            yield rule("unique", of=columns)
            break
    made, older = volume(sample), volume(halves[0])
    if made is not None and older is not None and older.least is not None and older.most is not None:
        weeks = by_week(halves[1]) / 7
        if len(weeks) and older.least <= weeks.min() and weeks.max() <= older.most:
            yield made
    yield from freshness(sample)
    share = sample.put_aside / max(sample.rows + sample.put_aside, 1)
    yield rule("put_aside", most=min(1.0, max(ASIDE, rounded_up(2 * share))))
    yield rule("new_columns")


def repeated(sample: Sample, columns: tuple[str, ...]) -> int:
    """Rows that repeat another of the same pass; a later pass brings corrections, which are no repeats."""
    codes = row_codes([sample.batch, *(sample.columns[name] for name in columns)])
    return len(codes) - len(np.unique(codes))


def volume(sample: Sample) -> Rule | None:
    """Rows a day, over whole weeks so that no weekday counts: a third of the leanest to three times the fullest week.

    None where fewer than four weeks were seen, or a week without a row: such a feed comes as it likes.
    """
    weeks = by_week(sample)
    if len(weeks) < WEEKS or not weeks.min():
        return None
    least, most = rounded_down(weeks.min() / 7 / SLACK), rounded_up(weeks.max() / 7 * SLACK)
    return rule("volume", least=least, most=most)


def by_week(sample: Sample) -> Ints:
    """Rows of each whole week from the first row on."""
    moments = sample.columns[sample.time].present()
    if not len(moments):
        return np.zeros(0, np.int64)
    whole = int(moments.max() - moments.min()) // WEEK_US
    place = (moments - moments.min()) // WEEK_US
    return np.bincount(place[place < whole], minlength=whole).astype(np.int64)


def freshness(sample: Sample) -> Iterator[Rule]:
    """How old the newest row may be: three times the longest pause so far, two days at least.

    Only a feed that is fresh by this measure when the contract is made is promised to stay so: a table of the past is
    old whenever it is read. One that once paused for a month may do so again.
    """
    moments = np.unique(sample.columns[sample.time].present())
    if len(moments) >= FEWEST:
        longest = int(np.diff(moments).max())
        if longest > PAUSE_US:
            return
        within = max(2, ceil(SLACK * longest / DAY_US)) * DAY_US
        if 0 <= sample.now_us - int(moments[-1]) <= within:
            yield rule("fresh", most=float(within))


def rounded_up(value: float) -> float:
    """To two digits, away from below."""
    return rounded(value, ceil)


def rounded_down(value: float) -> float:
    """To two digits, away from above."""
    return rounded(value, floor)


def rounded(value: float, toward: Callable[[float], int]) -> float:
    """To two significant digits."""
    if value == 0:
        return 0.0
    digits = 1 - floor(log10(abs(value)))
    scale = 10.0**digits
    return float(f"{toward(round(value * scale, 6)) / scale:.12g}")
