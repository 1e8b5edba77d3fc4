"""What is looked up while answering equals what landed rows give as of the moment and of what was held then."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import tidemill as tm
from tests.looked import Looked, look_up
from tests.street import DAY, HOUR, Street, table, us
from tidemill.features import plan
from tidemill.features.offline.asks import ASK, ASKED
from tidemill.features.offline.columns import array_of
from tidemill.features.offline.lake import Lake
from tidemill.features.offline.parity import missed, of_entities, recomputed
from tidemill.features.online import entity_key, space
from tidemill.features.record import unpacked
from tidemill.features.tileplan import plan_of
from tidemill.lifecycle.extract import push
from tidemill.spec.view import Lookup

START = us("2026-03-20")
KINDS = {
    "events": {
        "id": pa.int64(), "at": pa.timestamp("us", tz="UTC"), "customer": pa.int64(), "item": pa.string(),
        "kind": pa.string(), "price": pa.float64(), "n": pa.int64(),
    },
    "customers": {
        "customer": pa.int64(), "updated": pa.timestamp("us", tz="UTC"), "joined": pa.timestamp("us", tz="UTC"),
        "color": pa.string(),
    },
}  # fmt: skip


def declared() -> tm.System:
    """Every kind of view and window that is looked up."""
    system = tm.System("shop", owner="o@shop.example", zone="Europe/Berlin")
    events = system.source("events", tm.files("events"), key="id", time="at", known="at + interval '1 hour'")
    customers = system.source("customers", tm.files("customers"), key="customer", time="updated", since="joined")
    system.features("past", events, entity="customer", columns=["price", "kind", "bucket(n, 3, 6) as some"], windows={
        "n_1d": tm.count("1d", step="0s"), "clicks_20d": tm.count("20d", where="kind = 'click'"),
        "spend_20d": tm.sum("price", "20d", scale=2), "sum_2d": tm.sum("n", "2d"),
        "mean_2d": tm.mean("n * price", "2d"), "std_2d": tm.std("price", "2d"), "lowest_3d": tm.min("price", "3d"),
        "last_word": tm.max("kind", "3d"),
        "items_2d": tm.distinct("item", "2d"), "second": tm.lag("price", 2, within="12h"),
        "last_click": tm.last("price", where="kind = 'click'"), "days": tm.days_since_last(),
        "days_click": tm.days_since_last(where="kind = 'click'"), "newest_at": tm.last("at")})  # fmt: skip
    clicks = events.where("kind = 'click' and price > 2", name="clicks")
    system.features("clicked", clicks, entity="item", columns=["price"], windows={"days": tm.days_since_last()})
    system.features("pair", events, entity=["customer", "item"], windows={
        "n_20d": tm.count("20d"), "days": tm.days_since_last()})  # fmt: skip
    system.features("some", events.sample(0.5), entity="customer", windows={"n_2d": tm.count("2d")})
    system.features("who", customers, entity="customer", columns=["color", "joined"], max_age="20d")
    return system


@dataclass(slots=True)
class Answered:
    """Asks of one view with what was looked up, and the mark that held then."""

    view: Lookup
    asks: list[dict[str, Any]] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    found: list[Looked] = field(default_factory=list)


class History:
    """Rows that land in batches, some late, some again, some corrected; after each the store is asked."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.street = Street(declared(), {name: table([], **kinds) for name, kinds in KINDS.items()})
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in KINDS}
        self.now = START
        views = [view for view in self.street.system.views if isinstance(view, Lookup)]
        self.answered = [Answered(view) for view in views]

    def live(self, batches: int) -> None:
        """One batch after the other."""
        for _ in range(batches):
            self.now += self.random.choice([HOUR, DAY, 9 * DAY, 40 * DAY])
            for name, make in (("events", self.event), ("customers", self.customer)):
                rows = [make() for _ in range(self.random.randint(0 if self.rows[name] else 1, 12))]
                rows += [self.corrected(name) for _ in range(self.random.randint(0, 4)) if self.rows[name]]
                self.rows[name] += rows
                self.street.readers[name].add(table(rows, **KINDS[name]))
                self.street.extract(name, self.now)
            if self.random.random() < 0.8:
                self.street.push(self.now)
            self.ask()

    def moment(self) -> int:
        return self.now - self.random.choice([0, 1, HOUR // 2, HOUR, 7 * HOUR, DAY, 30 * DAY, -2 * HOUR, -3 * DAY])

    def event(self) -> dict[str, Any]:
        pick = self.random.choice
        return {
            "id": len(self.rows["events"]) * 100 + self.random.randint(0, 99), "at": self.moment(),
            "customer": pick([1, 2, None]), "item": pick(["tea", "", None]), "kind": pick(["click", "view", None]),
            "price": pick([None, 1.25, 4.5, 9.0, 11.1]), "n": pick([None, 1, 4, 7]),
        }  # fmt: skip

    def customer(self) -> dict[str, Any]:
        at, pick = self.moment(), self.random.choice
        joined = pick([None, at - 30 * DAY, at - HOUR])
        return {"customer": pick([1, 2]), "updated": at, "joined": joined, "color": pick(["red", "blue", None])}

    def corrected(self, name: str) -> dict[str, Any]:
        """A row again, mostly one of the last, as it is or with another kind, price or entity."""
        row = self.random.choice(self.rows[name][-6:] if self.random.random() < 0.7 else self.rows[name])
        fresh = self.event() if name == "events" else self.customer()
        free = [column for column in row if column not in {"id", "at", "updated"}]
        if name == "customers":
            free.remove("customer")
        return row | {column: fresh[column] for column in self.random.sample(free, self.random.randint(0, 2))}

    def ask(self) -> None:
        """Everybody, some nobody knows, now and at odd moments."""
        asks = [{"customer": one, "item": item} for one in (1, 2, 3, None) for item in ("tea", "", "none", None)]
        for one in self.answered:
            where, online = space(one.view), self.street.ctx.online
            mark = online.mark(where)
            moments = [self.random.choice([self.now, self.now + 1, self.moment(), self.moment()]) for _ in asks]
            keys = [entity_key([ask[name] for name in one.view.entity]) for ask in asks]
            records = [None if key is None else online.get(where, [key])[0] for key in keys]
            one.asks += asks
            one.moments += moments
            one.held += [json.loads(mark)["row"] if mark else 0] * len(asks)
            one.found += look_up(one.view, records, moments)

    def unlike(self, lake: Lake | None = None, later_us: int = 0) -> list[tuple[object, ...]]:
        """Values that were looked up otherwise than landed rows give, of look-ups that say they are exact."""
        found: list[tuple[object, ...]] = []
        for one in self.answered:
            asks = pa.table({
                ASK: pa.array(range(len(one.asks)), pa.int64()), ASKED: pa.array(np.array(one.moments) + later_us),
                "customer": array_of([ask["customer"] for ask in one.asks], "int"),
                "item": array_of([ask["item"] for ask in one.asks], "text"),
            })  # fmt: skip
            table = recomputed(asks, {one.view.name: np.array(one.held)}, [one.view], lake or self.street.lake)
            for name in one.found[0].values:
                offline = plain(table[f"{one.view.name}.{name}"])
                for ask, moment, looked, value in zip(one.asks, one.moments, one.found, offline, strict=True):
                    if looked.exact and looked.values[name] != value:
                        found.append((one.view.name, name, ask, moment, looked.values[name], value))
        return found


def plain(column: pa.ChunkedArray) -> list[object]:
    """The values as the house keeps them outside Arrow."""
    found: list[object] = (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_pylist()
    return found


@pytest.mark.parametrize("seed", [2, 150])
def test_look_ups_equal_landed_rows_as_held(seed: int) -> None:
    history = History(seed)
    history.live(8)
    assert history.unlike() == []
    assert sum(looked.exact for one in history.answered for looked in one.found) > 500


def test_each_rule_of_the_words_is_seen_to_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    history = History(3)
    history.live(5)
    assert history.unlike() == []
    assert history.unlike(later_us=1), "the boundary may be a microsecond off"
    assert history.unlike(lake=known_at_once(history.street.lake)), "event time alone is enough"
    monkeypatch.setattr(plan, "identity", lambda source: (plan.ROW,))
    assert history.unlike(), "what is delivered twice counts twice"


def known_at_once(lake: Lake) -> Lake:
    """The same rows as if each had been known when it happened."""
    times = {"events": '"at"', "customers": "updated"}
    rows = {name: lake.query(f"select * replace ({times[name]} as _known_at) from {name}") for name in lake.landed}
    return replace(lake, landed=rows)


def event(id: int, at: int, price: float, kind: str = "click") -> dict[str, Any]:
    return {"id": id, "at": at, "customer": 1, "item": "tea", "kind": kind, "price": price, "n": 1}


def landing(street: Street, rows: list[dict[str, Any]], now: int) -> None:
    """The rows come, and what is looked up follows."""
    street.readers["events"].add(table(rows, **KINDS["events"]))
    street.extract("events", now)
    street.push(now)


def test_a_correction_brings_back_what_had_been_forgotten_behind_it() -> None:
    street = Street(declared(), {name: table([], **kinds) for name, kinds in KINDS.items()})
    view, now = next(view for view in street.system.views if isinstance(view, Lookup)), START + 100 * DAY
    last = event(2, START + 90 * DAY, 4.5)
    landing(street, [event(1, START, 1.25), last, event(3, START + 95 * DAY, 9.0, "view")], now)

    def found() -> tuple[bool, object]:
        record = street.ctx.online.get(space(view), [b'["1"]'])[0]
        assert record is not None
        looked = look_up(view, [record], [now + DAY])[0]
        return START in [row.time for row in unpacked(record, plan_of(view)).rows], looked.values["last_click"]

    assert found() == (False, 4.5)
    landing(street, [last | {"kind": "view"}], now + HOUR)
    assert found() == (True, 1.25)


def test_a_key_that_is_null_is_another_than_one_that_is_empty() -> None:
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    events = system.source("events", tm.files("events"), key=["id", "item"], time="at")
    view = system.features("past", events, entity="customer", windows={"n": tm.count("1d")})
    street = Street(system, {"events": table([], **KINDS["events"])})
    landing(street, [event(1, START, 1.0) | {"item": item} for item in ("", None, "tea")], START + HOUR)
    record = street.ctx.online.get(space(view), [b'["1"]'])[0]
    assert look_up(view, [record], [START + HOUR])[0].values == {"n": 3}


def test_a_few_asks_read_the_rows_of_their_entities_and_what_replaced_them() -> None:
    street = Street(declared(), {name: table([], **kinds) for name, kinds in KINDS.items()})
    view = next(view for view in street.system.views if isinstance(view, Lookup))
    rows = [event(n, START + n, 1.0) | {"customer": n % 3 if n < 9 else None} for n in range(12)]
    landing(street, rows, START + DAY)
    landing(street, [rows[1] | {"customer": 2}, rows[3] | {"price": 2.0}], START + 2 * DAY)
    for asked, seen in (([1], {1, 4, 7}), ([0, 1], {0, 1, 3, 4, 6, 7}), ([None, 99], set())):
        asks = pa.table({"customer": pa.array(asked, pa.int64())})
        near = of_entities(view, asks, street.lake).query("select id, _row from events")
        assert set(near["id"].to_pylist()) == seen
        assert near.num_rows == len(seen) + (1 in seen) + (3 in seen)


def test_a_sum_is_a_float_and_the_nearest_one_both_ways() -> None:
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    events = system.source("events", tm.files("events"), key="id", time="at")
    view = system.features("past", events, entity="customer", windows={"n": tm.sum("n", "1d")})
    street = Street(system, {"events": table([], **KINDS["events"])})
    landing(street, [event(1, START, 1.0) | {"n": 2**60 + 1}, event(2, START, 1.0) | {"n": 2}], START + HOUR)
    asks = pa.table({ASK: [0], ASKED: [START + HOUR], "customer": [1]})
    offline = recomputed(asks, {"past": np.array([2])}, [view], street.lake)["past.n"]
    record = street.ctx.online.get(space(view), [b'["1"]'])[0]
    online = look_up(view, [record], [START + HOUR])[0].values["n"]
    assert offline.to_pylist() == [online] == [float(2**60 + 3)]
    assert isinstance(online, float)


def test_records_and_their_mark_change_together_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "ENTITIES_AT_ONCE", 1)
    street = Street(declared(), {name: table([], **kinds) for name, kinds in KINDS.items()})
    events = [event(n, START + n, 1.0) | {"customer": n % 9, "item": f"item {n % 9}"} for n in range(18)]
    landing(street, events[:9], START + DAY)
    marks: list[dict[str, str] | None] = []
    write = street.ctx.online.write

    def seen(changes: Any, given: Any = None, after: Any = None) -> None:
        marks.append(given)
        write(changes, given, after)

    monkeypatch.setattr(street.ctx.online, "write", seen)
    landing(street, events[9:], START + DAY)
    assert len(marks) == 4  # the views of events, each in one write
    assert all(marks)


def test_rows_that_could_be_seen_and_were_not_held_are_lag() -> None:
    street = Street(declared(), {name: table([], **kinds) for name, kinds in KINDS.items()})
    landing(street, [event(n, START + n * DAY, 1.0) for n in range(5)], START + 10 * DAY)
    asked = np.array([START + 5 * DAY, START + 3 * DAY + HOUR, START + 3 * DAY + HOUR + 1, START])
    found = missed(street.system.source("events"), asked, np.array([2, 3, 3, 0]), street.lake)
    assert found.rows.tolist() == [3, 0, 1, 0]  # known an hour after they happened
    assert found.lag_us.tolist() == [3 * DAY - HOUR, 0, 1, 0]
