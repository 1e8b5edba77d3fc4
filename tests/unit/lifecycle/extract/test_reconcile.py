"""Rows that a table says are deleted, or that are gone from it, or that changed without their cursor."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import tidemill as tm
from tests import postgres
from tests.street import DAY, HOUR, Street, us
from tidemill.facts.data import DatasetVersion
from tidemill.features.offline.asks import ASK, ASKED
from tidemill.features.offline.join import looked_up
from tidemill.features.offline.lake import Lake
from tidemill.features.plan import clean
from tidemill.lifecycle.extract.keyranges import differing, read, written
from tidemill.ports.source import Held, KeyRanges, Numbering, RangeReader, Reader, Slice
from tidemill.spec.source import SqlTable, Table
from tidemill.stores import keyranges
from tidemill.stores.sources.database import DatabaseReader
from tidemill.stores.sources.postgres import PostgresReader

START = us("2026-01-01")


@dataclass(slots=True)
class Base:
    """A database with one table `orders`: its URL, how a reader of it is made, and what runs statements there."""

    url: str
    made: Callable[[SqlTable], Reader]
    run: Callable[[str], None]


class Mill(Street):
    """The eight stages over that database."""

    def __init__(self, system: tm.System, base: Base) -> None:
        self.base = base
        super().__init__(system)

    def reader(self, table: Table) -> Reader:
        assert isinstance(table, SqlTable)
        return self.base.made(table)


def sqlite(folder: Path) -> Base:
    file = folder / "shop.db"

    def run(statement: str) -> None:
        with closing(sqlite3.connect(file)) as link, link:
            link.execute(statement)

    return Base(url=f"sqlite:///{file}", made=lambda table: DatabaseReader(table, slice_rows=3), run=run)


@pytest.fixture(params=["sqlite", "postgres", "postgres by SQLAlchemy"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Base:
    if request.param == "sqlite":
        return sqlite(tmp_path)
    held: postgres.Database = request.getfixturevalue("database")
    if request.param == "postgres":
        return Base(url=held.url, made=lambda table: PostgresReader(table, slice_rows=3), run=held.run)
    url = held.url.replace("postgresql:", "postgresql+psycopg:")
    return Base(url=url, made=lambda table: DatabaseReader(table, slice_rows=3), run=held.run)


def shop(base: Base, *, key: str = "id", cursor: str | None = "at", reconcile: str | None = "1d", **words: Any) -> Mill:
    kind = "bigint" if key == "id" else "varchar(20)"
    base.run(f"create table orders ({key} {kind} primary key, at timestamp, price double precision, dropped boolean)")
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    table = tm.sql(base.url).table("orders", cursor=cursor, reconcile=reconcile)
    system.source("orders", table, key=key, time="at", **words)
    return Mill(system, base)


def insert(base: Base, *rows: tuple[object, int, float]) -> None:
    for key, day, price in rows:
        told = f"'{key}'" if isinstance(key, str) else key
        base.run(f"insert into orders values ({told}, '2026-01-{day:02d} 00:00:00', {price}, false)")


def landed(mill: Mill, key: str = "id") -> list[tuple[object, float, str]]:
    return [(row[key], row["price"], row["_op"]) for row in mill.landed("orders").to_pylist()]


def standing(mill: Mill, key: str = "id") -> dict[object, float]:
    """What readers see as it turned out."""
    lake: Lake = mill.lake
    rows = lake.query(clean(mill.system.source("orders"), lake.dialect)).to_pylist()
    assert len({row[key] for row in rows}) == len(rows)
    return {row[key]: row["price"] for row in rows}


def test_a_row_that_says_it_is_deleted_ends_and_may_come_back(base: Base) -> None:
    mill = shop(base, cursor=None, reconcile=None, deleted="dropped", expect=["price > 0"])
    insert(base, (1, 1, 5.0), (2, 2, 6.0))
    mill.extract("orders", START + 10 * DAY)
    base.run("update orders set dropped = true, price = -1 where id = 1")
    mill.extract("orders", START + 11 * DAY)
    assert (landed(mill)[2:], standing(mill)) == ([(1, -1.0, "D")], {2: 6.0})
    mill.extract("orders", START + 12 * DAY)
    assert len(landed(mill)) == 3
    base.run("update orders set dropped = false, price = 5 where id = 1")
    mill.extract("orders", START + 13 * DAY)
    assert (landed(mill)[3:], standing(mill)) == ([(1, 5.0, "U")], {1: 5.0, 2: 6.0})


@pytest.mark.parametrize("key", ["id", "code"])
@pytest.mark.parametrize("cursor", ["at", None])
def test_what_is_gone_lands_as_deleted_and_what_changed_again(base: Base, key: str, cursor: str | None) -> None:
    mill = shop(base, key=key, cursor=cursor)
    names: list[Any] = [3000 * n if key == "id" else f"order {n}" for n in range(8)]
    insert(base, *((name, 1 + n, float(n)) for n, name in enumerate(names)))
    mill.extract("orders", START + 10 * DAY)
    told = [name if key == "id" else f"'{name}'" for name in names]
    base.run(f"delete from orders where {key} = {told[1]}")
    base.run(f"update orders set price = 50 where {key} = {told[2]}")
    new: Any = 99_000 if key == "id" else "order 99"
    insert(base, (new, 20, 99.0))
    mill.extract("orders", START + 10 * DAY + 23 * HOUR)  # not due yet: only what its cursor, or the whole, brings
    assert standing(mill, key)[names[1]] == 1.0
    mill.extract("orders", START + 11 * DAY)
    wanted = {name: float(n) for n, name in enumerate(names) if n != 1} | {names[2]: 50.0, new: 99.0}
    assert standing(mill, key) == wanted
    known = {row[key]: row["_known_at"] for row in mill.landed("orders").to_pylist() if row["_op"] in "UD"}
    assert us(known[names[1]].isoformat()) == START + 11 * DAY
    assert sorted(op for _, _, op in landed(mill, key)) == ["D", *"IIIIIIIII", "U"]
    before = mill.extract("orders", START + 11 * DAY + HOUR)
    assert before.rows == 11
    assert mill.extract("orders", START + 13 * DAY).rows == 11  # compared once more, and nothing was new
    assert landed(mill, key)[-1][2] in "UD"


def test_a_row_that_vanished_and_came_back_as_it_was_lands_again(base: Base) -> None:
    mill = shop(base, cursor=None)
    insert(base, (1, 1, 5.0), (2, 2, 6.0))
    mill.extract("orders", START + 10 * DAY)
    base.run("delete from orders where id = 1")
    mill.extract("orders", START + 12 * DAY)
    insert(base, (1, 1, 5.0))
    mill.extract("orders", START + 14 * DAY)
    assert landed(mill)[2:] == [(1, 5.0, "D"), (1, 5.0, "U")]
    assert standing(mill) == {1: 5.0, 2: 6.0}


def test_a_table_that_is_empty_has_lost_all_of_its_rows(base: Base) -> None:
    mill = shop(base)
    insert(base, (1, 1, 5.0), (2, 2, 6.0))
    mill.extract("orders", START + 10 * DAY)
    base.run("delete from orders")
    mill.extract("orders", START + 12 * DAY)
    assert standing(mill) == {}
    insert(base, (3, 3, 7.0))
    mill.extract("orders", START + 14 * DAY)
    assert standing(mill) == {3: 7.0}


def test_a_comparison_that_is_declared_later_finds_what_was_missed_before(base: Base) -> None:
    mill = shop(base, reconcile=None)
    insert(base, (1, 5, 5.0), (2, 6, 6.0), (3, 7, 7.0))
    mill.extract("orders", START + 10 * DAY)
    base.run("delete from orders where id = 2")
    insert(base, (4, 1, 8.0))  # behind the cursor
    mill.extract("orders", START + 11 * DAY)
    assert standing(mill) == {1: 5.0, 2: 6.0, 3: 7.0}
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    system.source("orders", tm.sql(base.url).table("orders", cursor="at", reconcile="1d"), key="id", time="at")
    mill.system = system.declared()
    mill.extract("orders", START + 11 * DAY)
    assert standing(mill) == {1: 5.0, 3: 7.0, 4: 8.0}


@pytest.mark.parametrize("seed", range(4))
def test_after_each_comparison_what_stands_is_what_the_table_holds(base: Base, seed: int) -> None:
    chance = random.Random(seed)
    mill = shop(base, cursor=chance.choice(["at", None]))
    held: dict[int, tuple[int, float]] = {}
    now = START + 28 * DAY
    for _ in range(6):
        for _ in range(chance.randint(1, 12)):
            key = chance.choice([chance.randint(-200, 200), chance.randint(-(10**12), 10**12)])
            if key in held:
                continue
            held[key] = (chance.randint(1, 28), float(chance.randint(0, 9)))
            insert(base, (key, *held[key]))
        for key in chance.sample(sorted(held), len(held) // 3):
            if chance.random() < 0.5:
                base.run(f"delete from orders where id = {key}")
                del held[key]
            else:
                held[key] = (held[key][0], float(chance.randint(10, 19)))
                base.run(f"update orders set price = {held[key][1]} where id = {key}")
        now += chance.choice([HOUR, DAY, 2 * DAY])
        mill.extract("orders", now)
    version: DatasetVersion = mill.extract("orders", now + DAY)
    assert standing(mill) == {key: price for key, (_, price) in held.items()}
    assert mill.extract("orders", now + 2 * DAY).rows == version.rows


def test_only_ranges_that_differ_are_read(base: Base) -> None:
    shop(base)
    insert(base, *((n * 1000, 1, 1.0) for n in range(40)))
    reader = base.made(SqlTable(url=base.url, table="orders", cursor="at"))
    assert isinstance(reader, RangeReader)
    was = reader.holds(("id",))
    assert list(differing(was, reader.holds(("id",)))) == []
    base.run("update orders set price = 2 where id = 7000")
    base.run("delete from orders where id = 30000")
    (ranges,) = differing(was, reader.holds(("id",)))
    assert len(ranges.numbers) == 2
    assert sum(piece.rows.num_rows for piece in reader.stretches(("id",), ranges, "")) == 1


def test_ranges_of_whole_numbers_are_few_wherever_they_lie() -> None:
    for low, high in ((0, 0), (-5, 70_000), (2**62, 2**62 + 1), (-(2**63), 2**63 - 1)):
        by = keyranges.shifted(low, high)
        assert 0 <= (high >> by.shift) - (low >> by.shift) < keyranges.MOST


def test_a_state_that_landed_late_does_not_hide_the_deletion_of_its_key(base: Base) -> None:
    """Two states of one key, the older one landed last: the deletion has the newer one's time, and ends both."""
    base.run("create table orders (id bigint, at timestamp, price double precision, dropped boolean)")
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    table = tm.sql(base.url).table("orders", reconcile="1d")
    source = system.source("orders", table, key="id", time="at")
    view = system.features("last", source, entity="id", windows={"n": tm.count("7d", step="0s")})
    mill = Mill(system, base)
    insert(base, (1, 9, 1.0), (2, 9, 1.0))
    mill.extract("orders", START + 10 * DAY)
    base.run("update orders set at = '2026-01-02 00:00:00' where id = 1")
    mill.extract("orders", START + 11 * DAY)
    base.run("delete from orders where id = 1")
    mill.extract("orders", START + 12 * DAY)
    asks = pa.table(
        {ASK: [0, 1, 2], ASKED: [START + 11 * DAY, START + 12 * DAY, START + 12 * DAY + 1], "id": [1, 1, 1]}
    )
    assert looked_up(view, asks, mill.lake)["n"].data.tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("kinds", "key"),
    [
        ("code varchar(9), n int, day date", ("code", "n")),
        ("code varchar(9), n int, day date", ("code", "day")),
        ("code uuid, n int, day date", ("n", "code")),
        ("code uuid, n int, day date", ("day",)),
    ],
)
def test_keys_of_any_columns_are_told_apart(base: Base, kinds: str, key: tuple[str, ...]) -> None:
    base.run(f"create table orders ({kinds}, price double precision)")
    code = "{n:08x}-0000-0000-0000-000000000000" if "uuid" in kinds else "c{n:x}"
    rows = [f"('{code.format(n=n)}', {n % 7}, '{2000 + n // 12}-{1 + n % 12:02d}-01', {n})" for n in range(60)]
    base.run(f"insert into orders values {', '.join(rows)}")
    system = tm.System("shop", owner="o@shop.example", zone="Europe/Berlin")
    system.source("orders", tm.sql(base.url).table("orders", reconcile="1d"), key=key, time="day")
    mill = Mill(system, base)
    mill.extract("orders", START)
    base.run("delete from orders where price < 9 or price > 50")
    base.run("update orders set price = 1000 where price = 30")
    mill.extract("orders", START + DAY)
    kept = {float(n) for n in range(9, 51)} - {30.0} | {1000.0}
    lake = mill.lake
    found = lake.query(clean(mill.system.source("orders"), lake.dialect))["price"].to_pylist()
    assert sorted(found) == sorted(kept)
    assert sorted(mill.landed("orders")["_op"].to_pylist()) == ["D"] * 18 + ["I"] * 60 + ["U"]


def test_a_row_that_came_while_the_table_was_first_read_and_went_again_is_gone(tmp_path: Path) -> None:
    base = sqlite(tmp_path)

    class Meddled(DatabaseReader):
        def slices(self, cursor: str) -> Iterator[Slice]:
            if not cursor:
                insert(base, (2, 2, 6.0))
            yield from super().slices(cursor)

    base.made = Meddled
    mill = shop(base)
    insert(base, (1, 1, 5.0))
    mill.extract("orders", START + 10 * DAY)
    assert standing(mill) == {1: 5.0, 2: 6.0}
    base.run("delete from orders where id = 2")
    mill.extract("orders", START + 11 * DAY)
    assert standing(mill) == {1: 5.0}


def test_what_a_cursor_keeps_of_ranges_is_what_they_held() -> None:
    held = Held(numbering=Numbering(by="shift", shift=9), digests={-3: b"12345678", 4: b"abcdefgh"})
    assert read(written(held)) == held
    assert read(written(replace(held, digests={}))) == replace(held, digests={})
    assert read("") is None


def test_ranges_that_are_neighbours_are_one_span() -> None:
    ranges = KeyRanges(numbering=Numbering(by="shift", shift=2), numbers=(-2, -1, 3, 5, 6))
    assert list(keyranges.spans(ranges)) == [(-8, 0), (12, 16), (20, 28)]
