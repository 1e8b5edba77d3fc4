"""What answering looks up equals training, after the first landing, later ones, corrections, and at any ask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tidemill as tm
from tests.looked import look_up
from tests.street import DAY, HOUR, Street, table, us
from tests.unit.features.offline.world import END, SECOND_LOOK, START, World
from tidemill.features import offers
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.frame import views_needed, with_features
from tidemill.features.online import entity_key, space
from tidemill.lifecycle.extract import push
from tidemill.spec.view import Lookup

CUSTOMERS = ("a", "b", "c", "nobody", None)


def offline(mill: Street, views: list[Lookup], who: list[str | None], moments: list[int]) -> list[dict[str, Any]]:
    """The features of these asks as training has them."""
    asks = pa.table(
        {
            "_ask": pa.array(range(len(who)), pa.int64()),
            "_asked_us": pa.array(moments, pa.int64()),
            "_own": pa.array([-1] * len(who), pa.int64()),
            "customer": pa.array(who, pa.string()),
        }
    )
    found = with_features(asks, views, mill.lake)
    names = [name for name in found.column_names if "." in name]
    cells = {name: values_of(found[name]) for name in names}
    return [
        {name: None if cells[name].missing[place] else cells[name].data[place] for name in names}
        for place in range(len(who))
    ]


def online(
    mill: Street, views: list[Lookup], who: list[str | None], moments: list[int]
) -> tuple[list[dict[str, Any]], list[bool]]:
    """The same as a server looks them up, and whether the records reach back far enough for all of it."""
    values: list[dict[str, Any]] = [{} for _ in who]
    exact = [True] * len(who)
    for view in views:
        keys = [entity_key([one]) for one in who]
        records = [None if key is None else mill.ctx.online.get(space(view), [key])[0] for key in keys]
        for place, looked in enumerate(look_up(view, records, moments)):
            values[place] |= {f"{view.name}.{name}": value for name, value in looked.values.items()}
            exact[place] = exact[place] and looked.exact
    return values, exact


def lookups(world: World) -> list[Lookup]:
    views = views_needed(world.models["immediate"], world.mill.system)
    return [view for view in views if isinstance(view, Lookup)]


def demand_equal(mill: Street, views: list[Lookup], who: list[str | None], moments: list[int]) -> int:
    """Every look-up that says it is exact equals training; how many did."""
    there = offline(mill, views, who, moments)
    here, exact = online(mill, views, who, moments)
    assert [(a, b) for a, b, sure in zip(here, there, exact, strict=True) if sure and a != b] == []
    return sum(exact)


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000), data=st.data())
def test_looking_up_equals_training_whenever_rows_came(seed: int, data: st.DataObject) -> None:
    world = World(seed)
    mill, views = world.mill, lookups(world)
    who = [customer for customer in CUSTOMERS for _ in range(4)]
    late = [data.draw(st.integers(END, END + 30 * DAY)) for _ in who]
    any_time = [data.draw(st.integers(START, END + 2 * DAY)) for _ in who]
    mill.push()
    assert demand_equal(mill, views, who, late) == len(who)
    demand_equal(mill, views, who, any_time)
    world.land({"events": [*world.events(6), *world.corrected("events")], "customers": world.customers(2)}, END)
    mill.push()
    assert demand_equal(mill, views, who, late) == len(who)
    demand_equal(mill, views, who, any_time)


def test_pushing_in_steps_is_pushing_at_once() -> None:
    """Every record is the same, byte for byte, however often it was brought up on the way."""
    steps = World(5)
    steps.mill.push()
    steps.land({"events": steps.corrected("events")}, SECOND_LOOK + DAY)
    steps.mill.push()
    for view in lookups(steps):
        keys = [key for key in (entity_key([one]) for one in CUSTOMERS) if key]
        stepped = steps.mill.ctx.online.get(space(view), keys)
        steps.mill.ctx.online.drop(space(view))
        steps.mill.ctx.online.write({}, {space(view): ""})
        steps.mill.push()
        again = steps.mill.ctx.online.get(space(view), keys)
        moments = [END + DAY] * len(keys)
        assert look_up(view, stepped, moments) == look_up(view, again, moments)


def test_many_rows_are_brought_up_in_parts_and_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """At first, and when corrections came: all rows of an entity are in one part."""
    whole, parts = World(5), World(5)
    whole.mill.push()
    monkeypatch.setattr(push, "ROWS_AT_ONCE", 7)
    parts.mill.push()
    for world in (whole, parts):
        world.land({"events": world.corrected("events")}, SECOND_LOOK + DAY)
    parts.mill.push()
    monkeypatch.undo()
    whole.mill.push()
    for view in lookups(whole):
        keys = [key for key in (entity_key([one]) for one in CUSTOMERS) if key]
        found = whole.mill.ctx.online.get(space(view), keys)
        assert found == parts.mill.ctx.online.get(space(view), keys)
        assert any(found)


def test_an_event_that_turns_out_to_be_anothers_leaves_its_first_entity() -> None:
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    events = system.source("events", tm.files("events"), key="id", time="at")
    view = system.features("seen", events, entity="customer", windows={"n": tm.count("1d")})
    at = us("2026-01-01")
    kinds = {"at": pa.timestamp("us", tz="UTC"), "customer": pa.string()}
    mill = Street(system, {"events": table([{"id": 1, "at": at, "customer": "a"}], **kinds)})

    def counts() -> list[object]:
        mill.push()
        who: list[str | None] = ["a", "b", "c"]
        moments = [at + HOUR] * 3
        now = at + 2 * DAY if mill.versions[0].number > 1 else at + HOUR
        demand_equal(mill, [view], who, [now] * 3)
        return [row["seen.n"] for row in online(mill, [view], who, moments)[0]]

    mill.extract("events", at)
    assert counts() == [1, 0, 0]
    mill.readers["events"].add(table([{"id": 1, "at": at, "customer": who} for who in ("b", "c", "b")], **kinds))
    mill.extract("events", at)
    assert counts() == [0, 1, 0]
    mill.readers["events"].add(table([{"id": 1, "at": at, "customer": None}], **kinds))
    mill.extract("events", at)
    assert counts() == [0, 0, 0]


def test_what_was_already_brought_up_is_not_touched() -> None:
    world = World(4)
    mill = world.mill
    assert {name for name in mill.push() if name.startswith("view/")} == {space(view) for view in lookups(world)}
    marks = {space(view): mill.ctx.online.mark(space(view)) for view in lookups(world)}
    assert mill.push() == ()
    assert {name: mill.ctx.online.mark(name) for name in marks} == marks
    version = mill.ctx.tables.newest("events")
    assert version is not None
    far = [json.loads(mark) for mark in marks.values()]
    assert (version.name, version.rows) in [(mark["version"], mark["row"]) for mark in far]


def test_an_ask_before_the_kept_rows_is_said_not_to_be_exact(tmp_path: Path) -> None:
    """On LMDB: of three years only what a two-day window can need stays, and an old ask is told so."""
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    events = system.source("events", tm.files("events"), key="id", time="at")
    view = system.features("seen", events, entity="customer", windows={"n": tm.count("2d")})
    at = [us("2023-01-01") + n * DAY for n in range(1000)]
    rows = [{"id": n, "at": t, "customer": "a"} for n, t in enumerate(at)]
    mill = Street(system, {"events": table(rows, at=pa.timestamp("us", tz="UTC"))}, home=tmp_path)
    mill.extract("events")
    mill.push()
    record = mill.ctx.online.get(space(view), [b'["a"]'])[0]
    assert record is not None
    assert len(record) < 1000
    new, old = look_up(view, [record, record], [at[-1] + HOUR, at[500]])
    assert (new.exact, new.values["n"]) == (True, 2)
    assert not old.exact
    mill.ctx.online.close()


@pytest.fixture
def ranked() -> Street:
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    events = system.source("events", tm.files("events"), key="id", time="happened")
    choices = system.candidates(
        "choices", entity="who", item="item", every="0 4 * * *",
        who="select distinct who from events where happened >= $asked_at - interval '2 days'",
        what=["select distinct who, item from events",
              "select item from events group by item order by count(*) desc, item limit 2"],
    )  # fmt: skip
    label = system.label("bought", asked=choices, ahead={"n": tm.count("1d", of=events)}, outcome="n > 0")
    seen = system.features("seen", events, entity="who", windows={"n": tm.count("1d")})

    @system.model(label=label, features=[seen], split=tm.by_time(valid=0.1, test=0.1))
    def ranker(train: tm.Data, valid: tm.Data) -> object:
        return 0.5

    system.rank("recommend", ranker, choices, top=3)
    rows = [
        {"id": 1, "happened": us("2026-01-01"), "who": 1, "item": "ant"},
        {"id": 2, "happened": us("2026-01-02"), "who": 2, "item": "bee"},
        {"id": 3, "happened": us("2026-01-02"), "who": 2, "item": "ant"},
    ]
    mill = Street(system, {"events": table(rows, happened=pa.timestamp("us", tz="UTC"))})
    mill.extract("events")
    return mill


def offered(mill: Street, who: int) -> tuple[tuple[object, ...], bool]:
    place = offers.space("choices")
    own, everybody = mill.ctx.online.get(place, [entity_key([who]) or b"", offers.EVERYBODY])
    found = offers.offer(own, everybody)
    return found.items, found.cold


def test_lists_are_those_of_training_and_the_unknown_get_the_popular_one(ranked: Street) -> None:
    ranked.push("2026-01-02T12:00")
    assert offered(ranked, 1) == (("ant", "bee"), False)
    assert offered(ranked, 2) == (("ant", "bee"), False)
    assert offered(ranked, 9) == (("ant", "bee"), True)


def test_who_is_not_asked_any_more_has_no_list_of_his_own_left(ranked: Street) -> None:
    ranked.push("2026-01-02T12:00")
    ranked.push("2026-01-03T12:00")
    assert offered(ranked, 1) == (("ant", "bee"), True)
    assert offered(ranked, 2) == (("ant", "bee"), False)
