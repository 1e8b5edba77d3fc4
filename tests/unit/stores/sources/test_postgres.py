"""PostgreSQL: values to the last digit, no row lost to a late commit, and one clear error for what goes wrong."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.postgres import PASSWORD, QUOTED, Database
from tidemill.errors import SourceError
from tidemill.facts.data import ColumnType
from tidemill.spec.source import SqlQuery, SqlTable
from tidemill.stores import pgcopy, pglink, pgmark
from tidemill.stores.sources.postgres import PostgresReader

ROLE = (
    f"DO $$ BEGIN CREATE ROLE {{name}} LOGIN PASSWORD '{PASSWORD}'; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
)
SHARED = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


def reader(database: Database, table: str = "t", cursor: str | None = None, slice_rows: int = 3) -> PostgresReader:
    return PostgresReader(SqlTable(url=database.url, table=table, cursor=cursor), slice_rows=slice_rows, patience_s=0.0)


def query(database: Database, sql: str, cursor: str | None = None) -> PostgresReader:
    return PostgresReader(SqlQuery(url=database.url, sql=sql, cursor=cursor), patience_s=0.0)


def all_of(source: PostgresReader) -> pa.Table:
    return pa.concat_tables([piece.rows for piece in source.slices("")])


def code(error: pytest.ExceptionInfo[SourceError]) -> str:
    return error.value.code.removeprefix("source.")


# Values -----------------------------------------------------------------------------------------------------------

naive = datetime.fromisoformat
DIGITS = "0.12345678901234567890123456789012345678"
VALUES: list[tuple[str, str, pa.DataType, Any]] = [
    ("numeric(14,2)", "123456789012.34", pa.decimal128(14, 2), Decimal("123456789012.34")),
    ("numeric(38,38)", DIGITS, pa.decimal128(38, 38), Decimal(DIGITS)),
    ("numeric", "-123456789012345678.0000000001", pa.decimal128(28, 10), Decimal("-123456789012345678.0000000001")),
    ("numeric", "7.00000000000000000000", pa.decimal128(18, 0), Decimal(7)),
    ("bigint", "-9223372036854775808", pa.int64(), -(2**63)),
    ("smallint", "7", pa.int64(), 7),
    ("double precision", "0.1", pa.float64(), 0.1),
    ("double precision", "5e-324", pa.float64(), 5e-324),
    ("double precision", "-Infinity", pa.float64(), float("-inf")),
    ("real", "0.1", pa.float64(), 0.1),
    ("boolean", "true", pa.bool_(), True),
    ("date", "2024-02-29", pa.date32(), date(2024, 2, 29)),
    ("timestamp", "2026-03-29 02:30:00.000001", pa.timestamp("us"), naive("2026-03-29 02:30:00.000001")),
    (
        "timestamptz",
        "2026-07-01 09:00:00.999999+09",
        pa.timestamp("us", "UTC"),
        datetime(2026, 7, 1, 0, 0, 0, 999999, UTC),
    ),
    ("time", "23:59:59.5", pa.string(), "23:59:59.5"),
    ("interval", "1 day 2 hours", pa.string(), "1 day 02:00:00"),
    ("text", "", pa.string(), ""),
    ("text", 'a,"b"\r\n\\.\n\tc', pa.string(), 'a,"b"\r\n\\.\n\tc'),
    ("text", "NULL", pa.string(), "NULL"),
    ("varchar(20)", "조개 🌊", pa.string(), "조개 🌊"),
    (
        "uuid",
        "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
        pa.string(),
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    ),
    ("json", '{"a": [1, null]}', pa.string(), '{"a": [1, null]}'),
    ("jsonb", '{"b":1,"a":"x"}', pa.string(), '{"a": "x", "b": 1}'),
    ("int[]", "{1,NULL,3}", pa.string(), "[1,null,3]"),
    ("text[]", '{a,"b,c"}', pa.string(), '["a","b,c"]'),
    ("bytea", "\\x00ff", pa.binary(), b"\x00\xff"),
    ("int4range", "[1,5)", pa.string(), "[1,5)"),
    ("mood", "low", pa.string(), "low"),
    ("price", "1.50", pa.decimal128(6, 2), Decimal("1.50")),
]


def test_every_type_lands_exactly_and_null_is_no_empty_text(database: Database) -> None:
    columns = ", ".join(f'"c{place}" {declared}' for place, (declared, *_) in enumerate(VALUES))
    database.run(
        "CREATE TYPE mood AS ENUM ('low', 'high')",
        "CREATE DOMAIN price AS numeric(6,2)",
        f"ALTER DATABASE {database.name} SET timezone = 'Asia/Seoul'",
        f"ALTER DATABASE {database.name} SET datestyle = 'SQL, DMY'",
        f"CREATE TABLE t ({columns})",
        "INSERT INTO t DEFAULT VALUES",
    )
    with database.connect() as link:
        link.execute("SET datestyle = 'ISO'")
        texts = [text for _, text, _, _ in VALUES]
        casts = ", ".join(f"%s::text::{declared}" for declared, *_ in VALUES)
        link.execute(f"INSERT INTO t VALUES ({casts})", texts)
    rows = all_of(reader(database))
    assert rows.schema.types == [kind for _, _, kind, _ in VALUES]
    first, second = rows.to_pylist()
    assert set(first.values()) == {None}
    assert list(second.values()) == [value for *_, value in VALUES]
    assert [one.type for one in reader(database).columns()[:5]] == ["float", "float", "float", "float", "int"]


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("numeric(14,2)", "NaN"),
        ("numeric", "NaN"),
        ("numeric", "Infinity"),
        ("numeric", "1234567890123456789"),
        ("numeric", "0.000000000000000000001"),
        ("numeric(50,12)", "12345678901234567890123456789.123456789012"),
        ("timestamptz", "infinity"),
        ("timestamp", "0044-03-15 00:00:00 BC"),
        ("date", "-infinity"),
    ],
)
def test_what_arrow_cannot_hold_is_named(database: Database, declared: str, value: str) -> None:
    database.run(f"CREATE TABLE t (n int, c {declared})", f"INSERT INTO t VALUES (1, '{value}')")
    with pytest.raises(SourceError) as error:
        all_of(reader(database))
    assert code(error) == "value-unreadable"
    assert error.value.fields["column"] == "c"
    assert error.value.fields["value"] == value


def test_numbers_of_different_places_stay_exact_beside_each_other(database: Database, tmp_path: Path) -> None:
    """Each slice has the places that it needs; DuckDB reads the files as one table."""
    numbers = ["123456789012345678", "0.25", "-0.00000000000000000001", "123456789012345678.125"]
    rows = ", ".join(f"({place}, {number})" for place, number in enumerate(numbers))
    database.run("CREATE TABLE t (id int PRIMARY KEY, c numeric)", f"INSERT INTO t VALUES {rows}")
    for place, piece in enumerate(reader(database, slice_rows=1).slices("")):
        pq.write_table(piece.rows, tmp_path / f"{place}.parquet")
    with duckdb.connect() as link:
        files = f"read_parquet('{tmp_path}/*.parquet', union_by_name = true)"
        found = link.execute(f"SELECT c FROM {files} ORDER BY id").fetchall()
    assert [number for (number,) in found] == [Decimal(number) for number in numbers]


def test_one_column_of_nulls_keeps_its_rows(database: Database) -> None:
    database.run("CREATE TABLE t (c text)", "INSERT INTO t VALUES (NULL), (''), (NULL)")
    assert all_of(reader(database))["c"].to_pylist() == [None, "", None]


def test_wide_rows_end_a_slice(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgcopy, "BYTES", 1_000)
    database.run(
        "CREATE TABLE t (id int PRIMARY KEY, c text)",
        "INSERT INTO t SELECT i, repeat('x', 600) FROM generate_series(1, 5) i",
    )
    pieces = list(reader(database, slice_rows=100).slices(""))
    assert [piece.rows["id"].to_pylist() for piece in pieces] == [[1, 2], [3, 4], [5]]


# Late commits -----------------------------------------------------------------------------------------------------

Step = tuple[str, int]
STEPS = st.lists(st.tuples(st.sampled_from(["begin", "write", "end", "undo", "read"]), st.integers(0, 2)), max_size=25)


class Writers:
    """Three sessions that write when they are told, and the one reader; both cursors are of the transaction's begin."""

    def __init__(self, database: Database, cursor: str) -> None:
        database.run(
            "DROP TABLE IF EXISTS t",
            "CREATE TABLE t (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), n int)",
            "CREATE INDEX ON t (at)",
        )
        self.links = [database.connect(autocommit=False) for _ in range(3)]
        self.ahead: dict[int, int] = {}
        self.source = reader(database, cursor=cursor, slice_rows=2)
        self.cursor, self.read, self.written = "", list[int](), 0

    def step(self, what: str, who: int) -> None:
        link = self.links[who]
        match what:
            case "read":
                self.take()
            case "begin" if who not in self.ahead:
                self.ahead[who] = link.execute("SELECT nextval('t_id_seq'), now()").fetchone()[0]
            case "write":
                self.written += 1
                if who in self.ahead:
                    link.execute("INSERT INTO t (id, n) VALUES (%s, %s)", (self.ahead[who], self.written))
                    self.ahead[who] = link.execute("SELECT nextval('t_id_seq')").fetchone()[0]
                else:
                    link.execute("INSERT INTO t (n) VALUES (%s)", (self.written,))
            case "end":
                link.commit()
                self.ahead.pop(who, None)
            case "undo":
                link.rollback()
                self.ahead.pop(who, None)

    def take(self) -> None:
        try:
            for piece in self.source.slices(self.cursor):
                self.read += piece.rows["n"].to_pylist()
                self.cursor = piece.cursor
        except SourceError as error:
            assert error.code == "source.writers-open"  # noqa: PT017 one of two honest ends of a pass
            assert self.read == []

    def close(self) -> None:
        for link in self.links:
            link.close()


@pytest.mark.parametrize("cursor", ["at", "id"])
@SHARED
@given(steps=STEPS)
def test_a_transaction_that_commits_late_is_never_missed_nor_read_twice(
    database: Database, cursor: str, steps: list[Step]
) -> None:
    writers = Writers(database, cursor)
    try:
        for what, who in steps:
            writers.step(what, who)
            there = {n for (n,) in database.ask("SELECT n FROM t")}
            assert len(writers.read) == len(set(writers.read))
            assert set(writers.read) <= there
        for who in range(3):
            writers.step("end", who)
        writers.take()
        assert sorted(writers.read) == [n for (n,) in database.ask("SELECT n FROM t ORDER BY n")]
    finally:
        writers.close()


def test_a_writer_that_began_before_it_wrote_holds_newer_rows_back_until_it_ends(database: Database) -> None:
    """Neither its rows nor its number are in sight as the rows after it are asked for."""
    database.run("CREATE TABLE t (n int, at timestamptz DEFAULT now())", "INSERT INTO t VALUES (1)")
    source = reader(database, cursor="at")
    (first,) = source.slices("")
    with database.connect(autocommit=False) as slow:
        slow.execute("SELECT now()")
        database.run("INSERT INTO t VALUES (3)")
        (looked,) = source.slices(first.cursor)
        assert looked.rows.num_rows == 0
        slow.execute("INSERT INTO t VALUES (2)")
        slow.commit()
    (rest,) = source.slices(looked.cursor)
    assert rest.rows["n"].to_pylist() == [2, 3]


def test_reads_what_every_look_outlived_beside_writers_that_never_rest(database: Database) -> None:
    """Somebody is open all the time; each pass gets the rows that the look of the pass before saw."""
    database.run("CREATE TABLE t (n int, at timestamptz DEFAULT clock_timestamp())", "INSERT INTO t VALUES (0)")
    source = reader(database, cursor="at")
    (piece,) = source.slices("")
    read = piece.rows["n"].to_pylist()
    old = database.connect(autocommit=False)
    old.execute("SELECT 1")
    for n in range(1, 5):
        database.run(f"INSERT INTO t VALUES ({n})")
        for found in source.slices(piece.cursor):
            piece = found
            read += piece.rows["n"].to_pylist()
        assert read == list(range(n))
        assert list(source.slices(piece.cursor)) == []
        new = database.connect(autocommit=False)
        new.execute("SELECT 1")
        old.close()
        old = new
    old.close()


def test_a_prepared_transaction_is_waited_for(database: Database) -> None:
    database.run("CREATE TABLE t (n int, at timestamptz DEFAULT now())", "INSERT INTO t VALUES (1)")
    source = reader(database, cursor="at")
    with database.connect() as link:
        for statement in ("BEGIN", "INSERT INTO t VALUES (2)", "PREPARE TRANSACTION 'late'"):
            link.execute(statement)
    database.run("INSERT INTO t VALUES (3)")
    with pytest.raises(SourceError) as error:
        list(source.slices(""))
    assert code(error) == "writers-open"
    database.run("COMMIT PREPARED 'late'")
    assert all_of(source)["n"].to_pylist() == [1, 2, 3]


def test_waits_a_moment_for_who_is_open(database: Database) -> None:
    database.run("CREATE TABLE t (n int, at timestamptz DEFAULT now())")
    with database.connect(autocommit=False) as slow:
        slow.execute("INSERT INTO t VALUES (1)")
        database.run("INSERT INTO t VALUES (2)")

        class Watched(PostgresReader):
            """The writer commits while it waits."""

            def _pause(self) -> None:
                slow.commit()

        waiting = Watched(SqlTable(url=database.url, table="t", cursor="at"), patience_s=60.0)
        assert all_of(waiting)["n"].to_pylist() == [1, 2]


def test_a_role_that_may_only_read_sees_who_is_open(database: Database) -> None:
    database.run(
        "CREATE TABLE t (n int, at timestamptz DEFAULT now())",
        "INSERT INTO t VALUES (1)",
        ROLE.format(name="reader"),
        "GRANT SELECT ON t TO reader",
    )
    url = database.url.replace("owner", "reader")
    source = PostgresReader(SqlTable(url=url, table="t", cursor="at"), patience_s=0.0)
    (piece,) = source.slices("")
    with database.connect(autocommit=False) as slow:
        slow.execute("SELECT now()")
        database.run("INSERT INTO t VALUES (2)")
        assert sum(found.rows.num_rows for found in source.slices(piece.cursor)) == 0


# Cursors ----------------------------------------------------------------------------------------------------------


@SHARED
@given(st.lists(st.lists(st.integers(0, 5), max_size=6), max_size=4), st.integers(1, 4))
def test_no_row_is_lost_or_read_twice_however_many_share_a_value(
    database: Database, passes: list[list[int]], slice_rows: int
) -> None:
    """Values rise from pass to pass but for ties with the last one, as a clock's do."""
    database.run("DROP TABLE IF EXISTS t", "CREATE TABLE t (n serial, c int)")
    source = reader(database, cursor="c", slice_rows=slice_rows)
    read: list[int] = []
    last, cursor = 0, ""
    for values in passes:
        for value in sorted(values):
            last = max(last, value)
            database.run(f"INSERT INTO t (c) VALUES ({last})")
        for piece in source.slices(cursor):
            read += piece.rows["n"].to_pylist()
            cursor = piece.cursor
    assert sorted(read) == [n for (n,) in database.ask("SELECT n FROM t ORDER BY n")]


def test_more_rows_of_a_value_than_can_be_told_apart_are_said(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidemill.stores.sources.postgres.TIES", 2)
    database.run("CREATE TABLE t (n int, c int)", "INSERT INTO t SELECT i, 7 FROM generate_series(1, 5) i")
    source = reader(database, cursor="c", slice_rows=2)
    *_, last = source.slices("")
    assert list(source.slices(last.cursor)) == []
    database.run("UPDATE t SET c = 8 WHERE n = 1")
    (moved,) = source.slices(last.cursor)
    assert moved.rows["n"].to_pylist() == [1]
    database.run("INSERT INTO t VALUES (6, 7), (7, 7)")
    with pytest.raises(SourceError) as error:
        list(source.slices(last.cursor))
    assert code(error) == "cursor-coarse"
    assert (error.value.fields["read"], error.value.fields["count"]) == (5, 6)


@pytest.mark.parametrize(
    ("declared", "first", "second"),
    [
        ("text", "it''s % a", "it''s % b"),
        ("bigint", "9", "10"),
        ("uuid", "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"),
        ("date", "2026-01-01", "2026-01-02"),
        ("numeric", "1.00000000000000000001", "1.00000000000000000002"),
        ("double precision", "0.1", "0.30000000000000004"),
        ("timestamp", "2026-01-01 00:00:00.000001", "2026-01-01 00:00:00.000002"),
    ],
)
def test_any_type_with_an_order_is_a_cursor(database: Database, declared: str, first: str, second: str) -> None:
    database.run(f'CREATE TABLE t (n int, "a ""cursor" {declared})', f"INSERT INTO t VALUES (1, '{first}')")
    source = reader(database, cursor='a "cursor')
    (one,) = source.slices("")
    assert list(source.slices(one.cursor)) == []
    database.run(f"INSERT INTO t VALUES (2, '{second}')")
    (two,) = source.slices(one.cursor)
    assert two.rows["n"].to_pylist() == [2]


def test_a_cursor_ahead_of_the_clock_is_refused(database: Database) -> None:
    database.run("CREATE TABLE t (at timestamptz)", "INSERT INTO t VALUES (now() + interval '3 years')")
    with pytest.raises(SourceError) as error:
        list(reader(database, cursor="at").slices(""))
    assert code(error) == "cursor-ahead"


# Whole tables -----------------------------------------------------------------------------------------------------


def test_a_changed_row_of_a_table_without_cursor_is_seen_and_so_is_one_that_went(database: Database) -> None:
    database.run("CREATE TABLE t (n int, c text)", "INSERT INTO t VALUES (1, 'a'), (1, 'a'), (2, 'b')")
    source = reader(database)
    *_, last = source.slices("")
    assert list(source.slices(last.cursor)) == []
    for change in ("UPDATE t SET c = 'B' WHERE n = 2", "DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t)"):
        database.run(change)
        pieces = list(source.slices(last.cursor))
        assert all(piece.whole for piece in pieces)
        last = pieces[-1]
    database.run("DELETE FROM t")
    (gone,) = source.slices(last.cursor)
    assert (gone.rows.num_rows, gone.whole, gone.rows.schema.names) == (0, True, ["n", "c"])
    assert list(source.slices(gone.cursor)) == []


# Schema -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "columns", "landed"),
    [
        ("ALTER TABLE t ADD COLUMN w text DEFAULT 'new'", ["n", "at", "v", "w"], {"n": [2], "w": ["new"]}),
        ("ALTER TABLE t ALTER COLUMN v TYPE numeric(20,4)", ["n", "at", "v"], {"n": [2], "v": [Decimal("2.0000")]}),
        ("ALTER TABLE t DROP COLUMN v", ["n", "at"], {"n": [2]}),
        ("ALTER TABLE t RENAME COLUMN v TO renamed", ["n", "at", "renamed"], {"n": [2], "renamed": [2]}),
    ],
)
def test_goes_on_after_a_change_of_the_columns_with_no_row_twice(
    database: Database, change: str, columns: list[str], landed: dict[str, list[Any]]
) -> None:
    database.run("CREATE TABLE t (n int, at int, v int)", "INSERT INTO t VALUES (0, 0, 0), (1, 1, 1)")
    source = reader(database, cursor="at")
    *_, last = source.slices("")
    database.run("INSERT INTO t VALUES (2, 2, 2)", change)
    (piece,) = source.slices(last.cursor)
    assert piece.rows.column_names == columns
    assert {name: piece.rows[name].to_pylist() for name in landed} == landed


def test_a_cursor_column_that_was_renamed_is_named(database: Database) -> None:
    database.run("CREATE TABLE t (n int, updated_at timestamptz)")
    with pytest.raises(SourceError) as error:
        list(reader(database, cursor="update_at").slices(""))
    assert code(error) == "cursor-column-missing"
    assert error.value.fields["nearest"] == "updated_at"


def test_tables_of_other_schemas_and_views_are_read(database: Database) -> None:
    database.run(
        "CREATE SCHEMA shop",
        'CREATE TABLE shop."Order Lines" (id int PRIMARY KEY)',
        'INSERT INTO shop."Order Lines" VALUES (1)',
        'CREATE VIEW lines AS SELECT id FROM shop."Order Lines"',
    )
    assert all_of(reader(database, "shop.Order Lines"))["id"].to_pylist() == [1]
    assert all_of(reader(database, "lines"))["id"].to_pylist() == [1]


# What goes wrong --------------------------------------------------------------------------------------------------


def test_a_missing_table_is_named_with_the_nearest(database: Database) -> None:
    database.run("CREATE TABLE orders (id int)", "CREATE SCHEMA shop", "CREATE TABLE shop.lines (id int)")
    for name, nearest in (("oders", "orders"), ("shop.line", "shop.lines"), ("Orders", "orders")):
        with pytest.raises(SourceError) as error:
            reader(database, name).columns()
        assert code(error) == "table-missing"
        assert error.value.fields["nearest"] == nearest


def test_a_wrong_password_is_unreachable_and_never_shown(database: Database) -> None:
    wrong = database.url.replace(QUOTED, "hunter2%2F%26")
    with pytest.raises(SourceError) as error:
        PostgresReader(SqlTable(url=wrong, table="t")).columns()
    assert code(error) == "unreachable"
    assert "password authentication failed" in str(error.value)
    assert "hunter2" not in str(error.value)
    assert "hunter2" not in repr(error.value.fields)


@pytest.mark.parametrize(
    "url",
    ["postgresql://owner:hunter2@127.0.0.1:1/shop", "postgresql://owner:hunter2@/shop?host=/nowhere"],
)
def test_who_does_not_answer_is_unreachable(url: str) -> None:
    with pytest.raises(SourceError) as error:
        PostgresReader(SqlTable(url=url, table="t")).columns()
    assert code(error) == "unreachable"
    assert "hunter2" not in str(error.value)


def test_a_url_that_is_none_is_said() -> None:
    with pytest.raises(SourceError) as error:
        PostgresReader(SqlTable(url="postgresql://owner@host:port/shop", table="t"))
    assert code(error) == "url-unreadable"


def test_without_the_driver_the_way_to_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SourceError) as error:
        PostgresReader(SqlTable(url="postgresql://h/shop", table="t")).columns()
    assert code(error) == "driver-missing"


def test_a_table_that_may_not_be_read_is_said(database: Database) -> None:
    database.run(
        "CREATE TABLE t (n int)",
        ROLE.format(name="nobody"),
    )
    url = database.url.replace("owner", "nobody")
    with pytest.raises(SourceError) as error:
        all_of(PostgresReader(SqlTable(url=url, table="t")))
    assert code(error) == "unreachable"
    assert "permission denied" in str(error.value)


def test_null_in_the_cursor_column_is_refused(database: Database) -> None:
    database.run("CREATE TABLE t (n int, at timestamptz)", "INSERT INTO t VALUES (1, NULL)")
    with pytest.raises(SourceError) as error:
        list(reader(database, cursor="at").slices(""))
    assert code(error) == "cursor-null"


@pytest.mark.parametrize(
    "sql", ["SELECT nothing FROM nowhere", "SELECT 1/n AS x FROM (VALUES (1), (0)) v(n)", "DROP TABLE t"]
)
def test_a_query_that_fails_says_the_databases_words(database: Database, sql: str) -> None:
    with pytest.raises(SourceError) as error:
        all_of(query(database, sql))
    assert code(error) == "query-failed"


def test_a_time_limit_of_the_role_is_told(database: Database) -> None:
    url = f"{database.url}?options=-c%20statement_timeout%3D50"
    source = PostgresReader(SqlQuery(url=url, sql="SELECT pg_sleep(30)::text AS x"))
    with pytest.raises(SourceError) as error:
        all_of(source)
    assert code(error) == "cancelled"
    assert "statement timeout" in str(error.value)


MANY = "CREATE TABLE t AS SELECT i AS n, md5(i::text) AS c FROM generate_series(1, 200000) i"
"""Rows that do not fit into what a server sends ahead of its reader."""


def test_a_connection_that_drops_in_mid_stream_is_lost_and_the_next_pass_goes_on(database: Database) -> None:
    database.run(MANY)
    source = reader(database, cursor="n", slice_rows=1_000)
    pieces = source.slices("")
    first = next(pieces)
    database.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{pglink.NAME}'")
    with pytest.raises(SourceError) as error:
        list(pieces)
    assert code(error) == "lost"
    rest = pa.concat_tables([piece.rows for piece in source.slices(first.cursor)])
    assert rest["n"].combine_chunks().equals(pa.array(range(1_001, 200_001)))


def test_a_pass_that_is_left_lets_the_connection_go(database: Database) -> None:
    database.run(MANY)
    pieces = reader(database, cursor="n", slice_rows=1_000).slices("")
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]  # an Iterator of the port, a generator here
    assert database.ask(f"SELECT 1 FROM pg_stat_activity WHERE application_name = '{pglink.NAME}'") == []


def test_types_are_told_of_an_empty_table(database: Database) -> None:
    database.run("CREATE TABLE t (n int, price numeric, tags text[])")
    assert reader(database).columns() == (
        ColumnType(name="n", type="int"),
        ColumnType(name="price", type="float"),
        ColumnType(name="tags", type="text"),
    )
    assert list(reader(database).slices("")) == []
    assert list(reader(database, cursor="n").slices("")) == []


def test_a_mark_reads_as_written() -> None:
    assert pgmark.read("") == pgmark.Mark()
    text = '{"content":"","last":"7","looks":[["9",12,["3/1"]]],"seen":[-1,2],"shape":{"n":"integer"},"skip":0}'
    assert json.loads(pgmark.write(pgmark.read(text))) == json.loads(text)
