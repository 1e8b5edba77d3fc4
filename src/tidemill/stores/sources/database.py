"""Rows of a database by URL: a table or a SELECT, read on from a cursor column, or whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from sqlalchemy import Connection, Engine, create_engine, func, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from tidemill.errors import SourceError
from tidemill.facts.data import ColumnType
from tidemill.ports.source import Held, KeyRanges, Misfit, Slice, Stretch
from tidemill.spec.source import SqlQuery, SqlTable
from tidemill.stores import sqlmark, sqlranges, sqltypes
from tidemill.stores.arrow import column, column_types, word
from tidemill.stores.sqlmark import Mark

ROWS = 100_000
VIEW = "tidemill_source"
AHEAD = timedelta(days=1)
"""How far the newest cursor value may be ahead of the database's clock: times without an offset may be of any zone."""
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Selected:
    """What is read: SQL that may stand after FROM, its columns, and how to order it: "" or `ORDER BY` the key."""

    rows: str
    kinds: sqltypes.Kinds
    key: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.kinds)

    def shape(self, link: Connection) -> dict[str, str]:
        """What a column's values are, by its name; SQLite has them as they were written, whatever its type."""
        return {name: "" if link.dialect.name == "sqlite" else str(kind) for name, kind in self.kinds}


class DatabaseReader:
    """With a cursor column: rows from the last value read on, in its order, about `slice_rows` at once.

    Rows that carry the very last value are asked for again and those read before are left out, so that none is lost
    that came with an equal time; a row that appears later with a smaller value is not seen: a table that gets such
    rows wants no cursor. Without one, all rows come as one slice whenever any of them changed.

    SQLite is opened to read only; no SELECT stays open while the caller works on a slice.
    """

    def __init__(self, table: SqlTable | SqlQuery, *, slice_rows: int = ROWS) -> None:
        self.table = table
        self._slice_rows = slice_rows
        try:
            self._url = make_url(table.url)
        except ArgumentError as error:
            raise SourceError("url-unreadable", reason=str(error)) from error
        self._shown = self._url.render_as_string(hide_password=True)

    def columns(self) -> tuple[ColumnType, ...]:
        with self._linked() as link:
            selected = self._selected(link, {})
            return column_types(_table(_ask(link, "SELECT * FROM {rows} LIMIT 1", selected), selected.kinds).schema)

    def misfits(self) -> tuple[Misfit, ...]:
        return ()

    def rerun(self, time: str) -> AbstractContextManager[None]:
        return nullcontext()

    def slices(self, cursor: str) -> Iterator[Slice]:
        mark = sqlmark.read(cursor)
        with self._linked() as link:
            selected = self._selected(link, mark.types)
            types = {name: word(kind) for name, kind in selected.kinds if kind is not None}
            mark = replace(mark, types=types if link.dialect.name == "sqlite" else {})
            if self.table.cursor is None:
                yield from _whole(link, selected, mark)
            else:
                self._demand_cursor(link, selected, self.table.cursor)
                yield from self._onward(link, selected, self.table.cursor, mark)

    def holds(self, key: Sequence[str]) -> Held:
        with self._linked() as link:
            return sqlranges.holds(partial(_ask, link, selected=self._selected(link, {})), key)

    def stretches(self, key: Sequence[str], ranges: KeyRanges, cursor: str) -> Iterator[Stretch]:
        mark = sqlmark.read(cursor)
        with self._linked() as link:
            selected = self._selected(link, mark.types)
            for rows in sqlranges.parts(partial(_ask, link, selected=selected), key, ranges):
                yield Stretch(rows=_table(rows, selected.kinds), ahead=self._ahead(rows, selected, mark))

    def _ahead(self, rows: Rows, selected: _Selected, mark: Mark) -> pa.Array:
        """For each row whether reading on from the mark brings it."""
        if self.table.cursor is None:
            return pa.array([False] * len(rows), pa.bool_())
        place = selected.names.index(self.table.cursor)
        return pa.array([mark.last is None or row[place] >= mark.last for row in rows], pa.bool_())

    def _onward(self, link: Connection, selected: _Selected, name: str, mark: Mark) -> Iterator[Slice]:
        place, shape = selected.names.index(name), selected.shape(link)
        ask = partial(_ask, link, selected=selected, c=name)
        top = ask("SELECT max({c}) FROM {rows}")[0][0]
        self._demand_past(link, name, [top, mark.last], dict(selected.kinds)[name])
        mark = _told_apart(ask, name, mark, shape)
        known = [selected.names.index(column) for column in sorted(mark.shape)]
        last, seen = mark.last, mark.seen
        while top is not None:
            beyond = "{c} <= :top" if last is None else "{c} <= :top AND {c} > :last"
            if last is not None and seen:
                beyond = "{c} <= :top AND {c} >= :last"
            limit = self._slice_rows + 1
            rows = ask(f"SELECT * FROM {{rows}} WHERE {beyond} {{order}} LIMIT :limit", top=top, last=last, limit=limit)
            more = len(rows) > self._slice_rows
            if more:
                rows = _groups(rows, place) or ask(
                    "SELECT * FROM {rows} WHERE {c} = :only {order}", only=rows[0][place]
                )
            fresh = [row for row in rows if row[place] != last or sqlmark.digest(row, known) not in (seen or ())]
            if fresh:
                ties = sqlmark.ties(rows, place, [selected.names.index(column) for column in sorted(shape)])
                mark = replace(mark, last=rows[-1][place], seen=ties, shape=shape)
                yield Slice(rows=_table(fresh, selected.kinds), cursor=sqlmark.write(mark))
            if not more:
                return
            last, seen = rows[-1][place], None

    def _demand_cursor(self, link: Connection, selected: _Selected, name: str) -> None:
        """A cursor column that is missing, or null in some row, would lose rows."""
        if name not in selected.names:
            near = get_close_matches(name, selected.names, n=1)
            raise SourceError("cursor-column-missing", column=name, table=self._named, nearest=near[0] if near else "")
        if _ask(link, "SELECT 1 FROM {rows} WHERE {c} IS NULL LIMIT 1", selected, c=name):
            raise SourceError("cursor-null", column=name, table=self._named)

    def _demand_past(self, link: Connection, name: str, values: Sequence[object], kind: pa.DataType | None) -> None:
        """A time ahead of the clock would hide all rows that are written until then, and one that was read does."""
        moments = {moment: value for value in values if (moment := _moment(value, kind)) is not None}
        if moments and max(moments) > _now(link) + AHEAD:
            raise SourceError("cursor-ahead", column=name, table=self._named, value=str(moments[max(moments)]))

    def _selected(self, link: Connection, types: Mapping[str, str]) -> _Selected:
        """The table or query as it is now. SourceError `table-missing`, `query-failed`."""
        try:
            if isinstance(self.table, SqlQuery):
                return _query(link, self.table.sql.strip().rstrip(";"), types)
            return self._table_of(link, self.table.table, types)
        except DBAPIError as error:
            if isinstance(self.table, SqlQuery):
                raise SourceError("query-failed", source=self._shown, reason=str(error.orig)) from error
            raise SourceError("unreachable", source=self._shown, reason=str(error.orig)) from error

    def _table_of(self, link: Connection, name: str, types: Mapping[str, str]) -> _Selected:
        schema, _, table = name.rpartition(".")
        door = inspect(link)
        if not door.has_table(table, schema or None):
            known = [*door.get_table_names(schema or None), *door.get_view_names(schema or None)]
            near = get_close_matches(table, known, n=1)
            raise SourceError("table-missing", table=name, source=self._shown, nearest=near[0] if near else "")
        quoted = link.dialect.identifier_preparer.quote_identifier
        rows = ".".join(quoted(part) for part in (schema, table) if part)
        key = tuple(door.get_pk_constraint(table, schema or None)["constrained_columns"])
        if link.dialect.name == "sqlite":
            return _Selected(rows=rows, kinds=sqltypes.of_sqlite(link, rows, table, types), key=key)
        return _Selected(rows=rows, kinds=sqltypes.of_table(link, table, schema or None), key=key)

    @property
    def _named(self) -> str:
        return self.table.table if isinstance(self.table, SqlTable) else "the query"

    @contextmanager
    def _linked(self) -> Iterator[Connection]:
        """A connection for one pass, no transaction open between its statements."""
        engine = self._engine()
        try:
            link = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        except SQLAlchemyError as error:
            reason = str(error.orig) if isinstance(error, DBAPIError) else str(error)
            raise SourceError("unreachable", source=self._shown, reason=reason) from error
        try:
            yield link
        except DBAPIError as error:
            raise SourceError("lost", source=self._shown, reason=str(error.orig)) from error
        finally:
            link.close()
            engine.dispose()

    def _engine(self) -> Engine:
        file = self._url.database
        if self._url.get_backend_name() != "sqlite" or "uri" in self._url.query or not file:
            try:
                return create_engine(self._url, poolclass=NullPool)
            except (NoSuchModuleError, ModuleNotFoundError) as error:
                raise SourceError("driver-missing", scheme=self._url.drivername, reason=str(error)) from error
        if not Path(file).is_file():
            raise SourceError("unreachable", source=self._shown, reason="no such file")
        place = f"file:{quote(str(Path(file).absolute()))}?mode=ro"
        return create_engine("sqlite://", creator=lambda: sqlite3.connect(place, uri=True), poolclass=NullPool)


def _query(link: Connection, sql: str, types: Mapping[str, str]) -> _Selected:
    """A SELECT; SQLite tells the types of its plain columns through a temporary view."""
    rows = f"({sql}) AS {VIEW}"
    if link.dialect.name == "sqlite":
        link.exec_driver_sql(f"CREATE TEMP VIEW {VIEW} AS {sql}")
        return _Selected(rows=rows, kinds=sqltypes.of_sqlite(link, rows, VIEW, types))
    names = tuple(link.execute(text(f"SELECT * FROM {_literal(rows)} LIMIT 0")).keys())
    return _Selected(rows=rows, kinds=tuple((name, None) for name in names))


def _told_apart(ask: Callable[..., Rows], name: str, mark: Mark, shape: Mapping[str, str]) -> Mark:
    """The mark, with what is known of the rows of its last value as far as the columns of now tell them apart.

    SourceError `cursor-coarse` where there are more than were read, and which are new cannot be told.
    """
    if not mark.seen or (mark.shape and mark.shape.items() <= shape.items()):
        return mark
    ((count,),) = ask("SELECT count(*) FROM {rows} WHERE {c} = :last", last=mark.last)
    if count > len(mark.seen):
        raise SourceError("cursor-coarse", column=name, value=str(mark.last), read=len(mark.seen), count=count)
    return replace(mark, seen=None, shape={})


def _moment(value: object, kind: pa.DataType | None) -> datetime | None:
    """The moment that a value of the cursor column is, on its own clock or in UTC; None for one that is none."""
    if isinstance(value, str) and kind is not None and pa.types.is_temporal(kind):
        with suppress(ValueError):
            value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return datetime.combine(value, time.min) if isinstance(value, date) else None


def _now(link: Connection) -> datetime:
    """The database's clock."""
    now: datetime = link.execute(select(func.now())).scalar_one()
    return now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now


def _whole(link: Connection, selected: _Selected, mark: Mark) -> Iterator[Slice]:
    """All rows, unless they are the very ones of last time; no rows are said only where there were some."""
    table = _table(_ask(link, "SELECT * FROM {rows} {order}", selected), selected.kinds)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table.combine_chunks())
    content = sha256(sink.getvalue()).hexdigest()
    if content != mark.content and (table.num_rows or mark.content):
        yield Slice(rows=table, cursor=sqlmark.write(replace(mark, content=content)), whole=True)


def _ask(link: Connection, sql: str, selected: _Selected, *, c: str = "", **values: object) -> Rows:
    """All rows of a statement over what is selected; `{c}` is the cursor column, equal values come in key order."""
    quoted = link.dialect.identifier_preparer.quote_identifier
    order = ", ".join(quoted(name) for name in dict.fromkeys((*([c] if c else []), *selected.key)))
    filled = sql.format(
        rows=_literal(selected.rows), c=_literal(quoted(c)), order=_literal(f"ORDER BY {order}") if order else ""
    )
    used = {name: value for name, value in values.items() if f":{name}" in sql}
    return link.execute(text(filled), used).fetchall()


def _literal(sql: str) -> str:
    """SQL in which a colon is no parameter."""
    return sql.replace(":", "\\:")


def _groups(rows: Rows, place: int) -> Rows:
    """The rows less those that carry the last value, of which more may follow; nothing if that is all of them."""
    return [row for row in rows if row[place] != rows[-1][place]]


def _table(rows: Rows, kinds: sqltypes.Kinds) -> pa.Table:
    values = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    columns = [column(part, kind, name) for part, (name, kind) in zip(values, kinds, strict=True)]
    return pa.Table.from_arrays(columns, [name for name, _ in kinds])
