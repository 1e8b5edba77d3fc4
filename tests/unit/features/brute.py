"""The windows by their definition: plain Python over every pair of row and ask, exact fractions, no arrays."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tidemill.features.rows import STANDS, Asks, EventRows, Values, WindowPlan
from tidemill.spec.view import Aggregate, Window

DAY_US = 86_400_000_000
CENTS = 100

Answer = float | int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One event: an amount in whole cents (exact), a word, and whether `where` keeps it; None is null."""

    entity: int
    time: int
    known: int
    cents: int | None
    word: str | None
    kept: bool
    until: int = STANDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    entity: int
    time: int
    own: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One declared window and the column it reads: cents as int, as decimal float, or the word; `where` or not."""

    kind: Aggregate
    column: str
    length: int | None
    step: int = 0
    back: int = 1
    where: bool = False

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.column}-{self.length}-{self.step}-{self.back}-{self.where}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    rows: Sequence[Row]
    asks: Sequence[Ask]
    shapes: Sequence[Shape]


def plans(case: Case) -> list[WindowPlan]:
    """The same windows for the kernel."""
    cents = [row.cents for row in case.rows]
    missing = np.array([value is None for value in cents], np.bool_)
    known = np.array([value or 0 for value in cents], np.int64)
    words = np.empty(len(case.rows), object)
    words[:] = [row.word for row in case.rows]
    columns = {
        "cents": Values(data=known, missing=missing),
        "amount": Values(data=np.where(missing, np.nan, known / CENTS), missing=np.zeros(len(cents), np.bool_)),
        "word": Values(data=words, missing=np.array([row.word is None for row in case.rows], np.bool_)),
        "none": None,
    }
    kept = np.array([row.kept for row in case.rows], np.bool_)
    return [
        WindowPlan(
            name=shape.name,
            window=Window(kind=shape.kind, length_us=shape.length, step_us=shape.step, rows=shape.back),
            values=columns[shape.column],
            counted=kept if shape.where else None,
        )
        for shape in case.shapes
    ]


def event_rows(case: Case) -> EventRows:
    return EventRows(
        entities=np.array([row.entity for row in case.rows], np.int64),
        times=np.array([row.time for row in case.rows], np.int64),
        known=np.array([row.known for row in case.rows], np.int64),
        until=np.array([row.until for row in case.rows], np.int64),
    )


def moments(case: Case) -> Asks:
    return Asks(
        entities=np.array([ask.entity for ask in case.asks], np.int64),
        times=np.array([ask.time for ask in case.asks], np.int64),
        own=np.array([ask.own for ask in case.asks], np.int64),
    )


def behind(case: Case) -> dict[str, list[Answer]]:
    """Features: max(time, known) < t <= until and floor((t - w) / step) * step <= time."""

    def seen(row: Row, place: int, ask: Ask, shape: Shape) -> bool:
        tail = -math.inf if shape.length is None else ask.time - shape.length
        if shape.step:
            tail = (
                tail if shape.length is None else math.floor(Fraction(ask.time - shape.length, shape.step)) * shape.step
            )
        return max(row.time, row.known) < ask.time <= row.until and row.time >= tail

    return answers(case, seen)


def ahead(case: Case) -> dict[str, list[Answer]]:
    """Labels: t <= time < t + w on event time, without the own row."""

    def seen(row: Row, place: int, ask: Ask, shape: Shape) -> bool:
        end = math.inf if shape.length is None else ask.time + shape.length
        return ask.time <= row.time < end and place != ask.own

    return answers(case, seen)


def answers(case: Case, seen: Callable[[Row, int, Ask, Shape], bool]) -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = {}
    for shape in case.shapes:
        found[shape.name] = []
        for ask in case.asks:
            picked = [
                (row.time, place)
                for place, row in enumerate(case.rows)
                if row.entity == ask.entity >= 0 and seen(row, place, ask, shape) and (row.kept or not shape.where)
            ]
            found[shape.name].append(aggregate(shape, ask, [case.rows[place] for _, place in sorted(picked)]))
    return found


def aggregate(shape: Shape, ask: Ask, rows: Sequence[Row]) -> Answer:
    """The aggregate of rows that are seen, oldest first."""
    if shape.kind == "days_since_last":
        return (ask.time - rows[-1].time) / DAY_US if rows else None
    cells = [cell(shape, row) for row in rows]
    if shape.kind in {"last", "lag"}:
        value = cells[-shape.back] if len(cells) >= shape.back else None
        return float(value) if isinstance(value, Fraction) else value
    values = [value for value in cells if value is not None]
    match shape.kind:
        case "count":
            return len(rows if shape.column == "none" else values)
        case "distinct":
            return len(set(values))
        case "min" | "max":
            best = (min if shape.kind == "min" else max)(values, default=None)
            return float(best) if isinstance(best, Fraction) else best
    numbers = [Fraction(value) for value in values if not isinstance(value, str)]
    n, sum_ = len(numbers), sum(numbers, Fraction(0))
    match shape.kind:
        case "sum":
            return float(sum_)
        case "mean":
            return float(sum_ / n) if n else None
        case "std":
            return math.sqrt(float(sum((x - sum_ / n) ** 2 for x in numbers) / (n - 1))) if n > 1 else None
    raise AssertionError(shape.kind)


def cell(shape: Shape, row: Row) -> Fraction | int | str | None:
    if shape.column == "word":
        return row.word
    if row.cents is None or shape.column == "none":
        return None
    return row.cents if shape.column == "cents" else Fraction(row.cents, CENTS)


def listed(values: Values) -> list[Answer]:
    """The kernel's column as Python values, None for null."""
    return [None if gone else value for value, gone in zip(values.data.tolist(), values.missing, strict=True)]


def every_shape(length: int, step: int, back: int, *, where: bool) -> list[Shape]:
    """All aggregates over all columns that they can read, one length and step."""
    numbers: tuple[Aggregate, ...] = ("count", "sum", "mean", "std", "min", "max", "distinct", "last", "lag")
    reads = [(kind, column) for kind in numbers for column in ("cents", "amount")]
    words: tuple[Aggregate, ...] = ("min", "max", "distinct", "last", "lag")
    reads += [(kind, "word") for kind in words]
    reads += [("count", "none"), ("days_since_last", "none")]
    shapes = [
        Shape(kind=kind, column=column, length=length, step=step, back=back if kind == "lag" else 1, where=where)
        for kind, column in reads
    ]
    return [
        *shapes,
        Shape(kind="last", column="cents", length=None),
        Shape(kind="days_since_last", column="none", length=None),
    ]


def some_case(seed: int) -> Case:
    """A random case in a narrow range of times, so that ties, late rows and edges abound."""
    chance = random.Random(seed)
    rows = []
    for _ in range(chance.randint(0, 40)):
        time = chance.randint(-20, 40)
        late = chance.choice((0, 0, 0, 1, 3, chance.randint(-5, 40)))
        cents = None if chance.random() < 0.2 else chance.randint(-300, 300)
        word = None if chance.random() < 0.2 else chance.choice("abcd")
        kept = chance.random() < 0.6
        entity, until = chance.randint(-1, 3), chance.choice((STANDS, STANDS, chance.randint(-20, 60)))
        rows.append(Row(entity=entity, time=time, known=time + late, cents=cents, word=word, kept=kept, until=until))
    asks = [Ask(entity=chance.randint(-1, 4), time=chance.randint(-25, 60)) for _ in range(chance.randint(0, 15))]
    asks += [
        Ask(entity=row.entity, time=row.time, own=place) for place, row in enumerate(rows) if chance.random() < 0.4
    ]
    asks += [
        Ask(entity=row.entity, time=row.until + chance.randint(0, 1))
        for row in rows
        if row.until != STANDS and chance.random() < 0.5
    ]
    chance.shuffle(asks)
    length, step = chance.choice(((5, 0), (20, 0), (20, 7), (9, 4), (3, 3), (1, 0)))
    return Case(
        rows=rows, asks=asks, shapes=every_shape(length, step, chance.randint(1, 3), where=chance.random() < 0.5)
    )
