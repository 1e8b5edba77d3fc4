"""Decimals that come with another type in each pass, as drivers give them, are read back to the last place."""

from __future__ import annotations

from decimal import Context, Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.street import COMPUTE, Street, table, us
from tests.unit.lifecycle.extract.test_stage import event, push, street
from tidemill.errors import DataError
from tidemill.facts.data import ColumnType
from tidemill.features.decimals import held, room
from tidemill.lifecycle.extract.normalise import exact
from tidemill.lifecycle.extract.pushed import decimals
from tidemill.stores.memory.source import MemoryReader

WIDE = Context(prec=1000)


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


def push_prices(mill: Street, *prices: object) -> None:
    """Rows of these prices, from 1 on, as the server writes them."""
    at = us("2026-01-20")
    push(mill, "2026-01-20", *({"id": place, "at": at, "price": price} for place, price in enumerate(prices, 1)))


def pushed_on(kind: pa.DataType, first: object, *prices: object) -> tuple[Street, list[pa.DataType]]:
    """A column of that type with one value, then these pushed; the types of the files."""
    mill = street(table([event(0, price=first)], price=kind))
    mill.extract("events")
    push_prices(mill, *prices)
    version = mill.extract("events", "2026-01-21")
    return mill, [mill.ctx.tables.read([file]).schema.field("price").type for file in version.files]


def test_what_is_pushed_lands_in_the_columns_own_type() -> None:
    mill, kinds = pushed_on(pa.decimal128(12, 2), Decimal("1.05"), "1234567890.05", 0.07, 3, None)
    assert kinds == [pa.decimal128(12, 2)] * 2
    found = mill.landed("events").sort_by("id")["price"].to_pylist()
    assert found == [Decimal("1.05"), Decimal("1234567890.05"), Decimal("0.07"), Decimal(3), None]
    (column,) = (column for column in mill.versions[0].columns if column.name == "price")
    assert (column.type, column.decimal) == ("float", (12, 2))


def test_a_pushed_decimal_with_more_places_keeps_them() -> None:
    mill, kinds = pushed_on(pa.decimal128(12, 2), Decimal("1.05"), "0.105", "99999999999")
    assert kinds == [pa.decimal128(12, 2), pa.decimal128(14, 3)]
    found = COMPUTE.query(
        "select price from events order by id", {"events": mill.ctx.tables.paths(mill.versions[0].files)}
    )
    assert found["price"].to_pylist() == [Decimal("1.05"), Decimal("0.105"), Decimal(99999999999)]


def test_a_pushed_decimal_that_no_type_has_room_for_puts_its_row_aside() -> None:
    mill, _ = pushed_on(pa.decimal128(12, 2), Decimal("1.05"), "1" + "0" * 18, "0.5", "much")
    version = mill.versions[0]
    assert (version.rows, version.put_aside) == (2, 2)
    aside = mill.ctx.tables.read(version.rejected)
    assert aside["_reason"].to_pylist() == ["price is decimal(12, 2)"] * 2


def test_nothing_but_nulls_lands_in_the_columns_own_type_too() -> None:
    mill, kinds = pushed_on(pa.decimal128(12, 2), Decimal("1.05"), None)
    assert kinds == [pa.decimal128(12, 2)] * 2
    rows = [event(0, price=None), event(9, price=None)]
    mill.readers["events"].add(table(rows, price=pa.float64()))
    version = mill.extract("events")
    assert {mill.ctx.tables.read([file]).schema.field("price").type for file in version.files} == set(kinds)


def test_a_column_that_came_to_hold_floats_takes_them() -> None:
    """The server took the digits while the column was still of decimals."""
    mill = street(table([event(0, price=0.5)], price=pa.float64()))
    mill.extract("events")
    push_prices(mill, "1.05")
    mill.extract("events", "2026-01-21")
    assert mill.landed("events").sort_by("id")["price"].to_pylist() == [0.5, 1.05]


@settings(max_examples=30)
@given(
    st.tuples(st.integers(1, 38), st.integers(0, 20)).filter(lambda kind: kind[1] <= kind[0]),
    st.lists(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20), max_size=4),
)
def test_a_decimal_is_held_to_its_last_digit_or_not_at_all(kind: tuple[int, int], drawn: list[Decimal]) -> None:
    column = ColumnType(name="price", type="float", decimal=kind)
    there = [value for value in (held(one, column) for one in drawn) if value is not None]
    array = decimals(there, kind)
    assert array.type.precision <= 38
    assert array.to_pylist() == there
    whole, places = room(column)
    for value in drawn:
        fits = value == value.quantize(Decimal(1).scaleb(-places), context=WIDE) and abs(value) < Decimal(10) ** whole
        assert (held(value, column) is not None) == fits
