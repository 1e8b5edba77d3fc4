"""The simulated shop: the same from the same seed, sound in every row, absurd once, and another shop after the wave."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tidemill.app.demo import shopdata
from tidemill.app.demo.calendar import DAY_US, local_text, us_of
from tidemill.app.demo.visit import Shown, Visit
from tidemill.app.demo.world import world

START = datetime(2026, 1, 4, 15, tzinfo=UTC)
"""Monday, 5 January 2026, midnight in Korea."""


def made(path: Path, **changed: Any) -> Path:
    given: dict[str, Any] = {"seed": 7, "start": START, "days": 20, "customers": 60, "products": 16}
    shopdata.make(path, **(given | changed))
    return path


def rows(path: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as link:
        return link.execute(sql, values).fetchall()


EVENTS = "select customer_id, product_id, kind, price, happened_at from events order by happened_at, kind, customer_id"


def test_is_the_same_from_the_same_seed_and_another_from_another(tmp_path: Path) -> None:
    first, again = made(tmp_path / "a.db"), made(tmp_path / "b.db")
    other = made(tmp_path / "c.db", seed=8)
    for table in ("customers", "products", "events"):
        assert rows(first, f"select * from {table}") == rows(again, f"select * from {table}")
    assert rows(first, EVENTS) != rows(other, EVENTS)


def test_lives_on_the_same_in_many_steps_as_in_one(tmp_path: Path) -> None:
    whole, steps = made(tmp_path / "a.db"), made(tmp_path / "b.db")
    until = us_of(START) + 26 * DAY_US
    shopdata.advance(whole, until)
    for moment in range(us_of(START) + 20 * DAY_US, until + 1, DAY_US // 5):
        shopdata.advance(steps, moment)
    assert shopdata.until(steps) == shopdata.until(whole) == until
    assert rows(whole, EVENTS) == rows(steps, EVENTS)
    assert rows(whole, "select * from customers") == rows(steps, "select * from customers")
    assert shopdata.advance(whole, until - DAY_US) == 0, "time does not run backwards"


def test_every_row_is_sound(tmp_path: Path) -> None:
    shop = made(tmp_path / "shop.db", days=40)
    ids = [number for (number,) in rows(shop, "select event_id from events")]
    assert ids == list(range(1, len(ids) + 1))
    assert len(ids) > 1_000
    moments = [moment for (moment,) in rows(shop, "select happened_at from events order by event_id")]
    assert moments == sorted(moments), "numbered in order of time"
    assert set(rows(shop, "select distinct kind from events")) == {("view",), ("click",), ("purchase",)}
    strangers = (
        "select 1 from events left join customers using (customer_id) where region is null or happened_at < joined_at"
    )
    assert rows(shop, strangers) == []
    other = "select events.price from events join products using (product_id) where events.price <> products.price"
    assert rows(shop, other) == [(float(shopdata.ABSURD),)], "one order at a price that nothing has"
    bought = Counter(customer for (customer,) in rows(shop, "select customer_id from events where kind = 'purchase'"))
    clicked = Counter(customer for (customer,) in rows(shop, "select customer_id from events where kind = 'click'"))
    assert all(bought[customer] <= clicked[customer] for customer in bought)
    assert rows(shop, "select count(*) from customers where updated_at < joined_at") == [(0,)]


def test_the_absurd_order_is_one_purchase_in_the_history_and_none_comes_after(tmp_path: Path) -> None:
    shop = made(tmp_path / "shop.db")
    shopdata.advance(shop, us_of(START) + 60 * DAY_US)
    ((kind, moment),) = rows(shop, "select kind, happened_at from events where price > 10000000")
    assert kind == "purchase"
    assert local_text(us_of(START)) < moment < local_text(us_of(START) + 20 * DAY_US)


def test_says_that_it_is_simulated(tmp_path: Path) -> None:
    ((note,),) = rows(made(tmp_path / "shop.db"), "select note from simulation")
    assert "no person, product or order in this database is real" in note


def test_some_ages_are_missing_and_weekends_are_busier(tmp_path: Path) -> None:
    shop = made(tmp_path / "shop.db", days=84, customers=400)
    ((missing, all_),) = rows(shop, "select sum(age is null), count(*) from customers")
    assert 0.04 < missing / all_ < 0.13
    days = Counter(
        datetime.fromisoformat(moment).weekday() for (moment,) in rows(shop, "select happened_at from events")
    )
    assert days[5] > 1.1 * days[1]


def favourites(shop: Path, ages: str, when: str) -> list[int]:
    """Products by how often these customers bought them then, most first."""
    sql = f"""select product_id from events join customers using (customer_id)
              where kind = 'purchase' and {ages} and {when} group by product_id order by count(*) desc, product_id"""
    return [product for (product,) in rows(shop, sql)]


def hits(shop: Path, ages: str, when: str, best: Sequence[int]) -> float:
    """Share of their purchases then that are among these products."""
    marks = ", ".join(map(str, best))
    sql = f"""select avg(product_id in ({marks})) from events join customers using (customer_id)
              where kind = 'purchase' and {ages} and {when}"""
    ((share,),) = rows(shop, sql)
    return float(share)


YOUNG, OTHERS = "age < 20", "age >= 20"


@pytest.fixture(scope="module")
def waved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A shop sixty days before and after its wave, with conditions for the time before and after."""
    shop = made(
        tmp_path_factory.mktemp("waved") / "shop.db", days=60, customers=300, products=32, wave_after=60, wave=150,
    )  # fmt: skip
    shopdata.advance(shop, us_of(START) + 120 * DAY_US)
    turn, late = local_text(us_of(START) + 60 * DAY_US), local_text(us_of(START) + 90 * DAY_US)
    return shop, f"happened_at < '{turn}'", f"happened_at >= '{late}'"


def test_after_the_wave_the_old_ranking_misses_what_the_young_buy(waved: tuple[Path, str, str]) -> None:
    shop, before, after = waved
    old, new = favourites(shop, YOUNG, before)[:5], favourites(shop, YOUNG, after)[:5]
    assert hits(shop, YOUNG, before, old) > 0.5
    assert hits(shop, YOUNG, after, old) < 0.5 * hits(shop, YOUNG, before, old)
    assert hits(shop, YOUNG, after, new) > 3 * hits(shop, YOUNG, after, old), "who learns anew is rewarded"
    best = favourites(shop, OTHERS, before)[:5]
    assert hits(shop, OTHERS, after, best) == pytest.approx(hits(shop, OTHERS, before, best), abs=0.1)


def test_the_wave_moves_the_mix_of_ages_beyond_what_a_drift_monitor_allows(waved: tuple[Path, str, str]) -> None:
    shop, before, after = waved
    shares = []
    for when in (before, after):
        sql = f"""select avg(age < 20) from (select distinct customer_id, age from events join customers
                  using (customer_id) where age is not null and {when})"""
        ((share,),) = rows(shop, sql)
        shares.append(float(share))
    then, now = shares
    index = (now - then) * math.log(now / then) + (then - now) * math.log((1 - now) / (1 - then))
    assert index > 0.25, "population stability index over young and not young"


def test_without_a_wave_nothing_turns(tmp_path: Path) -> None:
    design = shopdata.design_of(made(tmp_path / "shop.db"))
    young = next(one for one in world(design).customers if one.age < 20)
    then, later = (world(design).utilities(young, design.start_us + days * DAY_US) for days in (0, 300))
    assert sum(abs(a - b) for a, b in zip(then, later, strict=True)) < 0.5 * len(then), "seasons, nothing else"


def test_what_is_shown_is_bought_more_often_and_only_afterwards(tmp_path: Path) -> None:
    unseen, seen = made(tmp_path / "a.db", customers=200), made(tmp_path / "b.db", customers=200)
    design = shopdata.design_of(seen)
    truth, until = world(design), us_of(START) + 50 * DAY_US
    asked: list[tuple[Visit, Shown]] = []

    def show(visit: Visit) -> Shown:
        liked = truth.utilities(visit.customer, visit.at_us)
        best = sorted(range(len(liked)), key=lambda place: -liked[place])[3:8]
        asked.append((visit, Shown(at_us=visit.at_us + 60_000_000, products=tuple(place + 1 for place in best))))
        return asked[-1][1]

    shopdata.advance(unseen, until)
    shopdata.advance(seen, until, show)

    def sold(shop: Path) -> int:
        wanted = {(visit.customer.id, product) for visit, shown in asked for product in shown.products}
        sql = "select customer_id, product_id from events where kind = 'purchase' and happened_at >= ?"
        return sum(pair in wanted for pair in rows(shop, sql, local_text(us_of(START) + 20 * DAY_US)))

    assert sold(seen) > 1.15 * sold(unseen)
    first = min(
        moment
        for (moment,) in rows(
            seen, "select happened_at from events where happened_at >= ?", local_text(asked[0][0].at_us)
        )
    )
    assert first > local_text(asked[0][1].at_us)


def test_a_database_is_never_written_over(tmp_path: Path) -> None:
    made(tmp_path / "shop.db")
    with pytest.raises(FileExistsError):
        made(tmp_path / "shop.db")
