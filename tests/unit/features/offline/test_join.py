"""Features and outcomes of landed rows are what the words say, row by row: looked-up, request, functions, labels."""

from __future__ import annotations

import math
from datetime import datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.street import DAY, us
from tests.unit.features.offline.world import Row, World, looked_up, newest, outcomes
from tidemill.features.offline.asks import from_source
from tidemill.features.offline.frame import feature_names, views_needed, with_features
from tidemill.features.offline.outcome import with_outcomes
from tidemill.spec.source import Source

BERLIN = ZoneInfo("Europe/Berlin")
seeds = st.integers(0, 10_000)


def asked(world: World) -> list[tuple[Row, Row]]:
    """Each loan as it was when asked and as it turned out, in the order of the asks."""
    last = {row["loan"]: row for row in newest(world.rows["loans"], "loan")}
    first: dict[int, Row] = {}
    for row in world.rows["loans"]:
        first.setdefault(row["loan"], row)
    order = sorted(first.values(), key=lambda row: (row["asked"], row["_row"]))
    return [(row, last[row["loan"]]) for row in order]


def expected(world: World, ask: Row) -> Row:
    found = looked_up(world, ask)
    n, price, amount, clock = found["past.n_2d"], found["past.price"], ask["amount"], ask["asked"]
    local = datetime.fromtimestamp(clock / 1e6, BERLIN)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    newest_at = found["past.newest_at"]
    return found | {
        "form.amount": amount,
        "form.per_row": amount / n if amount is not None and n else None,
        "form.above": None if amount is None or price is None else amount - price,
        "form.day": us(midnight.isoformat()),
        "form.quiet": None if newest_at is None else newest_at < clock - DAY,
        "late": None if amount is None else local.hour + amount,
    }


def plain(table: pa.Table) -> list[Row]:
    times = [field.name for field in table.schema if pa.types.is_timestamp(field.type)]
    for name in times:
        table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(pa.int64()))
    found: list[Row] = table.to_pylist()
    return found


@settings(max_examples=12)
@given(seed=seeds)
def test_features_are_what_the_words_say(seed: int) -> None:
    world = World(seed)
    model, lake = world.models["immediate"], world.mill.lake
    views = views_needed(model, world.mill.system)
    frame = with_features(from_source(world.loans, lake), views, lake)
    rows = plain(frame)
    assert [row["_asked_us"] for row in rows] == [ask["asked"] for ask, _ in asked(world)]
    for row, (ask, _) in zip(rows, asked(world), strict=True):
        found = {name: row[name] for name in feature_names(model)}
        wanted = expected(world, ask)
        assert {n: v if not isinstance(v, float) else pytest.approx(v) for n, v in wanted.items()} == found


@settings(max_examples=12)
@given(seed=seeds)
def test_outcomes_are_what_the_words_say(seed: int) -> None:
    world = World(seed)
    lake = world.mill.lake
    for name, outcome in outcomes(world).items():
        label = world.labels[name]
        assert isinstance(label.asked, Source)
        table = with_outcomes(from_source(label.asked, lake), label, lake)
        found = {row["loan"]: (row["_y"], row["_known_us"]) for row in table.to_pylist()}
        for ask, last in asked(world):
            y, known = outcome(ask, last)
            if name == "number" and ask["loan"] not in found:
                assert y is None
            else:
                assert found[ask["loan"]] == (y, known), (name, ask, last)


def test_a_correction_changes_the_outcome_and_never_the_request() -> None:
    """The plainest case by hand: a loan of 3 that was good when asked, and of 100 and bad as it turned out."""
    world = next(
        world
        for world in map(World, range(50))
        if any(a["amount"] == 3 and b["amount"] == 100 for a, b in asked(world))
    )
    lake = world.mill.lake
    model = world.models["immediate"]
    table = with_outcomes(from_source(world.loans, lake), model.label, lake)
    rows = with_features(table, views_needed(model, world.mill.system), lake).to_pylist()
    for row, (ask, last) in zip(rows, asked(world), strict=True):
        if ask["amount"] == 3 and last["amount"] == 100:
            assert (row["form.amount"], row["_y"]) == (3, 1.0)


def test_features_do_not_depend_on_what_is_asked_beside() -> None:
    world = World(1)
    lake, model = world.mill.lake, world.models["immediate"]
    views = views_needed(model, world.mill.system)
    asks = from_source(world.loans, lake)
    whole = with_features(asks, views, lake).to_pylist()
    part = with_features(asks.filter(pa.array([place % 3 == 0 for place in range(len(asks))])), views, lake)
    assert part.to_pylist() == whole[::3]


def test_a_feature_never_changes_when_more_lands_that_was_known_later() -> None:
    """Training sets only grow: rows that come later have later known times, corrections of old rows too."""
    world = World(2)
    lake, model = world.mill.lake, world.models["immediate"]
    views = views_needed(model, world.mill.system)
    before = with_features(from_source(world.loans, lake), views, lake).to_pylist()
    now = us("2026-05-01")
    late = [{"id": 900 + n, "at": now + n * DAY, "customer": "a", "kind": "click", "price": 50.0} for n in range(3)]
    moved = [{"customer": "a", "updated": now, "joined": None, "color": "late"}]
    moved += [row | {"color": "corrected"} for row in world.first["customers"]]
    world.land({"events": late, "customers": moved}, now + 9 * DAY)
    assert with_features(from_source(world.loans, world.mill.lake), views, world.mill.lake).to_pylist() == before


def test_the_kinds_of_looked_up_columns_are_kept() -> None:
    world = World(3)
    lake, model = world.mill.lake, world.models["immediate"]
    frame = with_features(from_source(world.loans, lake), views_needed(model, world.mill.system), lake)
    kinds = {name: str(frame.schema.field(name).type) for name in feature_names(model)}
    assert kinds["past.n_2d"] == "int64"
    assert kinds["past.kind"] == "string"
    assert kinds["past.newest_at"] == kinds["who.joined"] == "timestamp[us, tz=UTC]"
    assert kinds["past.price"] == kinds["past.days"] == kinds["late"] == "double"
    assert kinds["form.quiet"] == "bool"
    assert math.isfinite(frame["past.days"][0].as_py() or 0.0)
