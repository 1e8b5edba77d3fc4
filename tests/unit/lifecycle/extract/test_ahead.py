"""Queries that look ahead are named with what knows the future; honest ones are never, whatever order rows come in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tidemill as tm
from tests.street import COMPUTE, Street
from tidemill.facts.data import Finding
from tidemill.lifecycle.extract.ahead import looks_ahead
from tidemill.lifecycle.extract.beside import Asked
from tidemill.ports.source import Reader
from tidemill.spec.source import FilesQuery, Source, Table
from tidemill.stores.memory.source import MemoryQueryReader
from tidemill.stores.sources.files import FilesQueryReader

ROWS = 3_000
START = datetime(2026, 1, 1)  # noqa: DTZ001 - files hold naive times


def table(rows: int = ROWS, *, ties: int = 0, in_order: bool = False) -> pa.Table:
    """Rows a minute apart, of nine shops; so many share their time with the one before."""
    chance = np.random.default_rng(7)
    minute = np.arange(rows)
    tied = chance.choice(np.arange(1, rows), ties, replace=False)
    minute[np.sort(tied)] = minute[np.sort(tied) - 1]
    minute = minute if in_order else chance.permutation(minute)
    return pa.table(
        {
            "id": np.arange(rows),
            "ts": pa.array([START + timedelta(minutes=int(n)) for n in minute], pa.timestamp("us")),
            "minute": minute,
            "shop": chance.integers(0, 9, rows),
            "y": chance.normal(size=rows) * 10.0 ** chance.integers(-5, 5, rows),
            "word": [f"w{n}" for n in chance.integers(0, 50, rows)],
        }
    )


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("raw") / "raw.parquet"
    pq.write_table(table(), path)
    return path


def asked(reader: FilesQueryReader, **words: object) -> Asked:
    source = Source(name="visits", dataset="visits", table=reader.table, key=("id",), time="ts")
    return Asked(source=replace(source, **words), zone="Europe/Berlin", compute=COMPUTE)  # type: ignore[arg-type] # words of a source


def found(path: Path, sql: str, **words: object) -> dict[str, Finding]:
    """Findings by short code."""
    reader = FilesQueryReader(FilesQuery(sql=sql, tables=(("raw", tm.files(str(path))),)))
    return {one.code.removeprefix("finding."): one for one in looks_ahead(reader, asked(reader, **words))}


MADE = "timestamp '2026-01-01' + to_minutes(minute)"
HONEST = [
    "select * from raw",
    "select distinct * from raw",
    "select *, lag(y) over (order by ts) as l, lag(y, 3) over (partition by shop order by ts) as l3 from raw",
    "select *, sum(y) over (order by ts) as s, avg(y) over (partition by shop order by ts) as a from raw",
    "select *, stddev(y) over (partition by shop order by ts rows 20 preceding) as d from raw",
    "select *, sum(y) over (order by ts range between interval '1h' preceding and current row) as s from raw",
    "select id, ts, y, lag(y) over (order by ts) as l from raw",
    "select a.*, (select avg(b.y) from raw b where b.shop = a.shop and b.ts < a.ts) as p from raw a where id < 300",
    "select a.*, b.y as before from raw a asof left join raw b on a.shop = b.shop and a.ts > b.ts",
    "select id, ts, count(*) as n, sum(y) as s from raw group by id, ts",
    "select shop as id, date_trunc('hour', ts) as ts, sum(y) as s from raw group by all",
    "select shop as id, max(ts) as ts, sum(y) as s from raw group by shop",
    "select * from raw qualify row_number() over (partition by shop, ts order by id) = 1",
    f"select * exclude (ts), {MADE} as ts, lag(y) over (order by minute) as l, rank() over (order by ts) from raw",
    "select *, list(word) over (order by ts rows 2 preceding) as words, lag({'y': y}) over (order by ts) as s from raw",
    "select * exclude (ts), case when minute % 2 = 0 then ts end as ts, lag(y) over (order by ts) as l from raw",
]


@pytest.mark.parametrize("sql", HONEST)
def test_an_honest_query_gives_nothing(raw: Path, sql: str) -> None:
    assert found(raw, sql) == {}


LOOKING = [
    ("select *, lead(y) over (order by ts) as ahead from raw", 1),
    ("select id, ts, lead(y) over (partition by shop order by ts) as ahead from raw", 9),
    ("select *, avg(y) over () as ahead from raw", 2_000),
    ("select *, max(word) over (partition by shop) as w, count(*) over (partition by shop) as ahead from raw", 2_000),
    ("select *, row_number() over (partition by shop order by ts desc) as ahead from raw", 2_000),
    ("select *, sum(y) over (order by ts rows between 3 preceding and 3 following) as ahead from raw", 3),
    ("select r.*, (select max(y) from raw) as ahead from raw r", None),
    ("select a.*, b.y as ahead from raw a left join raw b on b.minute = a.minute + 1", 1),
    ("select shop as id, min(ts) as ts, sum(y) as ahead from raw group by shop", 6),
    (
        f"select * exclude (ts), {MADE} + interval '1h' as ts, lead(y) over (order by minute) as ahead from raw",
        1,
    ),
    ("select *, random() as r, lead(y) over (order by ts) as ahead from raw", 1),
]


@pytest.mark.parametrize(("sql", "rows"), LOOKING)
def test_a_column_that_knows_what_comes_later_is_named(raw: Path, sql: str, rows: int | None) -> None:
    one = found(raw, sql)["looks-ahead"]
    assert (one.importance, one.fields["columns"]) == (1.0, ("ahead",))
    assert rows in (None, one.fields["rows"])
    assert one.fields["now"] != one.fields["then"]


def test_it_is_said_of_how_many_rows_and_of_one_what_it_holds_with_and_without_the_future(tmp_path: Path) -> None:
    days = [datetime(2026, 1, day) for day in range(1, 10)]  # noqa: DTZ001 - files hold naive times
    rows = pa.table({"id": range(9), "ts": pa.array(days, pa.timestamp("us")), "y": [10 * n for n in range(9)]})
    pq.write_table(rows, tmp_path / "raw.parquet")
    one = found(tmp_path / "raw.parquet", "select *, lead(y) over (order by ts) as next_y from raw")["looks-ahead"]
    said = {"columns": ("next_y",), "rows": 1, "of": 6, "share": 1 / 6, "at": "2026-01-07"}
    said |= {"example": "id 5, ts 2026-01-06 00:00:00", "column": "next_y", "now": "60", "then": "null"}
    assert {name: one.fields[name] for name in said} == said


def test_rows_that_only_the_future_lets_in_are_named(raw: Path) -> None:
    sql = "select * from (select *, lead(id) over (partition by shop order by ts) as n from raw) where n is not null"
    assert found(raw, sql)["rows-from-ahead"].fields["rows"] == 9
    joined = "select a.* from raw a join raw b on b.shop = a.shop and b.minute = a.minute + 9"
    assert "rows-from-ahead" in found(raw, joined)


@pytest.mark.parametrize("ties", [1, 20, 2_000])
@pytest.mark.parametrize("in_order", [True, False])
def test_rows_that_share_a_time_make_no_leak_of_the_past_and_hide_none(
    tmp_path: Path, ties: int, in_order: bool
) -> None:
    pq.write_table(table(ties=ties, in_order=in_order), tmp_path / "raw.parquet")
    sql = "select *, {}(y) over (partition by shop order by ts) as x, row_number() over (order by ts) as n from raw"
    assert "looks-ahead" not in found(tmp_path / "raw.parquet", sql.format("lag"))
    assert found(tmp_path / "raw.parquet", sql.format("lead"))["looks-ahead"].fields["columns"] == ("x",)


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("select *, random() as r, lag(y) over (order by ts) as l from raw", ("r",)),
        ("select *, now() as r, rank() over (order by ts) as n from raw", ("r",)),
        ("select *, row_number() over () as r from raw", ("r",)),
        ("select *, lag(y) over () as r from raw", ("r",)),
        ("select * exclude (id), row_number() over () as id from raw", ("id", "ts")),
        ("select uuid() as id, ts, lag(y) over (order by ts) as l from raw", ("id", "ts")),
    ],
)
def test_chance_and_the_order_of_the_input_are_no_leak(raw: Path, sql: str, columns: tuple[str, ...]) -> None:
    seen = found(raw, sql)
    assert list(seen) == ["not-repeatable"]
    assert seen["not-repeatable"].fields["columns"] == columns


def test_a_row_that_could_be_known_only_later_may_hold_what_came_by_then(raw: Path) -> None:
    sql = "select *, lead(ts) over (partition by shop order by ts) as gone_at from raw"
    assert list(found(raw, sql)) == ["looks-ahead"]
    known = tm.System("s", owner="o@s.example", zone="UTC").source(
        "visits", tm.files("raw"), time="ts", known="gone_at"
    )
    assert found(raw, sql, known=known.known) == {}


def test_rows_without_a_key_are_put_beside_each_other_by_their_time(raw: Path) -> None:
    sql = "select ts, y, lead(y) over (order by ts) as ahead, lag(y) over (order by ts) as before from raw"
    assert found(raw, sql, key=())["looks-ahead"].fields["columns"] == ("ahead",)


def test_what_cannot_be_tried_is_said(raw: Path) -> None:
    seen = found(raw, "select id, ts - interval '1h' as ts, lead(y) over (order by ts) as ahead from raw")
    assert {code: one.fields["tables"] for code, one in seen.items()} == {"not-tried": ("raw",)}
    failing = "select *, case when count(*) over () < 3000 then error('too few') end as e from raw"
    assert "too few" in str(found(raw, failing)["not-tried"].fields["reason"])


def test_one_moment_has_nothing_before_it(tmp_path: Path) -> None:
    pq.write_table(table().set_column(1, "ts", pa.array([START] * ROWS, pa.timestamp("us"))), tmp_path / "raw.parquet")
    assert found(tmp_path / "raw.parquet", "select *, avg(y) over () as a from raw") == {}


class Counting:
    """A query in Python that counts its runs; `looking`: whether it looks ahead."""

    def __init__(self, rows: pa.Table) -> None:
        self.looking = True
        self.runs = 0
        self.reader = MemoryQueryReader(rows, self.select)

    def select(self, rows: pa.Table) -> pa.Table:
        self.runs += 1
        mean = np.mean(rows["y"].to_numpy()) if self.looking else 0.0
        return rows.append_column("mean", pa.array([mean] * rows.num_rows, pa.float64()))


def street(rows: pa.Table) -> tuple[Street, Counting]:
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    query = tm.query("select * from raw", raw=tm.files("raw"))
    source = system.source("visits", query, key="id", time="ts")
    system.request("form", source, columns=["y"])
    mill, counting = Street(system), Counting(rows)

    def open_source(table: Table) -> Reader:
        return counting.reader

    mill.ctx = replace(mill.ctx, open_source=open_source)
    return mill, counting


def test_a_version_keeps_what_its_query_did_until_the_query_runs_again() -> None:
    rows = table(60)
    mill, counting = street(rows)
    first = mill.extract("visits")
    assert [one.code for one in first.findings] == ["finding.looks-ahead"]
    counting.runs = 0
    assert mill.extract("visits") == first
    assert counting.runs == 1  # for its columns
    counting.looking = False
    counting.reader.replace(table(70))
    second = mill.extract("visits")
    assert (second.number, second.findings) == (2, ())


def test_an_honest_query_runs_about_once_more() -> None:
    mill, counting = street(table(60))
    given: list[int] = []

    def same(rows: pa.Table) -> pa.Table:
        given.append(rows.num_rows)
        return rows

    counting.reader = MemoryQueryReader(table(60), same)
    assert mill.extract("visits").findings == ()
    columns, whole, *again = given
    assert columns == whole == 60
    assert 0 < sum(again) <= 60
