"""The kernel against the definition by brute force, against pandas, and against itself one ask at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.features import brute
from tests.unit.features.brute import Ask, Case, Row
from tidemill.features import sight, window
from tidemill.features.rows import STANDS, Asks, EventRows, Ints, Values, WindowPlan
from tidemill.features.timeline import Timeline, arrange
from tidemill.features.window import evaluate, evaluate_ahead
from tidemill.spec.expression import Column, Expression
from tidemill.spec.view import Aggregate, Window

TIMES = st.integers(-20, 40)
WIDE = 10**17  # stretches times until entity and time no longer fit one integer by offset


@st.composite
def rows(draw: st.DrawFn) -> Row:
    time = draw(TIMES)
    return Row(
        entity=draw(st.integers(-1, 3)),
        time=time,
        known=time + draw(st.sampled_from((0, 0, 1, 4, 30, -3))),
        cents=draw(st.none() | st.integers(-300, 300)),
        word=draw(st.none() | st.sampled_from("abc")),
        kept=draw(st.booleans()),
        until=draw(st.sampled_from((STANDS, STANDS)) | st.integers(-20, 60)),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    events = draw(st.lists(rows(), max_size=25))
    asks = [
        Ask(entity=entity, time=time)
        for entity, time in draw(st.lists(st.tuples(st.integers(-1, 4), st.integers(-25, 60)), max_size=12))
    ]
    own = draw(st.lists(st.integers(0, len(events) - 1), max_size=8)) if events else []
    asks += [Ask(entity=events[place].entity, time=events[place].time, own=place) for place in own]
    shapes = [
        shape
        for length, step in draw(
            st.lists(st.sampled_from(((1, 0), (5, 0), (20, 7), (9, 4), (3, 3))), min_size=1, max_size=2)
        )
        for shape in brute.every_shape(length, step, draw(st.integers(1, 3)), where=draw(st.booleans()))
    ]
    return Case(rows=events, asks=asks, shapes=shapes)


def stretched(case: Case) -> Case:
    """The same case with all times, lengths and steps multiplied."""
    return Case(
        rows=[
            replace(row, time=row.time * WIDE, known=row.known * WIDE, until=min(row.until * WIDE, STANDS))
            for row in case.rows
        ],
        asks=[replace(ask, time=ask.time * WIDE) for ask in case.asks],
        shapes=[
            replace(shape, length=shape.length and shape.length * WIDE, step=shape.step * WIDE) for shape in case.shapes
        ],
    )


def behind(case: Case) -> dict[str, list[brute.Answer]]:
    found = evaluate(brute.plans(case), brute.event_rows(case), brute.moments(case))
    return {name: brute.listed(values) for name, values in found.items()}


def ahead(case: Case) -> dict[str, list[brute.Answer]]:
    found = evaluate_ahead(brute.plans(case), brute.event_rows(case), brute.moments(case))
    return {name: brute.listed(values) for name, values in found.items()}


@given(case=cases(), wide=st.booleans())
def test_features_are_what_the_definition_says(case: Case, wide: bool) -> None:
    case = stretched(case) if wide else case
    assert behind(case) == brute.behind(case)


@given(case=cases(), wide=st.booleans())
def test_ahead_windows_are_what_the_definition_says(case: Case, wide: bool) -> None:
    case = stretched(case) if wide else case
    assert ahead(case) == brute.ahead(case)


@given(case=cases())
def test_one_ask_with_only_what_has_come_gives_the_same_bits_as_the_batch(case: Case) -> None:
    """What online does: the entity's rows that have landed, one ask, no later rows and no other entities."""
    batch = evaluate(brute.plans(case), brute.event_rows(case), brute.moments(case))
    for place, ask in enumerate(case.asks):
        landed = [row for row in case.rows if row.entity == ask.entity and max(row.time, row.known) < ask.time]
        alone = Case(rows=landed, asks=[ask], shapes=case.shapes)
        single = evaluate(brute.plans(alone), brute.event_rows(alone), brute.moments(alone))
        for name, values in batch.items():
            assert values.missing[place] == single[name].missing[0]
            if not values.missing[place]:
                assert values.data[place : place + 1].tolist() == single[name].data.tolist()
                assert values.data.dtype == single[name].data.dtype


def differences() -> int:
    """Values that differ from the definition over a fixed set of random cases."""
    wrong = 0
    for seed in range(40):
        case = brute.some_case(seed)
        for found, meant in ((behind(case), brute.behind(case)), (ahead(case), brute.ahead(case))):
            wrong += sum(a != b for name in meant for a, b in zip(found[name], meant[name], strict=True))
    return wrong


def test_the_fixed_cases_agree_with_the_definition() -> None:
    assert differences() == 0


def late_by_a_microsecond(timeline: Timeline) -> Ints:
    return np.searchsorted(timeline.arrival_keys, timeline.packing(timeline.askers, timeline.moments + 1))


def early_by_a_microsecond(timeline: Timeline) -> Ints:
    return np.searchsorted(timeline.arrival_keys, timeline.packing(timeline.askers, timeline.moments - 1))


def by_event_time_only(timeline: Timeline) -> Ints:
    return timeline.first_from(timeline.moments)


def ending_later_by(shift: int) -> Callable[[EventRows, Asks], Timeline]:
    """The arrangement of rows that all end so much later, but for those that stand."""

    def arranged(rows: EventRows, asks: Asks) -> Timeline:
        until = None if rows.until is None else np.where(rows.until == STANDS, STANDS, rows.until + shift)
        return arrange(replace(rows, until=until), asks)

    return arranged


TAIL, GONE, POSITIONS = sight.tail, sight.gone, Timeline.positions

MUTANTS: dict[str, tuple[object, str, Callable[..., object]]] = {
    "a row of the very moment is seen": (Timeline, "entered", late_by_a_microsecond),
    "the row just before the moment is not seen": (Timeline, "entered", early_by_a_microsecond),
    "only the event time decides what is seen": (Timeline, "entered", by_event_time_only),
    "the tail is a microsecond long": (sight, "tail", lambda *given: TAIL(*given) - 1),
    "the tail is a microsecond short": (sight, "tail", lambda *given: TAIL(*given) + 1),
    "the tail slides though it has steps": (sight, "tail", lambda moments, length, step: TAIL(moments, length, 0)),
    "a value stays a microsecond long": (sight, "gone", lambda *given: GONE(*given) + 1),
    "a value goes a microsecond early": (sight, "gone", lambda *given: GONE(*given) - 1),
    "rows too late for the window count": (sight, "_lasting", lambda *given: None),
    "a version that was replaced is still seen": (window, "arrange", lambda r, a: arrange(replace(r, until=None), a)),
    "a version is seen a microsecond after the next was known": (window, "arrange", ending_later_by(1)),
    "a version is gone a microsecond before the next was known": (window, "arrange", ending_later_by(-1)),
    "the own row is its own future": (Timeline, "positions", lambda self, rows: np.full_like(rows, -1)),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_kernel_that_is_wrong_by_one_is_noticed(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, name, wrong = MUTANTS[mutant]
    monkeypatch.setattr(owner, name, wrong)
    with np.errstate(invalid="ignore"):  # a wrong sum of squares may have no root
        assert differences() > 0


def column(*numbers: float) -> Values:
    return Values.whole(np.array(numbers))


def one_entity(times: list[int], known: list[int] | None = None) -> EventRows:
    seen = None if known is None else np.array(known, np.int64)
    return EventRows(entities=np.zeros(len(times), np.int64), times=np.array(times, np.int64), known=seen)


def asked(*times: int) -> Asks:
    return Asks(entities=np.zeros(len(times), np.int64), times=np.array(times, np.int64))


def plan(
    kind: Aggregate, values: Values | None = None, *, length: int | None = 100, scale: int | None = None
) -> WindowPlan:
    written = Expression(text="price * 2", tree=Column(name="price"))
    window = Window(kind=kind, expression=written, length_us=length, scale=scale, rows=1)
    return WindowPlan(name="spend", window=window, values=values)


@pytest.mark.parametrize("kind", ["count", "sum", "mean", "std", "min", "max"])
def test_sliding_windows_agree_with_pandas(kind: Aggregate) -> None:
    """pandas' rolling window closed on the left is [t - w, t), asked at each row of one entity; Series.std is n - 1."""
    chance = np.random.default_rng(5)
    times = np.sort(chance.choice(100_000, 400, replace=False))
    amounts = np.round(chance.normal(50, 20, 400), 2)
    series = pd.Series(amounts, index=pd.to_datetime(times, unit="us"))
    want = getattr(series.rolling("5000us", closed="left"), kind)().to_numpy()
    found = evaluate([plan(kind, column(*amounts), length=5000)], one_entity(times.tolist()), asked(*times.tolist()))[
        "spend"
    ]
    got = np.where(found.missing, np.nan, found.data.astype(np.float64))
    if kind in {"count", "sum"}:
        want = np.nan_to_num(want)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9)


def test_standard_deviation_meets_the_certified_value_of_nist() -> None:
    """NIST StRD univariate NumAcc4: 10000000.2, then 10000000.1 and .3 in turn 500 times; mean 10000000.2, s = 0.1."""
    values = column(10000000.2, *([10000000.1, 10000000.3] * 500))
    events, ask = one_entity(list(range(1001))), asked(2000)
    assert evaluate([plan("std", values, length=None, scale=1)], events, ask)["spend"].data[0] == 0.1
    assert evaluate([plan("mean", values, length=None, scale=1)], events, ask)["spend"].data[0] == 10000000.2
    assert evaluate([plan("std", values, length=None)], events, ask)["spend"].data[0] == 0.1


def test_squares_beyond_128_bits_are_exact() -> None:
    big = 2**62
    values = Values.whole(np.array([big, -big, big - 1], np.int64))
    mean = big * 2 - 1 - big
    exact = sum((3 * v - mean) ** 2 for v in (big, -big, big - 1)) / (9 * 2)
    assert evaluate([plan("std", values)], one_entity([1, 2, 3]), asked(9))["spend"].data[0] == np.sqrt(exact)


@pytest.mark.parametrize("kind", ["sum", "mean", "std"])
def test_a_sum_that_does_not_fit_is_null_for_those_who_see_it(kind: Aggregate) -> None:
    values = Values.whole(np.array([2**62, 2**62 - 1, 1, -1], np.int64))
    found = evaluate([plan(kind, values, length=3)], one_entity([1, 2, 3, 4]), asked(5, 4, 3, 9))["spend"]
    assert found.unfit is not None  # the asks see the last three, the first three, the first two, and none
    assert (found.unfit.asks.tolist(), found.unfit.scale) == ([False, True, False, False], 0)
    assert found.missing.tolist() == [False, True, False, kind != "sum"]
    exact = {"sum": 2**63 - 1, "mean": (2**63 - 1) / 2, "std": 2**-0.5}
    assert found.data[2] == exact[kind]


def test_a_value_that_does_not_fit_at_its_scale_has_no_sum_where_it_is_seen() -> None:
    ten_billion_won = column(1e10)
    assert evaluate([plan("sum", ten_billion_won)], one_entity([1]), asked(9))["spend"].data[0] == 1e10
    for value in (1e13, -1e13, 1e308):
        found = evaluate([plan("sum", column(value, 2.5), length=9)], one_entity([1, 3]), asked(1, 2, 9, 11))["spend"]
        assert found.missing.tolist() == [False, True, True, False]
        assert found.unfit is not None
        assert (found.unfit.asks.tolist(), found.unfit.scale) == ([False, True, True, False], 6)
        assert found.data[[0, 3]].tolist() == [0.0, 2.5]
    alone = evaluate([plan("std", column(1e13))], one_entity([1]), asked(9))["spend"]
    assert (alone.missing.tolist(), alone.unfit) == ([True], None)
    least = Values.whole(np.array([-(2.0**63)]))
    assert evaluate([plan("sum", least, scale=0)], one_entity([1]), asked(9))["spend"].data[0] == -(2.0**63)


def test_sums_of_other_windows_may_leave_int64_without_harm() -> None:
    """Prefixes over all rows wrap around; each window's own sum fits and is exact."""
    values = Values.whole(np.array([2**62, 2**62, 2**62, -5], np.int64))
    found = evaluate([plan("sum", values, length=1)], one_entity([1, 2, 3, 4]), asked(2, 3, 4, 5))
    assert found["spend"].data.tolist() == [2**62, 2**62, 2**62, -5]


def test_a_sum_of_whole_numbers_is_whole_and_of_decimals_is_not() -> None:
    whole = evaluate([plan("sum", Values.whole(np.array([2, 3])))], one_entity([1, 2]), asked(9))["spend"]
    decimal = evaluate([plan("sum", column(0.1, 0.2))], one_entity([1, 2]), asked(9))["spend"]
    truth = evaluate([plan("mean", Values.whole(np.array([True, False])))], one_entity([1, 2]), asked(9))["spend"]
    assert whole.data.dtype.kind == "i"
    assert whole.data[0] == 5
    assert decimal.data[0] == 0.3
    assert truth.data[0] == 0.5


def test_values_that_are_not_finite_are_null_to_aggregates() -> None:
    values = column(1.0, np.nan, np.inf, -np.inf, 3.0)
    wanted: dict[Aggregate, float] = {"sum": 4, "mean": 2, "min": 1, "max": 3, "count": 2, "distinct": 2}
    for kind, want in wanted.items():
        found = evaluate([plan(kind, values)], one_entity([1, 2, 3, 4, 5]), asked(9))["spend"]
        assert found.data[0] == want


def test_text_has_no_sum() -> None:
    words = Values.whole(np.array(["a", "b"], object))
    found = evaluate([plan("sum", words)], one_entity([1, 2]), asked(1, 9))["spend"]
    assert found.missing.tolist() == [False, True]
    assert found.unfit is not None
    assert (found.unfit.asks.tolist(), found.unfit.text) == ([False, True], True)


def test_nothing_seen_is_zero_for_counts_and_sums_and_null_for_all_else() -> None:
    nobody = Asks(entities=np.array([0, 7, -1]), times=np.array([0, 9, 9]))
    zero: tuple[Aggregate, ...] = ("count", "distinct", "sum")
    null: tuple[Aggregate, ...] = ("mean", "std", "min", "max", "last", "lag", "days_since_last")
    for kind in (*zero, *null):
        found = evaluate([plan(kind, column(1.0))], one_entity([1]), nobody)["spend"]
        assert found.missing.tolist() == [kind in null] * 3
        assert kind in null or found.data.tolist() == [0, 0, 0]


def test_the_tail_moves_in_steps_also_before_1970() -> None:
    """w = 10, step 4: at t = -1 the tail is floor(-11 / 4) * 4 = -12; from t = 2 on -8."""
    found = evaluate(
        [replace(plan("count"), window=Window(kind="count", length_us=10, step_us=4))],
        one_entity([-13, -12, -9, -8]),
        asked(-1, 1, 2),
    )["spend"]
    assert found.data.tolist() == [3, 3, 1]


def test_a_row_known_late_is_not_seen_before_and_is_in_its_place_after() -> None:
    values = column(10.0, 20.0, 30.0)
    events = one_entity([1, 2, 3], known=[1, 50, 3])
    wanted: dict[Aggregate, list[float]] = {"sum": [40, 60], "last": [30, 30], "max": [30, 30], "count": [2, 3]}
    for kind, want in wanted.items():
        assert evaluate([plan(kind, values)], events, asked(50, 51))["spend"].data.tolist() == want
    lag = replace(plan("lag", values), window=Window(kind="lag", length_us=100, rows=2))
    assert evaluate([lag], events, asked(50, 51))["spend"].data.tolist() == [10.0, 20.0]


def test_names_come_back_in_the_order_of_the_plans() -> None:
    values = [column(1.0), column(2.0)]
    named = [replace(plan("sum", values[place % 2]), name=f"f{place}") for place in range(6)]
    assert list(evaluate(named, one_entity([1]), asked(2))) == [f"f{place}" for place in range(6)]


def test_a_version_is_seen_until_the_next_could_be_known_and_not_a_microsecond_longer() -> None:
    """A price of 10 at 1 is corrected to 40 at 50 and the row is deleted at 80; the others stand."""
    events = EventRows(
        entities=np.zeros(4, np.int64),
        times=np.array([1, 2, 3, 1]),
        known=np.array([1, 2, 3, 50]),
        until=np.array([50, STANDS, STANDS, 80]),
    )
    values, moments = column(10.0, 20.0, 30.0, 40.0), asked(50, 51, 80, 81)
    wanted: dict[Aggregate, list[float]] = {
        "sum": [60, 90, 90, 50], "count": [3, 3, 3, 2], "max": [30, 40, 40, 30], "min": [10, 20, 20, 20],
        "distinct": [3, 3, 3, 2], "last": [30, 30, 30, 30],
    }  # fmt: skip
    for kind, want in wanted.items():
        assert evaluate([plan(kind, values)], events, moments)["spend"].data.tolist() == want
    third = replace(plan("lag", values), window=Window(kind="lag", length_us=100, rows=3))
    found = evaluate([third], events, moments)["spend"]
    assert brute.listed(found) == [10.0, 40.0, 40.0, None]


@pytest.mark.parametrize("kind", ["count", "sum", "mean", "std", "min", "max", "distinct", "last", "lag"])
def test_rows_that_all_stand_are_worth_what_rows_without_an_end_are(kind: Aggregate) -> None:
    chance = np.random.default_rng(7)
    rows = one_entity(chance.integers(0, 500, 200).tolist(), chance.integers(0, 600, 200).tolist())
    standing = replace(rows, until=np.full(200, STANDS))
    moments, values = asked(*range(0, 700, 7)), column(*chance.integers(0, 30, 200).astype(float))
    one, other = (evaluate([plan(kind, values)], each, moments)["spend"] for each in (rows, standing))
    assert brute.listed(one) == brute.listed(other)
