"""Real servers answer for the six systems; every answer is then computed anew from landed rows, and none differs."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.story.works import Works, copied, instances, spoiled, us
from tests.unit.spec.six import EXAMPLES
from tidemill.app.demo import shopdata
from tidemill.app.demo.calendar import local_text
from tidemill.features import plan
from tidemill.interfaces.client import Client
from tidemill.lifecycle.monitor.parity import Parity
from tidemill.spec.source import Source

SECOND, DAY = 1_000_000, 86_400_000_000
Start = Callable[[str, int], Works]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Begins the works of a system at a moment, with the folder `data` in the place of the real tables.

    The shop's model is made smaller: its training would take most of the time, and is no matter here.
    """
    monkeypatch.setenv("TIDEMILL_DATA", str(tmp_path / "data"))
    begun: list[Works] = []

    def begin(name: str, now_us: int) -> Works:
        file = tmp_path / f"{name}.py"
        file.write_text((EXAMPLES / file.name).read_text().replace("n_estimators=500", "n_estimators=50, n_jobs=1"))
        begun.append(Works(file, tmp_path / "home", now_us))
        return begun[-1]

    yield begin
    for works in begun:
        works.close()


def asked(works: Works, client: Client, model: str, rows: list[dict[str, Any]], seed: int = 0) -> None:
    """The rows, spoiled a little, in requests of several; those whose time is yet to come are asked now."""
    (fields,) = (one["fields"] for one in client.about()["models"] if one["model"] == model)
    label = works.system.model(model).label
    if isinstance(label.asked, Source):
        time, zone, now = label.asked.time, works.system.zone, works.now_us()
        here = {time: datetime.fromtimestamp(now / SECOND, UTC).isoformat()}
        rows = [row | here if time in row and us(row[time], zone) > now else row for row in rows]
    bodies = spoiled(rows, fields, Random(seed))
    for start in range(0, len(bodies), 40):
        client.predict(model, bodies[start : start + 40])


def proven(works: Works, model: str, predictions: int) -> Parity:
    """What the model's answers were computed anew to be."""
    works.land()
    found = works.parity(model)
    assert found.first == ()
    assert (found.differences, found.forgotten) == (0, 0)
    assert found.predictions >= predictions
    return found


def test_applications_with_what_is_known_of_their_zip_code(real_data: Path, tmp_path: Path, start: Start) -> None:
    """feast: columns of another table, corrected and pushed while requests come, and declared otherwise since."""
    folder, mine = real_data / "loan" / "feast_credit", tmp_path / "data" / "loan" / "feast_credit"
    loans, zips = f"'{folder}/loan_table.parquet'", f"'{folder}/zipcode_table.parquet'"
    cut = "2021-07-20T00:00:00+00:00"
    copied(f"select * from {loans} where loan_id % 8 = 0 and event_timestamp < '{cut}'", mine / "loan_table.parquet")
    known = (
        f"select * from {zips} where zipcode in (select zipcode from {loans} where loan_id % 8 = 0) and zipcode % 9 > 0"
    )
    copied(known, mine / "zipcode_table.parquet")
    works = start("feast", us(cut))
    works.land()
    works.bring_up()
    works.promote("scorer")
    rows = instances(f"select * from {loans} where loan_id % 8 = 0 order by event_timestamp desc limit 360")
    with works.worker() as client:
        asked(works, client, "scorer", rows[:120])
        changed = instances(
            f"{known} and zipcode in (select zipcode from {loans} order by event_timestamp desc limit 999)"
        )
        corrected = [
            row | {"population": row["population"] + 7, "zipcode": str(row["zipcode"])} for row in changed[:40]
        ]
        fresh = [
            row | {"total_wages": None, "event_timestamp": cut, "created_timestamp": cut} for row in changed[20:60]
        ]
        assert client.push("zipcodes", corrected + fresh)["rejected"] == []
        asked(works, client, "scorer", rows[100:240])
        works.land()
        asked(works, client, "scorer", rows[100:240])
        works.declare('"population", ', '"population + 1 as population", ')
        works.bring_up()
        asked(works, client, "scorer", rows)
    assert works.held("scorer", "zipcodes") == [
        works.lake().query("select max(_row) + 1 as n from zipcodes")["n"][0].as_py()
    ]
    found = proven(works, "scorer", 760)
    (area,) = found.freshness
    assert area.behind > 0, "what had landed and was not yet brought up is told as lag"


def test_a_car_on_its_way(real_data: Path, tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """driving: lags by trip and what is made of them, as rows are pushed, late and again; a mistake would be seen."""
    zone, table = "Europe/Berlin", f"'{real_data}/driving/obd_1hz.parquet'"
    cut, trip = "2017-07-14T08:22:00", "2017-07-14_KA_KA_Frei"
    copied(
        f"select * from {table} where ts >= '2017-07-12' and ts < '{cut}'", tmp_path / "data/driving/obd_1hz.parquet"
    )
    works = start("driving", us(cut, zone))
    works.land()
    works.bring_up()
    works.promote("braking")
    works.promote("air_flow_sensor")
    way = instances(f"select * from {table} where trip_id = '{trip}' and ts > '2017-07-14 08:20:00' order by ts")
    with works.worker() as client:
        asked(works, client, "braking", way[:200])
        asked(works, client, "air_flow_sensor", way[:200])
        now = next(place for place, row in enumerate(way) if us(row["ts"], zone) > works.now_us())
        changed = [row | {"speed_kmh": 31.5, "rpm": None} for row in (*way[20:24], *way[now - 6 : now - 2])]
        assert client.push("signals", [*way[now - 30 : now], *way[now - 9 : now - 5], *changed])["rejected"] == []
        works.land()
        works.bring_up()
        received = next(place for place, row in enumerate(way) if us(row["ts"], zone) > works.now_us())
        asked(works, client, "braking", [*way[:60], *way[now - 40 : received + 30]], seed=1)
        asked(works, client, "braking", [row | {"trip_id": "another"} for row in way[:5]])
    proven(works, "braking", 270)
    assert proven(works, "air_flow_sensor", 200).freshness == (), "it looks nothing up"
    mistakes_show(works, monkeypatch)


def mistakes_show(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is logged or computed otherwise than the words say is seen: a last digit, a boundary, a time, a repeat."""
    log, lake = works.log(), works.lake()
    told = [json.loads(text) for text in log["features"].to_pylist()]
    place = next(place for place, one in enumerate(told) if one.get("past.speed_kmh_3") is not None)
    was = told[place]["past.speed_kmh_3"]
    told[place]["past.speed_kmh_3"] = math.nextafter(was, math.inf)
    altered = log.set_column(log.column_names.index("features"), "features", pa.array(map(json.dumps, told)))
    (first,) = works.parity("braking", log=altered).first
    assert (first.prediction, first.name, first.recomputed) == (log["id"][place].as_py(), "past.speed_kmh_3", was)
    moments = log["asked_at"].cast(pa.int64()).to_numpy() + 1
    later = log.set_column(log.column_names.index("asked_at"), "asked_at", pa.array(moments).cast(log["asked_at"].type))
    assert works.parity("braking", log=later).differences > 0, "the boundary may be a microsecond off"
    at_once = lake.query("select * replace (ts as _known_at) from signals")
    assert works.parity("braking", lake=replace(lake, landed={"signals": at_once})).differences > 0, "event time alone"
    monkeypatch.setattr(plan, "identity", lambda source: (plan.ROW,))
    assert works.parity("braking").differences > 0, "what comes twice may count twice"


def test_loans_of_lenders_with_a_record(real_data: Path, tmp_path: Path, start: Start) -> None:
    """sba: windows over two sources that one file brings, one of them with rows of the future."""
    zone, table = "America/New_York", f"'{real_data}/loan/sba/sba_loans.parquet'"
    cut = "2004-12-15T10:00:00"
    some = f"select * from {table} where LoanNr_ChkDgt % 4 = 1"
    copied(f"{some} and ApprovalDate < '{cut}'", tmp_path / "data/loan/sba/sba_loans.parquet")
    works = start("sba", us(cut, zone))
    works.land()
    works.bring_up()
    works.promote("risk")
    rows = instances(f"{some} and ApprovalDate > '2004-12-12' order by ApprovalDate limit 200")
    with works.worker() as client:
        asked(works, client, "risk", rows)
        lost = [row | {"ChgOffDate": "2004-11-02"} for row in rows[:30]]
        assert client.push("losses", lost)["rejected"] == []
        come = [row | {"ChgOffDate": None} for row in rows if row["ApprovalDate"] < cut]
        assert client.push("loans", come)["rejected"] == []
        works.land()
        works.bring_up()
        asked(works, client, "risk", rows, seed=1)
    proven(works, "risk", 400)


def test_calls_that_bring_everything_with_them(real_data: Path, tmp_path: Path, start: Start) -> None:
    """bank: nothing is looked up; request columns and scores."""
    table = f"'{real_data}/drift_bank_marketing/bank_marketing.parquet'"
    copied(
        f"select * from {table} where t between 30000 and 33000",
        tmp_path / "data/drift_bank_marketing/bank_marketing.parquet",
    )
    works = start("bank", us("2010-01-01"))
    works.land()
    works.bring_up()
    works.promote("caller")
    rows = instances(f"select * from {table} where t > 33000 order by t limit 400")
    with works.worker() as client:
        asked(works, client, "caller", rows)
    assert proven(works, "caller", 400).freshness == ()


def test_products_that_a_customer_is_shown(real_data: Path, tmp_path: Path, start: Start) -> None:
    """retail: lists of candidates and their order, windows of customer, product and pair."""
    zone, table = "Europe/London", f"'{real_data}/ecommerce/online_retail/online_retail.parquet'"
    cut = "2011-09-20T12:00:00"
    some = f"select * from {table} where customer_id % 20 = 3"
    copied(f"{some} and invoice_ts < '{cut}'", tmp_path / "data/ecommerce/online_retail/online_retail.parquet")
    works = start("retail", us(cut, zone))
    works.land()
    works.bring_up()
    works.promote("ranker")
    who = [
        row["customer_id"]
        for row in instances(f"select distinct customer_id from ({some}) order by hash(customer_id) limit 12")
    ]
    bought = instances(f"{some} and invoice_ts between '2011-09-10' and '{cut}'")
    sold = [{"product": row.pop("description"), **row} for row in bought[:150]]
    rankings = []
    with works.worker() as client:
        rankings += [client.rank("recommend", top=25, customer_id=one) for one in (*who, -5, str(who[0]))]
        moved = [
            row | {"invoice_ts": "2011-09-20T11:59:00", "quantity": 2_000, "unit_price": 0.125} for row in sold[:40]
        ]
        assert client.push("lines", [*sold[40:60], *moved, *moved[:9]])["rejected"] == []
        rankings.append(client.rank("recommend", customer_id=who[1]))
        works.land()
        works.bring_up()
        rankings += [client.rank("recommend", top=25, customer_id=one) for one in (who[1], sold[0]["customer_id"])]
        pairs = [{"customer_id": row["customer_id"], "product": row["product"]} for row in sold]
        asked(works, client, "ranker", pairs)
    proven(works, "ranker", 500)
    for said in rankings:
        assert [(item["product"], item["score"]) for item in said["items"]] == works.ranked(said)


def test_a_shop_whose_database_goes_on(tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """shop: states assumed since, functions on the request, events from the database and pushed, in one source."""
    shop, opens = tmp_path / "shop.db", datetime(2026, 1, 5, tzinfo=ZoneInfo("Asia/Seoul"))
    shopdata.make(shop, seed=3, start=opens, days=36, customers=60, products=25)
    monkeypatch.setenv("SHOP_DB", f"sqlite:///{shop}")
    works = start("shop", shopdata.until(shop))
    works.land()
    works.bring_up()
    works.promote("ranker")
    rankings = []
    with works.worker() as client:
        rankings += [client.rank("recommend", top=20, customer_id=one) for one in (1, "2", 3, 60, 999, None)]
        now, ids = works.now_us(), count(1_000_000)
        events = [
            {"event_id": next(ids), "customer_id": customer, "product_id": product, "kind": kind, "price": 9_000,
             "happened_at": local_text(now - ago * SECOND)}
            for customer, ago in ((1, 60), (2, 0), ("3", 3600), (999, 60)) for product in (1, 2, 3)
            for kind in ("view", "click", "purchase")
        ]  # fmt: skip
        assert client.push("events", [*events, *events[:5]])["rejected"] == []
        works.land()
        rankings.append(client.rank("recommend", customer_id=1))
        works.bring_up()
        rankings += [client.rank("recommend", top=20, customer_id=one) for one in (1, 2, "3", 999, -1)]
        shopdata.advance(shop, now)
        with sqlite3.connect(shop) as link:
            link.execute("update customers set age = 33, updated_at = ? where customer_id < 9", (local_text(now),))
            link.execute("insert into customers values (999, null, 'Jeju', ?, ?)", (local_text(now - DAY),) * 2)
        works.land()
        works.bring_up()
        rankings += [client.rank("recommend", top=20, customer_id=one) for one in (1, 2, 40, 999)]
        pairs = [{"customer_id": n % 70, "product_id": n % 27} for n in range(150)]
        asked(works, client, "ranker", pairs)
    proven(works, "ranker", 400)
    explored = set(works.log().filter(pc.field("explored"))["id"].to_pylist())
    for said in rankings:
        if said["items"][0]["id"] not in explored:
            assert [(item["product_id"], item["score"]) for item in said["items"]] == works.ranked(said)
