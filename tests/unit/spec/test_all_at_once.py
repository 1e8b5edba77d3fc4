"""A file with many mistakes: all are said at once, each at its line and in their order."""

from __future__ import annotations

import runpy
from pathlib import Path

import tidemill as tm
from tidemill.spec.examine import examine
from tidemill.spec.schema import Schemas
from tidemill.tell.words import sentence

SHOP = """
import tidemill as tm
shop = tm.System("shop", owner="a@b.example", zone="Asia/Soul")
db = tm.sql("${SHOP_DB}")
customers = shop.source("customers", db.table("customers"), key="customer", time="updated_at")
events = shop.source("events", db.table("events"), key="event_id", time="happened_at", expect=["prize >= 0"])
profile = shop.features("profile", customers, entity="customer_id", columns=["bucket(age, 30, 20) as age_group"])
activity = shop.features("activity", events, entity="customer_id", windows={
    "clicks_30d": tm.count("30 days", where="kind == click"),
    "spend_90d": tm.sum("price", "90d", where="kind = 'purchase'", scale=40),
})
choices = shop.candidates("choices", entity="customer_id", item="product_id", every="0 4 * *",
    who="select distinct customer_id from event where happened_at < $asked_at", what="select product_id from events")
bought = shop.label("bought_7d", asked=choices, ahead={"n": tm.count("7d", of=events)}, outcome="m > 0")

@shop.model(label=bought, features=[profile.drop("agegroup"), activity], split=tm.by_time(valid="7d", test=0.0),
            gates=[tm.at_least("roc_auk", 0.8), tm.at_least("roc_auc", 0.7, by="age_gruop")],
            release=tm.canary("25%", "5%"))
def ranker(train: tm.Data) -> object:
    return train

shop.rank("predict", ranker, choices, top=10)
shop.monitor(ranker, tm.at_most("mae", 3.0))
shop.retrain(ranker, tm.cron("0 3 * * MOON"))
"""

SCHEMAS: Schemas = {
    "customers": {"customer_id": "int", "age": "int", "updated_at": "timestamp"},
    "events": {
        "event_id": "int", "customer_id": "int", "product_id": "int", "kind": "text", "price": "float",
        "happened_at": "timestamp",
    },
}  # fmt: skip

EXPECTED = [
    ("shop.py:3", "system shop > zone", "declaration.zone-unknown"),
    ("shop.py:5", "source customers > key[0]", "declaration.column-unknown"),
    ("shop.py:6", "source events > expect[0]", "declaration.column-unknown"),
    ("shop.py:7", "features profile > columns[0]", "expression.argument-outside"),
    ("shop.py:8", "features activity > windows.clicks_30d > where", "declaration.column-unknown"),
    ("shop.py:9", "features activity > windows.clicks_30d > window", "declaration.duration-unread"),
    ("shop.py:10", "features activity > windows.spend_90d > scale", "declaration.scale-outside"),
    ("shop.py:12", "candidates choices > every", "declaration.cron-fields"),
    ("shop.py:12", "candidates choices > who", "declaration.sql-table-unknown"),
    ("shop.py:14", "label bought_7d > outcome", "declaration.column-unknown"),
    ("shop.py:16", "model ranker > split > test", "declaration.part-outside"),
    ("shop.py:16", "model ranker > features[0]", "declaration.feature-unknown"),
    ("shop.py:16", "model ranker", "declaration.function-arguments"),
    ("shop.py:16", "model ranker > gates[1] > by", "declaration.column-unknown"),
    ("shop.py:16", "model ranker > release", "declaration.shares-not-rising"),
    ("shop.py:17", "model ranker > gates[0] > metric", "declaration.metric-unknown"),
    ("shop.py:22", "rank predict", "declaration.name-reserved"),
    ("shop.py:22", "rank predict", "declaration.rank-items-alike"),
    ("shop.py:23", "monitor ranker[0]", "declaration.metric-of-number"),
    ("shop.py:24", "retrain ranker[0]", "declaration.cron-field"),
]


def test_all_mistakes_of_a_file_come_at_once(tmp_path: Path) -> None:
    file = tmp_path / "shop.py"
    file.write_text(SHOP)
    (system,) = (value for value in runpy.run_path(str(file)).values() if isinstance(value, tm.System))
    found = examine(system.declared(), SCHEMAS, places=system.places).mistakes
    assert [(mistake.place, mistake.path, mistake.code) for mistake in found] == EXPECTED
    meant = {mistake.path: mistake.fields.get("nearest") for mistake in found}
    assert meant["system shop > zone"] == "Asia/Seoul"
    assert meant["source customers > key[0]"] == "customer_id"
    assert meant["candidates choices > who"] == "events"
    assert meant["model ranker > features[0]"] == "age_group"
    assert meant["model ranker > gates[0] > metric"] == "roc_auc"
    said = [sentence(mistake.code, mistake.fields) for mistake in found if mistake.code.startswith("declaration.")]
    assert all("(" not in text[:40] for text in said)
