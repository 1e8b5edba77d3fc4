"""Databases: cursors with equal values, typing, and everything that can go wrong on the way."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidemill.errors import SourceError
from tidemill.spec.source import SqlQuery, SqlTable
from tidemill.stores import sqlmark
from tidemill.stores.sources.database import DatabaseReader


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a shop's.db"


def run(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as link, link:
        for statement in statements:
            link.execute(statement)


def reader(file: Path, table: str = "t", cursor: str | None = None, slice_rows: int = 3) -> DatabaseReader:
    return DatabaseReader(SqlTable(url=f"sqlite:///{file}", table=table, cursor=cursor), slice_rows=slice_rows)


def code(error: pytest.ExceptionInfo[SourceError]) -> str:
    return error.value.code.removeprefix("source.")


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(0, 5), max_size=6), max_size=4), st.integers(1, 4))
def test_no_row_is_lost_or_read_twice_however_many_share_a_value(passes: list[list[int]], slice_rows: int) -> None:
    """Values rise from pass to pass but for ties with the last one, as a clock's do."""
    with closing(sqlite3.connect("file:ties?mode=memory&cache=shared", uri=True)) as keep:
        keep.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, c INTEGER)")
        url = "sqlite:///file:ties?mode=memory&cache=shared&uri=true"
        table = DatabaseReader(SqlTable(url=url, table="t", cursor="c"), slice_rows=slice_rows)
        read: list[int] = []
        last, cursor = 0, ""
        for values in passes:
            for value in sorted(values):
                last = max(last, value)
                keep.execute("INSERT INTO t (c) VALUES (?)", (last,))
            keep.commit()
            for piece in table.slices(cursor):
                read += piece.rows["n"].to_pylist()
                cursor = piece.cursor
        assert (
            sorted(read) == list(range(1, len(read) + 1)) == [n for (n,) in keep.execute("SELECT n FROM t ORDER BY n")]
        )


def test_a_row_that_changed_under_the_last_value_is_read_again(file: Path) -> None:
    run(file, "CREATE TABLE t (id INTEGER PRIMARY KEY, price INTEGER)", "INSERT INTO t VALUES (1, 10)")
    (first,) = reader(file, cursor="id").slices("")
    run(file, "UPDATE t SET price = 11")
    (again,) = reader(file, cursor="id").slices(first.cursor)
    assert again.rows.to_pylist() == [{"id": 1, "price": 11}]


@pytest.mark.parametrize("key", ["", " PRIMARY KEY"])
def test_a_column_that_came_brings_no_row_again(file: Path, key: str) -> None:
    run(file, f"CREATE TABLE t (id INTEGER{key}, c INTEGER)", "INSERT INTO t VALUES (1, 1), (2, 2), (3, 2)")
    first = list(reader(file, cursor="c", slice_rows=9).slices(""))
    run(file, "ALTER TABLE t ADD COLUMN city TEXT")
    assert list(reader(file, cursor="c").slices(first[-1].cursor)) == []
    run(file, "INSERT INTO t VALUES (4, 2, 'Ulm'), (5, 3, 'Bonn')")
    pieces = list(reader(file, cursor="c", slice_rows=9).slices(first[-1].cursor))
    assert [row for piece in pieces for row in piece.rows.to_pylist()] == [
        {"id": 4, "c": 2, "city": "Ulm"},
        {"id": 5, "c": 3, "city": "Bonn"},
    ]
    assert list(reader(file, cursor="c").slices(pieces[-1].cursor)) == []


def test_where_a_column_went_rows_of_the_last_value_cannot_be_told_apart(file: Path) -> None:
    run(file, "CREATE TABLE t (id INTEGER, c INTEGER, city TEXT)", "INSERT INTO t VALUES (1, 2, 'Ulm'), (2, 2, 'Ulm')")
    (first,) = reader(file, cursor="c").slices("")
    run(file, "ALTER TABLE t DROP COLUMN city")
    assert list(reader(file, cursor="c").slices(first.cursor)) == []
    run(file, "INSERT INTO t VALUES (3, 3)")
    (next_,) = reader(file, cursor="c").slices(first.cursor)
    assert next_.rows["id"].to_pylist() == [3]
    run(file, "INSERT INTO t VALUES (4, 2)")
    with pytest.raises(SourceError) as error:
        list(reader(file, cursor="c").slices(first.cursor))
    assert code(error) == "cursor-coarse"
    assert (error.value.fields["read"], error.value.fields["count"]) == (2, 3)


@pytest.mark.parametrize(
    ("kind", "ahead"),
    [
        ("TIMESTAMP", "2999-01-03 00:00:00"),
        ("TEXT", "2999-01-03T00:00:00"),
        ("DATE", "2999-01-03"),
        ("TEXT", "2999-01-03"),
    ],
)
def test_a_cursor_ahead_of_the_clock_would_lose_rows(file: Path, kind: str, ahead: str) -> None:
    past = ahead.replace("2999", "2026")
    run(file, f"CREATE TABLE t (id INTEGER, at {kind})", f"INSERT INTO t VALUES (1, '{past}')")
    (first,) = reader(file, cursor="at").slices("")
    run(file, f"INSERT INTO t VALUES (2, '{ahead}')")
    with pytest.raises(SourceError) as error:
        list(reader(file, cursor="at").slices(first.cursor))
    assert code(error) == "cursor-ahead"
    assert error.value.fields["value"] == ahead
    run(file, "DELETE FROM t WHERE id = 2", f"INSERT INTO t VALUES (3, '{past.replace('01-03', '01-04')}')")
    (next_,) = reader(file, cursor="at").slices(first.cursor)
    assert next_.rows["id"].to_pylist() == [3]
    behind = sqlmark.write(replace(sqlmark.read(first.cursor), last=ahead))
    with pytest.raises(SourceError) as error:
        list(reader(file, cursor="at").slices(behind))
    assert code(error) == "cursor-ahead", "a value that was read hides rows as well"


def test_a_cursor_that_is_no_time_may_be_of_any_size(file: Path) -> None:
    run(file, "CREATE TABLE t (id INTEGER, code TEXT)", "INSERT INTO t VALUES (29990103, '2999-01-03x')")
    assert [piece.rows.num_rows for piece in reader(file, cursor="id").slices("")] == [1]
    assert [piece.rows.num_rows for piece in reader(file, cursor="code").slices("")] == [1]


def test_too_many_equal_values_are_not_all_remembered(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlmark, "TIES", 2)
    run(file, "CREATE TABLE t (id INTEGER PRIMARY KEY, c INTEGER)", "INSERT INTO t (c) VALUES (7), (7), (7)")
    (first,) = reader(file, cursor="c").slices("")
    assert '"seen":null' in first.cursor
    assert list(reader(file, cursor="c").slices(first.cursor)) == []
    run(file, "INSERT INTO t (c) VALUES (8)")
    (more,) = reader(file, cursor="c").slices(first.cursor)
    assert more.rows["c"].to_pylist() == [8]


NOON = datetime.fromisoformat("2026-01-02T12:00:00+00:00")


@pytest.mark.parametrize(
    "value",
    [0, 3, 2.5, "", "2026", NOON, NOON.date(), Decimal("1.50")],
)
def test_a_cursor_keeps_values_of_any_driver(value: object) -> None:
    mark = sqlmark.Mark(last=value, seen=frozenset({"b", "a"}), shape={"c": ""}, types={"c": "text"})
    assert sqlmark.read(sqlmark.write(mark)) == mark
    assert sqlmark.read("") == sqlmark.Mark()


def test_types_of_sqlite_are_those_declared_or_what_all_values_look_like(file: Path) -> None:
    run(
        file,
        "CREATE TABLE t (n BIGINT, f DOUBLE PRECISION, money DECIMAL(10, 2), loose NUMERIC, yes BOOL, "
        "at DATETIME, seen TEXT, born VARCHAR(10), words TEXT, any_number, any_text, blank)",
        "INSERT INTO t VALUES (1, 1, 1.5, 1, 1, '2026-01-02 03:04:05', '2026-01-02T03:04:05', '2026-01-02', "
        "'2026-01-02', 1.5, 'x', NULL)",
        "INSERT INTO t VALUES (NULL, NULL, 2, 0.5, 0, NULL, '2026-01-02', NULL, 'tomorrow', 2, 3, NULL)",
    )
    (piece,) = reader(file).slices("")
    types = {field.name: str(field.type) for field in piece.rows.schema}
    assert types == {
        "n": "int64", "f": "double", "money": "decimal128(10, 2)", "loose": "double", "yes": "bool",
        "at": "timestamp[us]", "seen": "timestamp[us]", "born": "date32[day]", "words": "string",
        "any_number": "double", "any_text": "string", "blank": "null",
    }  # fmt: skip
    assert piece.rows["money"].to_pylist() == [Decimal("1.50"), Decimal("2.00")]
    assert piece.rows["any_text"].to_pylist() == ["x", "3"]
    assert [column.name for column in reader(file).columns()] == list(types)


def test_a_type_once_seen_stays_though_later_values_look_like_more(file: Path) -> None:
    run(file, "CREATE TABLE t (id INTEGER PRIMARY KEY, words TEXT)", "INSERT INTO t VALUES (1, 'x')")
    (first,) = reader(file, cursor="id").slices("")
    run(file, "DELETE FROM t", "INSERT INTO t VALUES (2, '2026-01-02')")
    (more,) = reader(file, cursor="id").slices(first.cursor)
    assert more.rows["words"].to_pylist() == ["2026-01-02"]


def test_a_value_of_another_type_is_named(file: Path) -> None:
    run(file, "CREATE TABLE t (id INTEGER PRIMARY KEY, age INTEGER)", "INSERT INTO t VALUES (1, 'forty')")
    with pytest.raises(SourceError) as caught:
        list(reader(file, cursor="id").slices(""))
    assert code(caught) == "value-unreadable"
    assert caught.value.fields["column"] == "age"
    assert caught.value.fields["value"] == "'forty'"


def test_a_table_that_lost_all_its_rows_says_so_once(file: Path) -> None:
    run(file, "CREATE TABLE t (id INTEGER)")
    assert list(reader(file).slices("")) == []
    run(file, "INSERT INTO t VALUES (1)")
    (first,) = reader(file).slices("")
    run(file, "DELETE FROM t")
    (emptied,) = reader(file).slices(first.cursor)
    assert (emptied.rows.num_rows, emptied.whole) == (0, True)
    assert list(reader(file).slices(emptied.cursor)) == []


def test_names_and_queries_may_hold_anything(file: Path) -> None:
    run(file, """CREATE TABLE "or""der" ("a b" INTEGER, "c:d" TEXT)""", """INSERT INTO "or""der" VALUES (1, ':x')""")
    (piece,) = reader(file, table='or"der', cursor="a b").slices("")
    assert piece.rows.to_pylist() == [{"a b": 1, "c:d": ":x"}]
    sql = """select "a b" as n, '10:30 :n %s {x}' as words from "or""der" where "c:d" = ':x' ;  """
    (piece,) = DatabaseReader(SqlQuery(url=f"sqlite:///{file}", sql=sql)).slices("")
    assert piece.rows.to_pylist() == [{"n": 1, "words": "10:30 :n %s {x}"}]


def test_the_source_is_never_written(file: Path) -> None:
    run(file, "CREATE TABLE t (id INTEGER)", "INSERT INTO t VALUES (1)")
    before = file.read_bytes()
    with pytest.raises(SourceError) as caught:
        list(DatabaseReader(SqlQuery(url=f"sqlite:///{file}", sql="delete from t")).slices(""))
    assert code(caught) == "query-failed"
    list(reader(file, cursor="id").slices(""))
    assert file.read_bytes() == before


def test_writers_of_the_source_are_not_held_up_while_a_slice_is_worked_on(file: Path) -> None:
    run(file, "CREATE TABLE t (id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES (1), (2), (3), (4), (5)")
    read: list[int] = []
    for piece in reader(file, cursor="id", slice_rows=2).slices(""):
        read += piece.rows["id"].to_pylist()
        with closing(sqlite3.connect(file, timeout=0)) as link, link:
            link.execute("INSERT INTO t (id) SELECT max(id) + 1 FROM t")
    assert read == [1, 2, 3, 4, 5]


def test_a_source_that_disappears_half_way_is_lost(file: Path) -> None:
    run(file, "CREATE TABLE t (id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES (1), (2), (3), (4)")
    slices = reader(file, cursor="id").slices("")
    assert next(slices).rows.num_rows == 3
    run(file, "DROP TABLE t")
    with pytest.raises(SourceError) as caught:
        next(slices)
    assert code(caught) == "lost"
    assert "no such table" in str(caught.value.fields["reason"])


@pytest.mark.parametrize(
    ("table", "expected", "field"),
    [
        (SqlTable(url="sqlite:///{file}.gone", table="t"), "unreachable", "no such file"),
        (SqlTable(url="sqlite:///{file}", table="evnts"), "table-missing", "events"),
        (SqlTable(url="sqlite:///{file}", table="events", cursor="idd"), "cursor-column-missing", "id"),
        (SqlTable(url="sqlite:///{file}", table="events", cursor="maybe"), "cursor-null", "maybe"),
        (SqlQuery(url="sqlite:///{file}", sql="select nope from events"), "query-failed", "no such column: nope"),
        (SqlQuery(url="sqlite:///{file}", sql="selekt"), "query-failed", "syntax error"),
        (SqlTable(url="nosuchsql://u:secret@host/db", table="t"), "driver-missing", "nosuchsql"),
        (SqlTable(url="no url at all", table="t"), "url-unreadable", "URL"),
    ],
)
def test_what_cannot_be_read_is_said(file: Path, table: SqlTable | SqlQuery, expected: str, field: str) -> None:
    run(file, "CREATE TABLE events (id INTEGER, maybe INTEGER)", "INSERT INTO events VALUES (1, NULL)")
    url = table.url.format(file=file)
    placed = (
        SqlTable(url=url, table=table.table, cursor=table.cursor)
        if isinstance(table, SqlTable)
        else SqlQuery(url=url, sql=table.sql)
    )
    with pytest.raises(SourceError) as caught:
        list(DatabaseReader(placed).slices(""))
    assert code(caught) == expected
    assert any(field in str(value) for value in caught.value.fields.values())
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_cannot_be_reached(file: Path) -> None:
    file.write_text("id,price\n1,2\n" * 200)
    with pytest.raises(SourceError) as caught:
        reader(file).columns()
    assert code(caught) == "unreachable"
