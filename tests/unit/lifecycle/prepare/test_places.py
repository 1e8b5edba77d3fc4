"""The card says where sums leave the last places of a decimal column out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pyarrow as pa
import pytest

import tidemill as tm
from tests.street import HOUR, Street, table, us
from tidemill.lifecycle.prepare.places import cut_places
from tidemill.spec.view import Window

START = us("2026-01-01")
Prices = Sequence[Decimal | float | None]
FINE = pa.decimal128(12, 8)
PRICES = [Decimal("1.00000050"), Decimal("2.5"), None, Decimal("0.00000001")]


def shop(window: Window, prices: Prices = PRICES, kind: pa.DataType = FINE) -> Street:
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    sales = system.source("sales", tm.files("sales"), key="id", time="at")
    seen = system.features("seen", sales, entity="id", windows={"n": tm.count("1d"), "price_1d": window})
    label = system.label("sold", asked=sales, outcome="true")

    @system.model(label=label, features=[seen], split=tm.by_time(valid=0.1, test=0.1))
    def seller(train: tm.Data, valid: tm.Data) -> object:
        return 0.5

    rows = [{"id": place, "at": START + place * HOUR, "price": price} for place, price in enumerate(prices)]
    mill = Street(system, {"sales": table(rows, at=pa.timestamp("us", tz="UTC"), price=kind)})
    mill.extract("sales")
    return mill


@pytest.mark.parametrize("window", [tm.sum("price", "1d"), tm.mean("price", "1d"), tm.std("price", "1d", scale=6)])
def test_values_with_more_places_than_the_sums_are_counted(window: Window) -> None:
    mill = shop(window)
    (found,) = cut_places(mill.system.model("seller"), mill.lake)
    assert (found.code, found.subject) == ("card.places-cut", "seen")
    assert found.fields == {"column": "price", "rows": 2, "of": 3, "scale": 6}


@pytest.mark.parametrize(
    ("window", "prices", "kind"),
    [
        (tm.sum("price", "1d", scale=8), PRICES, FINE),
        (tm.sum("price * 2", "1d"), PRICES, FINE),
        (tm.max("price", "1d"), PRICES, FINE),
        (tm.sum("price", "1d"), [Decimal("1.5"), None], FINE),
        (tm.sum("price", "1d"), [Decimal("1.05")], pa.decimal128(12, 2)),
        (tm.sum("price", "1d"), [0.12345678], pa.float64()),
    ],
)
def test_nothing_is_said_where_nothing_is_left_out(window: Window, prices: Prices, kind: pa.DataType) -> None:
    mill = shop(window, prices, kind)
    assert cut_places(mill.system.model("seller"), mill.lake) == []
