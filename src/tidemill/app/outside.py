"""Rows that no system knows, read whole: of files, of a database's table, or of a SELECT over one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tidemill.app.attempt.table import Raw, read_whole
from tidemill.app.context import sources
from tidemill.errors import SourceError
from tidemill.features.plan import quoted
from tidemill.spec.source import Files, SqlQuery, SqlTable

if TYPE_CHECKING:
    from tidemill.ports.compute import Compute
    from tidemill.ports.context import Progress

NAIVE = "timestamp[us]"
QUERY = "query"
"""What the rows of a SELECT are called."""
SHOWN = 30
"""Tables that an error names."""
SQLITE = "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\'"
POSTGRES = (
    "select case when table_schema = current_schema() then '' else table_schema || '.' end || table_name as name "
    "from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')"
)
OTHER = (
    "select table_name as name from information_schema.tables "
    "where lower(table_schema) not in ('information_schema', 'mysql', 'performance_schema', 'sys', 'pg_catalog')"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where rows are: a path (file, folder, glob), or a database's URL with a `table` or a `query` ("": not said)."""

    what: str
    table: str = ""
    query: str = ""

    @property
    def is_database(self) -> bool:
        """Whether it is a URL."""
        return "://" in self.what

    @property
    def name(self) -> str:
        """What the rows are called."""
        if self.is_database:
            return self.table or QUERY
        path = Path(self.what)
        return next((part for part in (path.stem, path.parent.name) if part.strip("*?[]")), path.name)


def read(place: Place, compute: Compute, *, zone: str, progress: Progress) -> Raw:
    """All rows; times without a zone are taken for that zone's.

    SourceError as the reader says, `table-unnamed` for a database of several tables where none is named; DataError
    `empty-source`.
    """
    there = named(place) if place.is_database else place
    open_source = sources(Path.cwd())
    if not there.is_database:
        reader = open_source(Files(path=there.what))
    elif there.query:
        reader = open_source(SqlQuery(url=there.what, sql=there.query))
    else:
        reader = open_source(SqlTable(url=there.what, table=there.table))
    return localised(read_whole(reader, there.name, compute, progress), zone, compute)


def named(place: Place) -> Place:
    """The place with its table: the one that is named, else the only one there is. SourceError `table-unnamed`."""
    if place.table or place.query:
        return place
    known = tables(place.what)
    if len(known) != 1:
        raise SourceError(
            "table-unnamed", known=known[:SHOWN], count=len(known), more=len(known) - SHOWN if known[SHOWN:] else None
        )
    return replace(place, table=known[0])


def tables(url: str) -> tuple[str, ...]:
    """The tables and views of a database by name, those of another schema with it; in order."""
    scheme = url.partition("://")[0].partition("+")[0]
    sql = {"sqlite": SQLITE, "postgres": POSTGRES, "postgresql": POSTGRES}.get(scheme, OTHER)
    pieces = [piece.rows.column(0).to_pylist() for piece in sources(Path.cwd())(SqlQuery(url=url, sql=sql)).slices("")]
    return tuple(sorted(str(name) for piece in pieces for name in piece))


def localised(raw: Raw, zone: str, compute: Compute) -> Raw:
    """The rows with the times that have no zone as moments of that one."""
    naive = [field.name for field in raw.rows.schema if str(field.type) == NAIVE]
    if zone == "UTC" or not naive:
        return raw
    items = ", ".join(f"timezone($zone, {quoted(name)}) as {quoted(name)}" for name in naive)
    rows = compute.query(f"select * replace ({items}) from landed", {"landed": raw.rows}, {"zone": zone})
    return replace(raw, rows=rows)
