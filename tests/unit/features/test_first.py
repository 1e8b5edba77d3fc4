"""Reading many records in one step each gives what reading them step by step gives, whatever they hold."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.errors import StoreError
from tidemill.facts.data import Value
from tidemill.features.merge import merged
from tidemill.features.reader import Reader
from tidemill.features.record import NEVER, NO_SINCE, Row
from tidemill.features.tileplan import plan_of
from tidemill.spec.expression import Column, Expression, Named
from tidemill.spec.source import Files, Source
from tidemill.spec.view import Lookup

EVENTS = Source(name="events", dataset="events", table=Files(path="x"), key=("id",), time="at")
HOUR = 3_600_000_000

times = st.integers(0, 6).map(lambda hours: hours * HOUR)
cells = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False), st.text(max_size=4)
)


def view_of(many: int) -> Lookup:
    named = tuple(
        Named(name=f"f{n}", expression=Expression(text=f"f{n}", tree=Column(name=f"f{n}"))) for n in range(many)
    )
    return Lookup(name="v", source=EVENTS, entity=("customer",), columns=named)


def record_of(rows: Sequence[tuple[int, int, int, Sequence[Value]]], view: Lookup) -> bytes:
    """A record of rows by time, known, until and cells."""
    landed = [
        Row(time, known, until, NO_SINCE, order, tuple(seen)) for order, (time, known, until, seen) in enumerate(rows)
    ]
    return merged(None, landed, plan_of(view), NEVER)


@st.composite
def records(draw: st.DrawFn, many: int) -> bytes | None:
    """A record: of numbers alone more often than not."""
    if draw(st.integers(0, 5)) == 0:
        return None
    kind = draw(st.sampled_from([st.integers(-5, 5), st.floats(allow_nan=False), cells]))
    row = st.tuples(times, times, times | st.just(NEVER), st.lists(kind, min_size=many, max_size=many))
    return record_of(draw(st.lists(row, max_size=4)), view_of(many))


@given(data=st.data(), many=st.sampled_from([1, 3, 64, 65]))
def test_many_at_once_is_one_by_one(data: st.DataObject, many: int) -> None:
    found = data.draw(st.lists(records(many), max_size=5))
    moments = data.draw(st.lists(times, min_size=len(found), max_size=len(found)))
    reader = Reader(view_of(many))
    told = [(list(values), flags) for values, flags in reader.read_all(found, moments)]
    slow = [reader.read(record, moment) for record, moment in zip(found, moments, strict=True)]
    assert told == [(list(values), exact) for values, exact in slow]
    kinds = [[type(value) for value in values] for values, _ in told]
    assert kinds == [[type(value) for value in values] for values, _ in slow]


@pytest.mark.parametrize("damage", range(0, 100, 7))
def test_a_damaged_record_is_said_as_by_steps(damage: int) -> None:
    view = view_of(3)
    good = record_of([(0, 0, NEVER, (1.0, 2.0, 3.0))], view)
    reader = Reader(view)
    assert [(list(values), flags) for values, flags in reader.read_all([good], [HOUR])] == [([1.0, 2.0, 3.0], ())]
    for bad in (good[:damage], good[: len(good) - 1], good + b"\0", b"TM1\n" + good[4:]):
        with pytest.raises(StoreError, match="record-corrupt"):
            reader.read_all([good, bad], [HOUR, HOUR])


def test_a_view_with_a_greatest_age_is_read_step_by_step() -> None:
    plain, aged = view_of(1), view_of(1)
    aged = Lookup(name="v", source=EVENTS, entity=("customer",), columns=plain.columns, max_age_us=HOUR)
    record = record_of([(0, 0, NEVER, (1.0,))], aged)
    moments = [HOUR, HOUR + 1]
    assert [list(values) for values, _ in Reader(aged).read_all([record] * 2, moments)] == [[1.0], [None]]
    assert [list(values) for values, _ in Reader(plain).read_all([record] * 2, moments)] == [[1.0], [1.0]]
