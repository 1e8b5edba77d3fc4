"""A record gives what the definition says of all of its entity's rows, however they came in."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.features import brute
from tests.unit.features.brute import CENTS, Answer, Ask, Case, Shape
from tests.unit.features.test_window import rows
from tidemill.errors import StoreError
from tidemill.facts.data import Value
from tidemill.features import merge, reader, tiles
from tidemill.features.merge import merged
from tidemill.features.reader import Reader
from tidemill.features.record import NEVER, NO_SINCE, Row
from tidemill.features.rows import Asks, EventRows, Values, WindowPlan
from tidemill.features.tileplan import Plan, plan_of
from tidemill.features.window import evaluate
from tidemill.spec.expression import Column, Expression, Named
from tidemill.spec.source import Files, Source
from tidemill.spec.view import Lookup, Window

EVENTS = Source(name="events", dataset="events", table=Files(path="x"), key=("id",), time="at")
SLACK = 6
TAIL, START, COUNTED = reader.tail_of, tiles.start_of, merge.counted
HOUR = 3_600_000_000


def column(text: str) -> Expression:
    return Expression(text=text, tree=Column(name=text))


def view_of(shapes: Sequence[Shape], columns: Sequence[str] = ()) -> Lookup:
    """The windows of these shapes."""
    windows = tuple(
        (
            shape.name,
            Window(
                kind=shape.kind,
                expression=None if shape.column == "none" else column(shape.column),
                length_us=shape.length,
                where=column("kept") if shape.where else None,
                step_us=shape.step,
                rows=shape.back,
            ),
        )
        for shape in {shape.name: shape for shape in shapes}.values()
    )
    named = tuple(Named(name=name, expression=column(name)) for name in columns)
    return Lookup(name="v", source=EVENTS, entity=("customer",), columns=named, windows=windows)


def landed(events: Sequence[brute.Row], view: Lookup) -> list[Row]:
    """The rows as the online store takes them."""
    plan = plan_of(view)
    found = []
    for order, event in enumerate(events):
        known: dict[str, Value] = {
            "cents": event.cents,
            "amount": None if event.cents is None else event.cents / CENTS,
            "word": event.word,
            "kept": event.kept,
        }
        cells: list[Value] = [known[named.expression.text] for named in view.columns]
        cells += [None] * (plan.size - len(cells))
        for (_, window), value, mask in zip(view.windows, plan.values, plan.masks, strict=True):
            if value is not None and window.expression is not None:
                cells[value] = known[window.expression.text]
            if mask is not None:
                cells[mask] = event.kept
        found.append(Row(event.time, event.known, event.until, NO_SINCE, order, cells=cells))
    return found


def brief(view: Lookup) -> Plan:
    """The view's plan, for asks that come almost at once."""
    return replace(plan_of(view), slack_us=SLACK, crowded_us=SLACK)


def brought(events: Sequence[Row], view: Lookup, cuts: Sequence[int], now: int = NEVER) -> bytes | None:
    """The record of rows that came in pieces of these sizes, and a last one of the rest."""
    record, place = None, 0
    for size in [*cuts, len(events)]:
        record = merged(record, events[place : place + size], brief(view), now)
        place += size
    return record


def differences(case: Case, cuts: Sequence[int]) -> tuple[int, int]:
    """(looked-up values that say they are exact, those of them that differ from the definition)."""
    view = view_of(case.shapes)
    record, look = brought(landed(case.rows, view), view, cuts), Reader(view)
    meant = brute.behind(case)
    compared = wrong = 0
    newest = max((max(row.time, row.known) for row in case.rows), default=0)
    for place, ask in enumerate(case.asks):
        values, flags = look.read(record, ask.time)
        assert flags in {(), ("forgotten:v",)}
        assert not flags or ask.time < newest - SLACK
        if not flags:
            told = dict(zip(look.names, values, strict=True))
            compared += len(told)
            wrong += sum(not same(value, meant[name][place]) for name, value in told.items())
    return compared, wrong


def same(value: Value, meant: Answer) -> bool:
    """The very same value of the very same type."""
    return value == meant and (type(value) is type(meant) or isinstance(meant, int))


def alone(events: Sequence[brute.Row], times: Sequence[int], shapes: Sequence[Shape]) -> Case:
    """One entity's rows and asks."""
    return Case(
        rows=[replace(row, entity=1) for row in events],
        asks=[Ask(entity=1, time=time) for time in times],
        shapes=shapes,
    )


SHAPES = st.lists(
    st.sampled_from(((1, 0), (5, 0), (20, 7), (9, 4), (3, 3), (None, 0))).flatmap(
        lambda reach: st.tuples(st.just(reach), st.integers(1, 3), st.booleans())
    ),
    min_size=1,
    max_size=3,
).map(
    lambda drawn: (
        [
            shape
            for (length, step), back, where in drawn
            for shape in brute.every_shape(length or 1, step, back, where=where)
        ]
        + [
            Shape(kind=kind, column="amount", length=None, where=where)
            for (length, _), _, where in drawn
            if length is None
            for kind in ("sum", "mean", "std", "min", "max", "distinct", "count")
        ]
    )
)


@given(
    events=st.lists(rows(), max_size=40),
    cuts=st.lists(st.integers(1, 9), max_size=12),
    times=st.lists(st.integers(-25, 70), max_size=12),
    shapes=SHAPES,
)
def test_what_is_read_is_what_the_definition_says(
    events: list[brute.Row], cuts: list[int], times: list[int], shapes: list[Shape]
) -> None:
    assert differences(alone(events, times, shapes), cuts)[1] == 0


def some(seed: int) -> tuple[int, int]:
    """Differences of a random case with many rows in order, as they mostly come."""
    chance = random.Random(seed)
    case = brute.some_case(seed)
    events = sorted(case.rows, key=lambda row: max(row.time, row.known))
    cuts = [chance.randint(1, 5) for _ in range(12)]
    times = [ask.time for ask in case.asks] + [row.until for row in events if row.until != NEVER]
    return differences(alone(events, times, case.shapes), cuts)


def test_the_comparison_is_of_many_values() -> None:
    compared, wrong = map(sum, zip(*(some(seed) for seed in range(80)), strict=True))
    assert compared > 5_000
    assert wrong == 0


@pytest.mark.parametrize(
    ("owner", "name", "wrong"),
    [
        (reader, "tail_of", lambda *given: TAIL(*given) + 1),
        (reader, "sees", lambda row, at: row.time < at + 1 and row.known < at + 1 and at <= row.until),
        (reader, "sees", lambda row, at: row.time < at <= row.until),
        (reader, "sees", lambda row, at: row.time < at and row.known < at),
        (reader, "sees", lambda row, at: row.time < at and row.known < at < row.until),
        (tiles, "start_of", lambda time, group: START(time - 1, group)),
        (merge, "counted", lambda cells, value, mask: COUNTED(cells, value, None if value is None else mask)),
    ],
    ids=["tail", "moment", "event time only", "nothing ends", "ends early", "tile", "mask"],
)
def test_what_is_wrong_by_one_is_noticed(
    owner: object, name: str, wrong: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, wrong)
    assert any(some(seed)[1] for seed in range(200))


def test_totals_of_whole_numbers_go_on_when_fractions_come() -> None:
    """A column of whole numbers is widened: what tiles hold already is made multiples of the scale."""
    shapes = [Shape(kind=kind, column="cents", length=10**9, step=10) for kind in ("sum", "mean", "std")]
    view = view_of(shapes)
    numbers: list[float] = [3, -2, 2**40, 7, 0.25, 1.125]
    events = [Row(n * 10, n * 10, NEVER, NO_SINCE, n, cells=[x]) for n, x in enumerate(numbers)]
    events += [Row(1000 + n, 1000, NEVER, NO_SINCE, 10 + n, cells=[None]) for n in range(9)]
    record = brought(events, view, [4, 2])
    values, flags = Reader(view).read(record, 2000)
    mean = math.fsum(numbers) / len(numbers)
    deviation = math.sqrt(math.fsum((x - mean) ** 2 for x in numbers) / (len(numbers) - 1))
    assert flags == ()
    assert values == [math.fsum(numbers), mean, pytest.approx(deviation, rel=1e-15)]


@pytest.mark.parametrize("folded", [False, True])
def test_a_sum_that_does_not_fit_is_said_until_it_is_out_of_sight(folded: bool) -> None:
    view = view_of(
        [
            Shape(kind="sum", column="amount", length=100, step=10),
            Shape(kind="count", column="none", length=100, step=10),
        ]
    )
    events = [
        Row(5, 5, NEVER, NO_SINCE, 0, cells=[1e15]),
        Row(40, 40, NEVER, NO_SINCE, 1, cells=[2.5]),
    ]
    record = brought(events, view, [1] if folded else [])
    assert Reader(view).read(record, 41) == ([None, 2], (f"overflow:v.{view.windows[0][0]}",))
    assert Reader(view).read(record, 111) == ([2.5, 1], ())


@pytest.mark.parametrize("folded", [False, True])
def test_texts_have_no_sum_for_whom_sees_them(folded: bool) -> None:
    """A column that was empty when the version was trained may bring texts."""
    view = view_of([Shape(kind=kind, column="amount", length=100, step=10) for kind in ("sum", "mean", "std", "count")])
    events = [Row(time, time, NEVER, NO_SINCE, time, cells=["a"]) for time in (5, 6)]
    record = brought([*events, Row(40, 40, NEVER, NO_SINCE, 40, cells=[None])], view, [2] if folded else [])
    values, flags = Reader(view).read(record, 41)
    assert values == [None, None, None, 2]
    assert flags == tuple(f"overflow:v.{name}" for name, _ in view.windows[:3])
    assert Reader(view).read(record, 120) == ([0.0, None, None, 0], ())


BIG = st.sampled_from([9e12, -9e12, 5e12, -5e12, 3e11, 1.5, -2.25, 1e13, -1e300])
"""At 6 decimal places 2^63 is some 9.22e12."""


@given(
    amounts=st.lists(BIG, min_size=1, max_size=12),
    cuts=st.lists(st.integers(1, 4), max_size=6),
    asks=st.lists(st.integers(0, 70), min_size=1, max_size=6),
)
def test_a_sum_fits_for_whom_it_fits_online_and_in_training(
    amounts: list[float], cuts: list[int], asks: list[int]
) -> None:
    shapes = [
        Shape(kind=kind, column="amount", length=length, step=step)
        for length, step in ((10, 0), (20, 7))
        for kind in ("sum", "mean", "std")
    ]
    view = view_of(shapes)
    events = [Row(5 * n, 5 * n, NEVER, NO_SINCE, n, cells=[amount]) for n, amount in enumerate(amounts)]
    record, look = brought(events, view, cuts), Reader(view)
    plans = [WindowPlan(name=name, window=one, values=Values.whole(np.array(amounts))) for name, one in view.windows]
    times = np.arange(len(amounts)) * 5
    moments = Asks(entities=np.zeros(len(asks), np.int64), times=np.array(asks))
    trained = evaluate(plans, EventRows(entities=np.zeros_like(times), times=times), moments)
    for place, at in enumerate(asks):
        values, flags = look.read(record, at)
        for value, (name, window) in zip(values, view.windows, strict=True):
            tail = TAIL(window.length_us, window.step_us, at)
            units = [round(amount * 1e6) for time, amount in zip(times, amounts, strict=True) if tail <= time < at]
            fits = all(-(2**63) <= one < 2**63 for one in [*units, sum(units)])
            fits |= window.kind == "std" and len(units) < 2
            found, unfit = trained[name], trained[name].unfit
            assert fits != (unfit is not None and bool(unfit.asks[place]))
            if (f"forgotten:{view.name}") not in flags:
                assert fits != (f"overflow:{view.name}.{name}" in flags)
                assert value == (None if found.missing[place] else found.data[place])
            if fits and window.kind == "sum":
                assert found.data[place] == sum(units) / 1e6


@pytest.mark.parametrize(
    ("beside", "groups"),
    [
        ({}, 1),
        ({"length": 20}, 1),
        ({"step": 4}, 2),
        ({"where": True}, 2),
        ({"length": None, "step": 0}, 2),
    ],
    ids=["alike", "longer", "other step", "condition", "endless"],
)
def test_rows_are_counted_beside_values_where_these_are_of_the_same_rows(beside: dict[str, Any], groups: int) -> None:
    plain: dict[str, Any] = {"length": 10, "step": 5}
    view = view_of([Shape(kind="count", column="none", **plain), Shape(kind="sum", column="cents", **(plain | beside))])
    assert len(plan_of(view).groups) == groups


def test_rows_without_a_value_are_rows_all_the_same() -> None:
    shapes = [
        Shape(kind="count", column="none", length=10, step=5),
        Shape(kind="count", column="cents", length=10, step=5),
        Shape(kind="sum", column="cents", length=10, step=5),
    ]
    view = view_of(shapes)
    event = brute.Row(entity=1, time=0, known=0, cents=None, word=None, kept=True)
    events = landed([replace(event, time=n, known=n, cents=n % 3 or None) for n in range(200)], view)
    record = brought(events, view, [10] * 19)
    assert Reader(view).read(record, 201) == ([10, 7, 10.0], ())  # rows of 190 to 199: 1 2 - 1 2 - 1 2 - 1


def test_a_record_stays_small_however_many_rows_come() -> None:
    shapes = [
        Shape(kind="sum", column="amount", length=30 * 24 * HOUR, step=24 * HOUR),
        Shape(kind="last", column="word", length=None),
    ]
    view = view_of(shapes, ["word"])
    event = brute.Row(entity=1, time=0, known=0, cents=150, word="a", kept=True)
    events = landed([replace(event, time=n * HOUR // 4, known=n * HOUR // 4) for n in range(4000)], view)
    record = None
    for place in range(0, len(events), 10):
        record = merged(record, events[place : place + 10], plan_of(view))
    assert record is not None
    assert len(record) < 6_000
    first = 264 * 4  # floor((1000 - 720) / 24) * 24 = 264 hours: of that many quarters
    assert Reader(view).read(record, 1000 * HOUR) == (["a", 1.5 * (4000 - first), "a"], ())


@pytest.mark.parametrize(("many", "slack"), [(60, 10 * HOUR), (4_000, HOUR)])
def test_asks_that_are_a_little_late_are_exact_the_less_so_the_more_rows_came(many: int, slack: int) -> None:
    """A tenth of the window, unless that is more rows than are looked at one by one: then a hundredth, or an hour."""
    view = view_of([Shape(kind="count", column="none", length=100 * HOUR, step=HOUR)])
    event = brute.Row(entity=1, time=0, known=0, cents=1, word=None, kept=True)
    end = 300 * HOUR
    times = [end - place * 100 * HOUR // many for place in reversed(range(3 * many))]
    record = merged(None, landed([replace(event, time=time, known=time) for time in times], view), plan_of(view))
    look = Reader(view)
    flags = [look.read(record, end - back)[1] for back in (0, slack, slack + 1, 50 * HOUR)]
    assert flags == [(), (), ("forgotten:v",), ("forgotten:v",)]


def test_a_row_from_the_future_ages_no_other() -> None:
    view = view_of([Shape(kind="count", column="none", length=24 * HOUR, step=HOUR)])
    event = brute.Row(entity=1, time=0, known=0, cents=1, word=None, kept=True)
    events = landed([replace(event, time=n * HOUR, known=n * HOUR) for n in (*range(30), 4000)], view)
    record = merged(merged(None, events[:20], plan_of(view), 29 * HOUR), events[20:], plan_of(view), 29 * HOUR + 1)
    assert Reader(view).read(record, 29 * HOUR + 1) == ([25], ())


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"TM1\n\xff\xff\x00\x00{}", -9, -1, 70])
def test_a_damaged_record_is_said(damage: bytes | int) -> None:
    view = view_of(
        [Shape(kind="sum", column="amount", length=100, step=10), Shape(kind="max", column="word", length=100, step=10)]
    )
    events = landed([brute.Row(entity=1, time=n, known=n, cents=n, word="a", kept=True) for n in range(50)], view)
    record = merged(None, events, brief(view))
    broken = damage if isinstance(damage, bytes) else record[:damage]
    for work in (lambda: Reader(view).read(broken, 60), lambda: merged(broken, events[:1], plan_of(view))):
        with pytest.raises(StoreError) as raised:
            work()
        assert raised.value.code == "store.record-corrupt"


def test_a_record_of_another_view_is_said() -> None:
    view, other = view_of([], ["amount", "word"]), view_of([], ["amount", "word", "kept"])
    event = brute.Row(entity=1, time=0, known=0, cents=1, word="가", kept=True)
    record = merged(None, landed([event], view), plan_of(view))
    assert Reader(view).read(record, 1) == ([0.01, "가"], ())
    with pytest.raises(StoreError):
        Reader(other).read(record, 1)
