"""Each Reader of a source against the suite."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests import postgres
from tidemill.ports.source import Reader
from tidemill.spec.source import Files, FilesQuery, SqlQuery, SqlTable
from tidemill.stores.memory.source import MemoryQueryReader, MemoryReader
from tidemill.stores.sources.database import DatabaseReader
from tidemill.stores.sources.files import FilesQueryReader, FilesReader
from tidemill.stores.sources.postgres import PostgresReader
from tidemill.testing.source import FIRST, QueryWorld, ReaderSuite, RerunSuite, Row, World, table


class Database:
    """A SQLite file whose times are text, as SQLite's are."""

    def __init__(self, folder: Path, *, cursor: str | None, query: bool = False) -> None:
        self.file = folder / "shop.db"
        self.cursor = cursor
        self.query = query
        with closing(sqlite3.connect(self.file)) as link, link:
            link.execute(
                "CREATE TABLE events (id INTEGER PRIMARY KEY, at TEXT, day DATE, price REAL, vip BOOLEAN, note TEXT)"
            )
        self.add(FIRST)

    def reader(self) -> Reader:
        url = f"sqlite:///{self.file}"
        declared = SqlTable(url=url, table="events", cursor=self.cursor)
        if self.query:
            return DatabaseReader(SqlQuery(url=url, sql="SELECT * FROM events;", cursor=self.cursor), slice_rows=2)
        return DatabaseReader(declared, slice_rows=2)

    def add(self, rows: Sequence[Row]) -> None:
        with closing(sqlite3.connect(self.file)) as link, link:
            for row in rows:
                values = (row.id, row.at.isoformat(" "), row.day and row.day.isoformat(), row.price, row.vip, row.note)
                link.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", values)


class Postgres:
    """A table of PostgreSQL, whose rows come in any order."""

    def __init__(self, held: postgres.Database, *, cursor: str | None, query: bool = False) -> None:
        self.held = held
        self.cursor = cursor
        self.query = query
        held.run(
            "CREATE TABLE events (id bigint PRIMARY KEY, at timestamp, day date, price double precision, vip boolean, "
            "note text)"
        )
        self.add(tuple(reversed(FIRST)))

    def reader(self) -> Reader:
        url = self.held.url
        if self.query:
            sql = "SELECT * FROM events ORDER BY id;"
            return PostgresReader(SqlQuery(url=url, sql=sql, cursor=self.cursor), slice_rows=2)
        return PostgresReader(SqlTable(url=url, table="events", cursor=self.cursor), slice_rows=2)

    def add(self, rows: Sequence[Row]) -> None:
        with self.held.connect() as link:
            for row in rows:
                values = (row.id, row.at, row.day, row.price, row.vip, row.note)
                link.execute("INSERT INTO events VALUES (%s, %s, %s, %s, %s, %s)", values)


class Folder:
    """Files of a folder: a new one for every `add`."""

    def __init__(self, folder: Path, *, suffix: str) -> None:
        self.folder = folder
        self.suffix = suffix
        self.add(FIRST)

    def reader(self) -> Reader:
        return FilesReader(Files(path=str(self.folder)))

    def add(self, rows: Sequence[Row]) -> None:
        write(self.folder / f"{len(list(self.folder.iterdir()))}{self.suffix}", rows)


class OneFile:
    """One file that is written anew with more rows."""

    def __init__(self, folder: Path, *, query: bool) -> None:
        self.file = folder / "events.csv"
        self.query = query
        self.rows: list[Row] = []
        self.add(FIRST)

    def reader(self) -> Reader:
        if self.query:
            return FilesQueryReader(
                FilesQuery(sql="SELECT * FROM raw ORDER BY id", tables=(("raw", Files(path=str(self.file))),))
            )
        return FilesReader(Files(path=str(self.file)))

    def add(self, rows: Sequence[Row]) -> None:
        self.rows += rows
        write(self.file, self.rows)


class Memory:
    """Rows in memory."""

    def __init__(self) -> None:
        self.held = MemoryReader(table(FIRST), slice_rows=2)

    def reader(self) -> Reader:
        return self.held

    def add(self, rows: Sequence[Row]) -> None:
        self.held.add(table(rows))


class MemoryWhole:
    """Rows in memory through a query that takes all."""

    def __init__(self) -> None:
        self.rows = list(FIRST)
        self.held = MemoryQueryReader(table(FIRST), lambda rows: rows)

    def reader(self) -> Reader:
        return self.held

    def add(self, rows: Sequence[Row]) -> None:
        self.rows += rows
        self.held.replace(table(self.rows))


class FilesOfQuery:
    """The query in SQL; its rows are a file."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "events.parquet"

    def over(self, rows: Sequence[Row]) -> Reader:
        write(self.file, rows)
        sql = "select *, lag(price) over w as before, lead(price) over w as after from raw window w as (order by id)"
        return FilesQueryReader(FilesQuery(sql=sql + " order by id", tables=(("raw", Files(path=str(self.file))),)))


class MemoryQuery:
    """The query in Python."""

    def over(self, rows: Sequence[Row]) -> Reader:
        return MemoryQueryReader(table(rows), with_neighbours)


def with_neighbours(rows: pa.Table) -> pa.Table:
    """What the SQL above gives."""
    rows = rows.sort_by("id")
    prices = rows["price"].to_pylist()
    before = pa.array([None, *prices[:-1]][: len(prices)], pa.float64())
    return rows.append_column("before", before).append_column("after", pa.array([*prices[1:], None], pa.float64()))


def write(path: Path, rows: Sequence[Row]) -> None:
    """The rows as a file of the kind that its name says."""
    if path.suffix == ".parquet":
        pq.write_table(table(rows), path)
        return
    if path.suffix == ".gz":
        documents = [
            {"id": row.id, "at": row.at.isoformat(), "day": row.day and row.day.isoformat(), "price": row.price,
             "vip": row.vip, "note": row.note}
            for row in rows
        ]  # fmt: skip
        path.write_bytes(gzip.compress("".join(json.dumps(one) + "\n" for one in documents).encode()))
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(table(rows).column_names)
        lines.writerows([row.id, row.at.isoformat(), row.day, row.price, row.vip, row.note] for row in rows)


class TestDatabaseByNumber(ReaderSuite):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return Database(tmp_path, cursor="id")


class TestDatabaseByTime(ReaderSuite):
    """Three rows share one time: two were read with it, one comes later."""

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return Database(tmp_path, cursor="at")


class TestDatabaseWhole(ReaderSuite):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return Database(tmp_path, cursor=None)


class TestDatabaseQuery(ReaderSuite):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return Database(tmp_path, cursor="id", query=True)


class TestPostgresByNumber(ReaderSuite):
    @pytest.fixture
    def world(self, database: postgres.Database) -> World:
        return Postgres(database, cursor="id")


class TestPostgresByTime(ReaderSuite):
    """Three rows share one time: two were read with it, one comes later."""

    @pytest.fixture
    def world(self, database: postgres.Database) -> World:
        return Postgres(database, cursor="at")


class TestPostgresWhole(ReaderSuite):
    @pytest.fixture
    def world(self, database: postgres.Database) -> World:
        return Postgres(database, cursor=None)


class TestPostgresQuery(ReaderSuite):
    @pytest.fixture
    def world(self, database: postgres.Database) -> World:
        return Postgres(database, cursor="id", query=True)


class TestCsvFolder(ReaderSuite):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return Folder(tmp_path, suffix=".csv")


class TestJsonLinesFolder(ReaderSuite):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return Folder(tmp_path, suffix=".jsonl.gz")


class TestParquetFolder(ReaderSuite):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return Folder(tmp_path, suffix=".parquet")


class TestOneFile(ReaderSuite):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return OneFile(tmp_path, query=False)


class TestFilesQuery(ReaderSuite):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return OneFile(tmp_path, query=True)


class TestMemory(ReaderSuite):
    @pytest.fixture
    def world(self) -> World:
        return Memory()


class TestRerunOfFilesQuery(RerunSuite):
    @pytest.fixture
    def query(self, tmp_path: Path) -> QueryWorld:
        return FilesOfQuery(tmp_path)


class TestRerunOfMemoryQuery(RerunSuite):
    @pytest.fixture
    def query(self) -> QueryWorld:
        return MemoryQuery()


class TestMemoryQuery(ReaderSuite):
    @pytest.fixture
    def world(self) -> World:
        return MemoryWhole()


def test_rows_that_lie_as_they_are_have_nothing_to_run_again(tmp_path: Path) -> None:
    readers = [Memory().reader(), Folder(tmp_path, suffix=".csv").reader(), Database(tmp_path, cursor=None).reader()]
    for reader in readers:
        with reader.rerun("at") as again:
            assert again is None
