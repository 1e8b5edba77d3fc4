"""Rows out of reach and parts of entities change no value: looked up in parts and pruned equals looked up whole."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tidemill as tm
from tests.street import DAY, Street, table, us
from tests.unit.features.offline.world import World
from tidemill.features.offline import reach
from tidemill.features.offline.asks import from_source
from tidemill.features.offline.frame import views_needed
from tidemill.features.offline.join import looked_up, seen
from tidemill.features.offline.lake import Lake
from tidemill.features.offline.reach import oldest_us, parts_of
from tidemill.features.plan import projection
from tidemill.features.rows import Values
from tidemill.spec.view import Lookup


def plain(values: Values) -> list[object]:
    return [None if gone else cell for cell, gone in zip(values.data.tolist(), values.missing.tolist(), strict=True)]


def views_of(world: World) -> list[Lookup]:
    views = views_needed(world.models["immediate"], world.mill.system)
    return [view for view in views if isinstance(view, Lookup)]


def whole(view: Lookup, asks: pa.Table, lake: Lake) -> dict[str, list[object]]:
    """From every projected row at once, none left out."""
    return {
        name: plain(values)
        for name, values in seen(view, lake.query(f"{projection(view, lake.dialect)} order by _row"), asks).items()
    }


@pytest.mark.parametrize(("rare", "at_once"), [(10**9, 10**9), (0, 10**9), (10**9, 9), (0, 5)])
def test_no_value_depends_on_what_is_left_out_or_how_entities_are_cut(
    rare: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "RARE", rare)
    monkeypatch.setattr(reach, "ROWS_AT_ONCE", at_once)

    @settings(max_examples=8)
    @given(seed=st.integers(0, 10_000), first=st.integers(0, 12), count=st.integers(0, 12))
    def holds(seed: int, first: int, count: int) -> None:
        world = World(seed)
        lake = world.mill.lake
        asks = from_source(world.loans, lake).slice(first, count)
        for view in views_of(world):
            found = looked_up(view, asks, lake)
            assert {name: plain(values) for name, values in found.items()} == whole(view, asks, lake)

    holds()


def test_memory_holds_one_part_of_the_entities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "ROWS_AT_ONCE", 12)
    world = World(3)
    lake, view = world.mill.lake, views_of(world)[0]
    asks = from_source(world.loans, lake)
    parts = parts_of(view, asks, lake, "true")
    assert len(parts) > 1
    assert sorted(place for part in parts for place in part.places.tolist()) == list(range(asks.num_rows))
    held = [
        lake.query(f"select * from ({projection(view, lake.dialect)}) where {part.where}", _asks=asks)["_entity0"]
        for part in parts
    ]
    everyone = lake.query(f"select _entity0 from ({projection(view, lake.dialect)})").num_rows
    assert sum(map(len, held)) == everyone
    assert max(map(len, held)) < everyone
    apart = [set(names.to_pylist()) for names in held]
    assert sum(map(len, apart)) == len(set().union(*apart))


def shop() -> tuple[Street, tm.System]:
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    sales = system.source("sales", tm.files("sales"), key="sale", time="at")
    system.features(
        "week", sales, entity="who", windows={"n": tm.count("7d"), "days": tm.sum("price", "3d", step="1d")}
    )
    system.features("ever", sales, entity="who", windows={"n": tm.count("7d"), "price": tm.last("price")})
    system.features("row", sales, entity="who", columns=["price"], max_age="10d")
    rows = table([{"sale": 1, "at": us("2026-01-01"), "who": "ann", "price": 2.5}])
    at = pa.array([us("2026-01-01")], pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    return Street(system, {"sales": rows.set_column(1, "at", at)}), system


def test_the_oldest_row_in_reach_is_that_of_the_longest_window_and_none_where_one_has_no_end() -> None:
    mill, _ = shop()
    week, ever, row = (view for view in mill.system.views if isinstance(view, Lookup))
    asked = us("2026-02-01T12:00:00")
    assert oldest_us(week, asked) == asked - 7 * DAY
    assert oldest_us(ever, asked) is None
    assert oldest_us(row, asked) == asked - 10 * DAY
