"""Decimals that come with another type in each pass, as drivers give them, are read back to the last place."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.street import COMPUTE, table
from tests.unit.lifecycle.extract.test_stage import event, street
from tidemill.errors import DataError
from tidemill.lifecycle.extract.normalise import exact
from tidemill.stores.memory.source import MemoryReader


def read_back(values: list[Decimal], kinds: list[pa.DataType]) -> list[Decimal]:
    """Each value landed in a pass of its own, in its type, then all of them asked for in one query."""
    rows = [event(place, price=value) for place, value in enumerate(values)]
    mill = street(table(rows[:1], price=kinds[0]))
    for place, kind in enumerate(kinds):
        seen = [event(n, price=Decimal(0)) for n in range(place)]
        mill.readers["events"] = MemoryReader(table([*seen, rows[place]], price=kind))
        version = mill.extract("events")
    paths = {"events": mill.ctx.tables.paths(version.files)}
    found: list[Decimal] = COMPUTE.query("select price from events order by id", paths)["price"].to_pylist()
    assert [Decimal(value) for value in mill.landed("events")["price"].to_pylist()] == values
    return found


@pytest.mark.parametrize("turned", [False, True])
def test_places_are_not_cut_though_types_of_38_digits_have_none_in_common(turned: bool) -> None:
    values = [Decimal("1.25"), Decimal("-1.23456"), Decimal("123456789012345678.1")]
    kinds = [pa.decimal128(38, 2), pa.decimal128(38, 5), pa.decimal128(38, 10)]
    if turned:
        values, kinds = values[::-1], kinds[::-1]
    assert read_back(values, kinds) == values


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(st.integers(-(10**18) + 1, 10**18 - 1), st.integers(1, 20), st.integers(0, 10**20 - 1)),
        min_size=1,
        max_size=4,
    )
)
def test_any_numbers_of_18_digits_and_20_places_come_back(drawn: list[tuple[int, int, int]]) -> None:
    values, kinds = [], []
    for whole, places, fraction in drawn:
        behind = str(fraction).zfill(20)[:places]
        values.append(Decimal(f"{whole}.{behind}"))
        kinds.append(pa.decimal128(38, places))
    assert read_back(values, kinds) == values


def test_whole_numbers_that_get_places_stay_readable() -> None:
    values = [Decimal(9_223_372_036_854_775_807), Decimal("0.5"), Decimal("123456789012345678.25")]
    assert read_back(values, [pa.int64(), pa.decimal128(19, 1), pa.decimal128(38, 2)]) == values


def test_a_whole_number_that_no_float_holds_is_no_fraction() -> None:
    mill = street(table([event(1, price=0.5)]))
    mill.extract("events")
    mill.readers["events"] = MemoryReader(table([event(1, price=0), event(2, price=2**53 + 1)]))
    with pytest.raises(DataError) as caught:
        mill.extract("events")
    assert caught.value.code == "data.type-changed"


def test_numbers_that_need_more_stay_in_their_type() -> None:
    wide = pa.chunked_array([pa.array([Decimal(10) ** 25], pa.decimal128(38, 2))])
    long = pa.chunked_array([pa.array([Decimal("0." + "1" * 30)], pa.decimal128(38, 30))])
    assert exact(wide) is wide
    assert exact(long) is long
    short = pa.chunked_array([pa.array([Decimal("0.5"), None], pa.decimal128(38, 30))])
    assert (exact(short).type, exact(short).to_pylist()) == (pa.decimal128(38, 20), [Decimal("0.5"), None])
    money = pa.chunked_array([pa.array([Decimal("1.50")], pa.decimal128(9, 2))])
    assert exact(money) is money
