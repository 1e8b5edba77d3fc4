"""Online equals offline: what a server looks up is, to the last bit, what training computes from the same rows."""

from __future__ import annotations

from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest

import tidemill as tm
from tests.looked import look_up
from tidemill.engines.compute.duckdb import DuckdbCompute
from tidemill.facts.data import DatasetVersion
from tidemill.features import offers
from tidemill.features.offline.asks import ASKED, at_moment
from tidemill.features.offline.join import looked_up
from tidemill.features.offline.lake import lake_of
from tidemill.features.online import entity_key, space
from tidemill.lifecycle.extract.normalise import UTC_US, column_types
from tidemill.lifecycle.extract.push import Given, lookups_of, run
from tidemill.ports.context import Context
from tidemill.ports.tables import BATCH, KNOWN_AT, OP, ROW, Draft
from tidemill.spec.needs import asked_keys
from tidemill.spec.view import Lookup, Window
from tidemill.stores.online.lmdb import LmdbOnline
from tidemill.stores.tables.parquet import ParquetTables

SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
START = 1_767_225_600_000_000
CUSTOMERS, PRODUCTS = range(1, 9), ("tea", "milk", "rice", "가")


def untrained(train: tm.Data, valid: tm.Data) -> object:
    """Nobody trains here."""
    return 0.5


def windows() -> dict[str, Window]:
    """Each kind, with and without a step, an expression, a condition, a scale."""
    return {
        "clicks_30d": tm.count("30d", where="kind = 'click'"),
        "seen_1h": tm.count("1h"),
        "rows_2d": tm.count("2d", step="0s"),
        "spend_90d": tm.sum("price", "90d", where="kind = 'purchase'", scale=0),
        "spend_180d": tm.sum("quantity * price", "180d", scale=2),
        "units_180d": tm.sum("least(quantity, 1000)", "180d", scale=0),
        "mean_365d": tm.mean("price", "365d", scale=0),
        "std_14d": tm.std("price", "14d"),
        "lowest_30d": tm.min("price", "30d"),
        "highest_12h": tm.max("price", "12h"),
        "products_30d": tm.distinct("product", "30d"),
        "baskets_30d": tm.distinct("seen_at", "30d"),
        "price_1": tm.lag("price", 1, within="15d"),
        "price_3": tm.lag("price", 3, within="1d"),
        "last_kind": tm.last("kind"),
        "last_price": tm.last("price", where="kind = 'purchase'", within="10d"),
        "days_since": tm.days_since_last(),
        "days_since_click": tm.days_since_last(where="kind = 'click'"),
    }


def shop() -> tm.System:
    """Every window and column word that the six systems use, over events and tables of last states."""
    made = tm.System("parity", owner="x@y.example", zone="Asia/Seoul")
    events = made.source("events", tm.files("events"), key="event_id", time="seen_at")
    people = made.source("people", tm.files("people"), key="customer", time="updated_at", since="joined_at")
    clicks = events.where("kind = 'click' and customer is not null", name="clicks")
    made.features(
        "person", people, entity="customer", columns=["bucket(age, 20, 30, 40) as age_group", "region", "joined_at"]
    )
    made.features("fresh", people, entity="customer", columns=["age"], max_age="20d")
    customer = made.features(
        "customer",
        events,
        entity="customer",
        windows=windows(),
        columns=["product as last_product", "price / nullif(quantity, 0) as each"],
    )
    made.features(
        "product", clicks, entity="product", columns=["price"], windows={"buyers": tm.distinct("customer", "30d")}
    )
    made.features(
        "pair", clicks, entity=["customer", "product"], windows={"n": tm.count("180d"), "days": tm.days_since_last()}
    )
    choices = made.candidates(
        "choices",
        entity="customer",
        item="product",
        every="0 4 * * *",
        who="select distinct customer from clicks where seen_at >= $asked_at - interval '30 days'",
        what=[
            "select distinct customer, product from clicks",
            "select product from clicks group by product order by count(*) desc, product limit 2",
        ],
    )
    label = made.label("bought", asked=choices, ahead={"n": tm.count("7d", of=events)}, outcome="n > 0")
    ranker = made.model(label=label, features=[customer], split=tm.by_time(valid=0.1, test=0.1), name="ranker")(
        untrained
    )
    made.rank("recommend", ranker, choices, top=3)
    return made


class Town:
    """Rows that land batch by batch, with everything that befalls real ones, and both ways to look at them."""

    def __init__(self, folder: Path, random: Random) -> None:
        self.random = random
        self.compute = DuckdbCompute()
        self.tables, self.online = ParquetTables(folder / "lake"), LmdbOnline(folder / "online")
        self.system = shop().declared()
        self.now = START
        self.seen: list[dict[str, Any]] = []
        self.newest: dict[str, DatasetVersion] = {}
        ports = SimpleNamespace(tables=self.tables, online=self.online, compute=self.compute, progress=lambda *_: None)
        self.ctx = cast("Context", ports)

    def event(self) -> dict[str, Any]:
        """A new event, a late one, a correction, a deletion, or one delivered again."""
        random = self.random
        if self.seen and random.random() < 0.2:
            old = dict(random.choice(self.seen)) | {OP: "U"}
            match random.randrange(4):
                case 0:
                    old |= {"price": random.choice([None, 1.5, 7.0]), "kind": random.choice(["click", "purchase"])}
                case 1:
                    old |= {OP: "D"}
                case 2:
                    old |= {"customer": random.choice(CUSTOMERS), "product": random.choice(PRODUCTS)}
            return old | {KNOWN_AT: self.now}
        at = self.now - random.choice([0, 0, 1, 5]) * random.randrange(1, 10 * DAY)
        made = {
            "event_id": len(self.seen),
            "seen_at": at,
            "customer": random.choice([None, *CUSTOMERS]),
            "product": random.choice(PRODUCTS),
            "price": random.choice([None, 0.1, 2.25, 1e6, -3.0]),
            "quantity": random.choice([None, 0, 1, 3, 5000]),
            "kind": random.choice(["click", "purchase", None]),
            OP: "I",
            KNOWN_AT: max(at, self.now - random.randrange(HOUR)),
        }
        self.seen.append(made)
        return made

    def person(self) -> dict[str, Any]:
        """A customer's state as it is now, or from now on, or that the customer is gone."""
        at = self.now - self.random.randrange(40 * DAY)
        gone = self.random.random() < 0.1
        return {
            "customer": self.random.choice(CUSTOMERS),
            "updated_at": at,
            "joined_at": self.random.choice([None, at - 50 * DAY]),
            "age": self.random.choice([None, 17, 25, 64]),
            "region": self.random.choice(["north", None]),
            OP: "D" if gone else "I",
            KNOWN_AT: self.now if gone else at,
        }

    def land(self, events: int, people: int) -> None:
        """One more batch of both sources, committed."""
        self.now += self.random.randrange(1, 20 * DAY)
        self.commit("events", "seen_at", [self.event() for _ in range(events)])
        self.commit("people", "updated_at", [self.person() for _ in range(people)])
        self.now += 1

    def bring_up(self) -> None:
        """The online store as of what has landed."""
        run(Given(system=self.system, versions=tuple(self.newest.values()), now_us=self.now), self.ctx)

    def commit(self, dataset: str, time: str, rows: list[dict[str, Any]]) -> None:
        """The rows as the next version of the dataset."""
        before = self.newest.get(dataset)
        first = before.rows if before else 0
        times = {time, KNOWN_AT, "joined_at"}
        kinds = {
            "price": pa.float64(),
            "quantity": pa.int64(),
            "age": pa.int64(),
            "customer": pa.int64(),
            "event_id": pa.int64(),
        }
        columns: dict[str, pa.Array] = {}
        for name in rows[0]:
            cells = [row[name] for row in rows]
            columns[name] = (
                pa.array(cells, pa.int64()).cast(UTC_US)
                if name in times
                else pa.array(cells, kinds.get(name, pa.string()))
            )
        columns |= {
            BATCH: pa.array([1] * len(rows), pa.int64()),
            ROW: pa.array(range(first, first + len(rows)), pa.int64()),
        }
        table = pa.table(columns)
        staged = self.tables.stage(dataset, table, time=time)
        draft = Draft(
            system="parity",
            dataset=dataset,
            files=(staged,),
            rejected=(),
            cursor=str(first + len(rows)),
            watermark_us=self.now,
            columns=column_types(table),
            content=str(first + len(rows)),
            at_us=self.now,
        )
        self.newest[dataset] = self.tables.commit(draft, before)

    def differences(self, view: Lookup, asks: list[dict[str, Any]]) -> list[str]:
        """Every value that the two ways disagree about."""
        lake = lake_of(self.system.zone, tuple(self.newest.values()), self.tables, self.compute)
        table = pa.table(
            {
                "customer": pa.array([ask["customer"] for ask in asks], pa.int64()),
                "product": pa.array([ask["product"] for ask in asks], pa.string()),
                ASKED: pa.array([ask["at"] for ask in asks], pa.int64()),
            }
        )
        offline = {
            name: [
                None if gone else value for value, gone in zip(found.data.tolist(), found.missing.tolist(), strict=True)
            ]
            for name, found in looked_up(view, table, lake).items()
        }
        keys = [entity_key([ask[column] for column in asked_keys(view)]) for ask in asks]
        records = iter(self.online.get(space(view), [key for key in keys if key is not None]))
        found = look_up(view, [None if key is None else next(records) for key in keys], [ask["at"] for ask in asks])
        assert all(one.exact for one in found)
        return [
            f"{view.name}.{name} of {asks[place]}: offline {values[place]!r}, online {found[place].values[name]!r}"
            for name, values in offline.items()
            for place in range(len(asks))
            if values[place] != found[place].values[name]
        ]


@pytest.mark.parametrize("seed", range(3))
def test_no_value_differs_however_rows_came(tmp_path: Path, seed: int) -> None:
    town = Town(tmp_path, Random(seed))
    compared = 0
    for batch in range(4):
        town.land(events=60 if batch else 200, people=6)
        town.bring_up()
        asks = [
            {"customer": customer, "product": product, "at": town.now + later}
            for customer in (*CUSTOMERS, 99, None)
            for product in (*PRODUCTS, "new")
            for later in (0, HOUR, 3 * DAY)
        ]
        for view in lookups_of(town.system):
            assert town.differences(view, asks) == []
            compared += len(asks)
    town.online.close()
    assert compared > 2_000


def test_a_store_that_is_behind_would_be_found_out(tmp_path: Path) -> None:
    town = Town(tmp_path, Random(1))
    town.land(events=100, people=6)
    town.bring_up()
    town.land(events=1, people=1)
    asks = [{"customer": customer, "product": "tea", "at": town.now} for customer in CUSTOMERS]
    assert [found for view in lookups_of(town.system) for found in town.differences(view, asks)] != []
    town.online.close()


def test_served_lists_are_the_asks_of_training_at_that_moment(tmp_path: Path) -> None:
    town = Town(tmp_path, Random(7))
    for _ in range(3):
        town.land(events=80, people=3)
        town.bring_up()
        lake = lake_of(town.system.zone, tuple(town.newest.values()), town.tables, town.compute)
        (candidates,) = town.system.candidates
        pairs = at_moment(candidates, town.system.sources, town.now, lake).to_pylist()
        asked: dict[Any, set[Any]] = {}
        for pair in pairs:
            asked.setdefault(pair["customer"], set()).add(pair["product"])
        where = offers.space("choices")
        for customer in CUSTOMERS:
            own, everybody = town.online.get(where, [entity_key([customer]) or b"", offers.EVERYBODY])
            found = offers.offer(own, everybody)
            assert found.at_us == town.now
            assert found.cold == (customer not in asked)
            assert found.cold or set(found.items) == asked[customer]
    town.online.close()
