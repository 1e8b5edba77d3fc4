"""Rows that no system knows: files in every form, tables of databases, times in a zone, and labels."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.postgres import Database
from tidemill.app.explore import Wanted, of_rows
from tidemill.app.outside import Place, tables
from tidemill.errors import DataError, SettingsError, SourceError
from tidemill.facts.data import Profile
from tidemill.interfaces.report.explore import explore_html
from tidemill.interfaces.report.explore_text import explore_markdown

N = 400


def rows() -> list[dict[str, object]]:
    random = np.random.default_rng(3)
    paid = random.random(N) < 0.4
    amounts = np.round(random.lognormal(3, 0.4, N), 2)
    return [
        {
            "order_id": i,
            "at": f"2026-01-{1 + i // 24:02d} {i % 24:02d}:00:00",
            "amount": float(amounts[i]),
            "state": "settled" if paid[i] else "open",
            "paid": int(paid[i]),
        }
        for i in range(N)
    ]


def looked(what: str, **said: str) -> Profile:
    place = {name: said.pop(name) for name in ("table", "query") if name in said}
    return of_rows(Wanted(place=Place(what=what, **place), **said), progress=lambda what, done, total: None)[0]


def comma_separated(every: list[dict[str, object]]) -> str:
    return "\n".join([",".join(every[0]), *(",".join(map(str, row.values())) for row in every)]) + "\n"


def lines(every: list[dict[str, object]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in every)


def one_csv(folder: Path) -> str:
    (folder / "orders.csv").write_text(comma_separated(rows()))
    return str(folder / "orders.csv")


def squeezed(folder: Path) -> str:
    (folder / "orders.csv.gz").write_bytes(gzip.compress(comma_separated(rows()).encode()))
    return str(folder / "orders.csv.gz")


def json_lines(folder: Path) -> str:
    (folder / "orders.jsonl.gz").write_bytes(gzip.compress(lines(rows()).encode()))
    return str(folder / "orders.jsonl.gz")


def a_folder(folder: Path) -> str:
    for part in range(4):
        (folder / f"day={part}").mkdir()
        some = rows()[part * 100 : part * 100 + 100]
        text = comma_separated(some) if part % 2 else lines(some)
        (folder / f"day={part}" / f"part.{'csv' if part % 2 else 'jsonl'}").write_text(text)
    return str(folder)


def a_pattern(folder: Path) -> str:
    for part in range(4):
        (folder / f"part{part}.csv").write_text(comma_separated(rows()[part * 100 : part * 100 + 100]))
    (folder / "other.csv").write_text("a\n1\n")
    return str(folder / "part*.csv")


def in_sqlite(folder: Path) -> str:
    link = sqlite3.connect(folder / "shop.db")
    link.execute("create table orders (order_id integer primary key, at timestamp, amount real, state text, paid int)")
    link.executemany("insert into orders values (?, ?, ?, ?, ?)", [tuple(row.values()) for row in rows()])
    link.commit()
    link.close()
    return f"sqlite:///{folder / 'shop.db'}"


@pytest.mark.parametrize("made", [one_csv, squeezed, json_lines, a_folder, a_pattern, in_sqlite])
def test_the_same_rows_are_the_same_wherever_they_lie(made: Callable[[Path], str], tmp_path: Path) -> None:
    profile = looked(made(tmp_path))
    told = {column.name: column for column in profile.columns}
    assert profile.rows == N
    assert {name: told[name].type for name in ("order_id", "at", "amount", "state")} == {
        "order_id": "int", "at": "timestamp", "amount": "float", "state": "text",
    }  # fmt: skip
    assert told["amount"].mean == pytest.approx(np.mean([row["amount"] for row in rows()]))
    assert (profile.first_us, profile.last_us) == (1_767_225_600_000_000, 1_768_662_000_000_000)


def test_decimals_of_several_files_keep_their_places(tmp_path: Path) -> None:
    for name, value, places in (("a", "1.25", 2), ("b", "1.23456", 5)):
        prices = pa.array([Decimal(value)] * 40, pa.decimal128(38, places))
        pq.write_table(pa.table({"price": prices}), tmp_path / f"{name}.parquet")
    (price,) = looked(str(tmp_path)).columns
    assert (price.quantiles[0], price.quantiles[-1], price.distinct) == (1.23456, 1.25, 2)


def test_what_is_looked_at_has_a_name(tmp_path: Path) -> None:
    assert looked(one_csv(tmp_path)).dataset == "orders"
    assert looked(in_sqlite(tmp_path)).dataset == "orders"
    assert Place(what="data/2026/*.csv").name == "2026"
    assert Place(what="sqlite:///shop.db", query="select 1").name == "query"


def test_of_several_tables_one_has_to_be_named_and_all_are_listed(tmp_path: Path) -> None:
    url = in_sqlite(tmp_path)
    link = sqlite3.connect(tmp_path / "shop.db")
    link.execute("create table people (id int)")
    link.execute("create view paid_orders as select * from orders where paid = 1")
    link.close()
    assert tables(url) == ("orders", "paid_orders", "people")
    with pytest.raises(SourceError) as caught:
        looked(url)
    assert caught.value.code == "source.table-unnamed"
    assert caught.value.fields["known"] == ("orders", "paid_orders", "people")
    with pytest.raises(SourceError) as caught:
        looked(url, table="order")
    assert (caught.value.code, caught.value.fields["nearest"]) == ("source.table-missing", "orders")
    assert looked(url, table="paid_orders").rows == sum(int(str(row["paid"])) for row in rows())
    assert looked(url, query="select * from orders where order_id < 50").rows == 50
    with pytest.raises(DataError) as empty:
        looked(url, table="people")
    assert empty.value.code == "data.empty-source"


@pytest.mark.needs("postgres")
def test_tables_of_postgresql_are_listed_and_read_as_they_are_declared(database: Database) -> None:
    database.run(
        "create table orders (order_id bigint primary key, at timestamptz, amount numeric(12, 2), paid boolean)",
        "insert into orders select i, timestamptz '2026-01-01' + i * interval '1 hour', i + 0.25, i % 3 = 0 "
        "from generate_series(1, 500) as i",
        "create schema old",
        "create table old.orders (order_id bigint)",
    )
    assert tables(database.url) == ("old.orders", "orders")
    with pytest.raises(SourceError) as caught:
        looked(database.url)
    assert caught.value.fields["known"] == ("old.orders", "orders")
    profile = looked(database.url, table="orders", label="paid")
    assert (profile.rows, {one.label for one in profile.relations}) == (500, {"paid"})
    assert {column.name: column.type for column in profile.columns}["paid"] == "boolean"
    assert looked(database.url, query="select order_id, at from orders where paid").rows == 166


def test_times_without_a_zone_are_read_and_shown_in_the_one_that_is_named(tmp_path: Path) -> None:
    every = rows()
    every[7]["amount"] = 1e9
    (tmp_path / "orders.csv").write_text(comma_separated(every))
    profile = looked(str(tmp_path / "orders.csv"), zone="Asia/Seoul")
    assert profile.first_us == 1_767_225_600_000_000 - 9 * 3_600_000_000
    (one,) = [finding for finding in profile.findings if finding.code == "finding.outliers"]
    assert one.fields["ids"] == ("row 8, at 2026-01-01 07:00:00",)


def test_with_a_label_leaks_and_relations_are_told(tmp_path: Path) -> None:
    profile = looked(one_csv(tmp_path), label="paid")
    leaks = {one.subject for one in profile.findings if one.code == "finding.leak-is-outcome"}
    assert leaks == {"orders.state"}
    assert profile.findings[0].subject == "orders.state"
    (state,) = [one for one in profile.relations if one.column == "state"]
    assert {share.value: share.mean for share in state.shares} == {"'open'": 0.0, "'settled'": 1.0}
    assert {one.column for one in profile.relations} == {"order_id", "amount", "state"}


def test_an_order_of_whole_numbers_will_do_for_a_time(tmp_path: Path) -> None:
    profile = looked(one_csv(tmp_path), time="order_id", label="state", positive="settled")
    assert profile.first_us is None
    assert {one.column for one in profile.relations} == {"at", "amount", "paid"}


def test_without_any_time_the_rows_are_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text("x,y\n" + "".join(f"{i % 7},{i % 2}\n" for i in range(300)))
    profile = looked(str(tmp_path / "plain.csv"), label="y")
    assert [one.column for one in profile.relations] == ["x"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"time": "att"}, "data.column-missing"),
        ({"time": "state"}, "data.not-an-order"),
        ({"label": "pad"}, "data.column-missing"),
        ({"label": "at"}, "data.label-kind"),
        ({"label": "state", "positive": "payed"}, "data.label-no-such-value"),
    ],
)
def test_columns_that_cannot_be_what_they_are_named_for_are_said(
    said: dict[str, str], code: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError) as caught:
        looked(one_csv(tmp_path), **said)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("what", "error", "code"),
    [
        ("sqlite:///nowhere.db", SourceError, "source.unreachable"),
        ("nosuch://host/db", SourceError, "source.driver-missing"),
        ("sqlite:///${TIDEMILL_NO_SUCH_NAME}", SettingsError, "settings.reference-unset"),
    ],
)
def test_a_database_that_cannot_be_reached_is_said(what: str, error: type[Exception], code: str) -> None:
    with pytest.raises(error) as caught:
        looked(what, table="orders")
    assert getattr(caught.value, "code", "") == code


def test_lists_objects_and_bytes_are_looked_at_as_text(tmp_path: Path) -> None:
    nested = pa.table({
        "n": range(40), "list": [[1, None]] * 40, "object": [{"a": n % 2} for n in range(40)],
        "raw": [b"\xff\x00"] * 40,
    })  # fmt: skip
    pq.write_table(nested, tmp_path / "nested.parquet")
    told = {column.name: column for column in looked(str(tmp_path / "nested.parquet"), label="n").columns}
    assert [told[name].type for name in ("list", "object", "raw")] == ["unknown"] * 3
    assert told["list"].top == (("[1, None]", 40),)
    assert told["raw"].top == ((str(b"\xff\x00"), 40),)
    assert told["object"].distinct == 2


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/New_York"])
@pytest.mark.parametrize("edge", ["0001-01-01 00:00:00", "9999-12-31 23:59:59"])
def test_times_at_the_ends_of_the_calendar_are_shown_in_every_zone(tmp_path: Path, zone: str, edge: str) -> None:
    every = rows()
    every[7] |= {"at": edge, "amount": 1e9}
    (tmp_path / "orders.csv").write_text(comma_separated(every))
    profile = looked(str(tmp_path / "orders.csv"), zone=zone)
    far = [one for one in profile.findings if one.code == "finding.outliers" and one.fields["column"] == "amount"]
    assert f"row 8, at {edge[:10]}" in str(far[0].fields["ids"])
    assert edge[:10] in explore_markdown(profile)
    assert edge[:10] in explore_html(profile, time="at", zone=zone)
