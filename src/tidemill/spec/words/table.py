"""Table words: where the raw rows of a source come from."""

from __future__ import annotations

from dataclasses import dataclass

from tidemill.spec.duration import duration_us
from tidemill.spec.kind import must_be
from tidemill.spec.source import Files, FilesQuery, SqlQuery, SqlTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database by URL; `${NAME}` in it stays a reference to the environment."""

    url: str

    def table(self, name: str, *, cursor: str | None = None, reconcile: str | None = None) -> SqlTable:
        """A table or view; `cursor`: a column that only grows, by which new rows are found.

        `reconcile`: a duration; at most that often the table is compared with what landed, so that rows that are gone
        land as deleted and rows that changed without their cursor land again.
        """
        interval = None if reconcile is None else duration_us(reconcile)
        return SqlTable(url=self.url, table=name, cursor=cursor, reconcile_us=interval)

    def query(self, sql: str, *, cursor: str | None = None) -> SqlQuery:
        """The rows of one SELECT in the database's own SQL."""
        return SqlQuery(url=self.url, sql=sql, cursor=cursor)


def sql(url: str) -> Database:
    """The database at this URL (`sqlite:///shop.db`, `postgresql://...`, `${SHOP_DB}`)."""
    return Database(url=url)


def files(path: str) -> Files:
    """CSV, JSONL or Parquet files: one file, a folder, or a glob; `${NAME}` stays a reference to the environment."""
    return Files(path=path)


def query(sql: str, **tables: Files) -> FilesQuery:
    """The rows of one DuckDB SELECT over files by name, made before landing and again when a file changed."""
    for name, table in tables.items():
        must_be(table, Files, f"query > {name}")
    return FilesQuery(sql=sql, tables=tuple(tables.items()))
