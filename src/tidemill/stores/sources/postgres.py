"""Rows of a PostgreSQL database: a table or a SELECT, copied out in slices, read on from a cursor column, or whole."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from difflib import get_close_matches
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from tidemill.errors import SourceError
from tidemill.facts.data import ColumnType
from tidemill.ports.source import Held, KeyRanges, Misfit, Slice, Stretch
from tidemill.spec.source import SqlQuery, SqlTable
from tidemill.stores import pglooks, pgmark, pgranges, pgtypes
from tidemill.stores.pgcopy import copied
from tidemill.stores.pglink import ask, linked, literal, snapshot
from tidemill.stores.pglooks import Look
from tidemill.stores.pgmark import TIES, Mark
from tidemill.stores.pgselect import Selected, digest
from tidemill.stores.sqlname import quoted

if TYPE_CHECKING:
    from tidemill.stores.pglink import Link

ROWS = 100_000
PATIENCE_S = 5.0
"""How long a pass waits for transactions that are open as it begins; most end within milliseconds."""

PAUSE_S = 0.02
TIMES = ("date", "timestamp without time zone", "timestamp with time zone")
TABLES = (
    "SELECT CASE WHEN pg_table_is_visible(c.oid) THEN relname ELSE nspname || '.' || relname END "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r', 'p', 'v', 'm', 'f') "
    "AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
)
KEY = (
    "SELECT attname FROM pg_index i CROSS JOIN unnest(indkey::int2[]) WITH ORDINALITY AS k(number, place) "
    "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number "
    "WHERE indisprimary AND i.indrelid = {table}::regclass ORDER BY place"
)
FILLED = "SELECT attname FROM pg_attribute WHERE attnotnull AND attnum > 0 AND attrelid = {table}::regclass"


class PostgresReader:
    """With a cursor column: rows from the last value read on, up to where no open transaction can still add any.

    Rows that carry the very last value are asked for again and those read before are left out; a row that is written
    with a value older than its transaction is not seen: a table that gets such rows wants no cursor. Without one, all
    rows come whenever a checksum over them changed. One pass sees the database as it was at one moment.
    """

    def __init__(self, table: SqlTable | SqlQuery, *, slice_rows: int = ROWS, patience_s: float = PATIENCE_S) -> None:
        self.table = table
        self._slice_rows = slice_rows
        self._patience_s = patience_s
        try:
            self._url = make_url(table.url)
        except (ArgumentError, ValueError) as error:
            raise SourceError("url-unreadable", reason=str(error)) from error

    def columns(self) -> tuple[ColumnType, ...]:
        with self._linked() as link, snapshot(link):
            return pgtypes.column_types(self._selected(link).columns)

    def misfits(self) -> tuple[Misfit, ...]:
        return ()

    def rerun(self, time: str) -> AbstractContextManager[None]:
        return nullcontext()

    def slices(self, cursor: str) -> Iterator[Slice]:
        mark = pgmark.read(cursor)
        with self._linked() as link:
            if self.table.cursor is None:
                yield from self._whole(link, mark)
            else:
                yield from self._onward(link, self.table.cursor, mark)

    def holds(self, key: Sequence[str]) -> Held:
        with self._linked() as link, snapshot(link):
            return pgranges.holds(link, self._selected(link), key)

    def stretches(self, key: Sequence[str], ranges: KeyRanges, cursor: str) -> Iterator[Stretch]:
        mark = pgmark.read(cursor)
        with self._linked() as link, snapshot(link):
            selected = self._selected(link)
            ahead, rows = _ahead(selected, self.table.cursor, mark), self._slice_rows
            yield from pgranges.rows_of(link, selected, key, ranges, ahead=ahead, slice_rows=rows)

    def _whole(self, link: Link, mark: Mark) -> Iterator[Slice]:
        """All rows, unless they are the very ones of last time; no rows are said only where there were some."""
        with snapshot(link):
            selected = self._selected(link)
            ((count, total),) = ask(link, f"SELECT count(*), sum({digest(selected.shape)}) FROM {selected.rows}")
            content = f"{count} {total} {sha256(json.dumps(selected.shape).encode()).hexdigest()}"
            if content == mark.content or not (count or mark.content):
                return
            done = pgmark.write(replace(mark, content=content))
            for rows, last in copied(link, selected.select("true"), selected.columns, self._slice_rows):
                yield Slice(rows=rows, cursor=done if last else pgmark.write(mark), whole=True)
            if not count:
                yield Slice(rows=pgtypes.empty(selected.columns), cursor=done, whole=True)

    def _onward(self, link: Link, name: str, mark: Mark) -> Iterator[Slice]:
        with snapshot(link):
            selected = self._selected(link)
            self._demand_cursor(link, selected, name)
        newest, now = pglooks.look(link, selected.rows, quoted(name))
        if newest is None:
            return
        self._demand_past(link, newest.value, name, selected.shape[name])
        looks = (*mark.looks, newest)
        until_ns = time.monotonic_ns() + int(self._patience_s * 1e9 * (newest.value != mark.last))
        while True:
            with snapshot(link):
                found = pglooks.settled(looks, now, pglooks.xmin(link))
                if found == len(looks) - 1 or time.monotonic_ns() >= until_ns:
                    yield from self._up_to(link, self._selected(link), looks, found, mark)
                    return
            self._pause()
            now = pglooks.opened(link)

    def _pause(self) -> None:
        """Time for others to end."""
        time.sleep(PAUSE_S)

    def _up_to(
        self, link: Link, selected: Selected, looks: Sequence[Look], found: int | None, mark: Mark
    ) -> Iterator[Slice]:
        """The rows up to a settled look, in the running snapshot. SourceError `writers-open` if there never was one."""
        name = str(self.table.cursor)
        if found is None:
            if mark.last is None:
                raise SourceError("writers-open", table=self._named, seconds=self._patience_s)
            yield from _remembered(link, selected, looks, mark, name)
            return
        kind = selected.shape[name]
        column, top = quoted(name), f"{literal(looks[found].value)}::{kind}"
        beyond = _beyond(link, selected, column, kind, mark)
        done = Mark(
            last=looks[found].value,
            seen=_seen(link, selected, f"{column} = {top}"),
            shape=selected.shape,
            looks=pglooks.kept(looks[found + 1 :]),
        )
        select = selected.select(f"{beyond} AND {column} <= {top}", name) + f" OFFSET {mark.skip}"
        read = mark.skip
        for rows, last in copied(link, select, selected.columns, self._slice_rows):
            read += rows.num_rows
            yield Slice(rows=rows, cursor=pgmark.write(done if last else replace(mark, skip=read)))
        if read == mark.skip and done.looks:
            yield from _remembered(link, selected, done.looks, mark, name)

    def _demand_cursor(self, link: Link, selected: Selected, name: str) -> None:
        """A cursor column that is missing, or null in some row, would lose rows."""
        if name not in selected.shape:
            near = get_close_matches(name, selected.shape, n=1)
            raise SourceError("cursor-column-missing", column=name, table=self._named, nearest=near[0] if near else "")
        empty = f"SELECT 1 FROM {selected.rows} WHERE {quoted(name)} IS NULL LIMIT 1"
        if name not in selected.filled and ask(link, empty):
            raise SourceError("cursor-null", column=name, table=self._named)

    def _demand_past(self, link: Link, value: str, name: str, kind: str) -> None:
        """A time ahead of the clock would hide all rows that are written until then."""
        if kind in TIMES and ask(link, f"SELECT {literal(value)}::{kind} > now() + interval '1 day'")[0][0]:
            raise SourceError("cursor-ahead", column=name, table=self._named, value=value)

    def _selected(self, link: Link) -> Selected:
        """The table or query as it is in the running snapshot. SourceError `table-missing`."""
        if isinstance(self.table, SqlQuery):
            rows = f"({self.table.sql.strip().rstrip(';')}\n) AS tidemill_source"
            return Selected(rows=rows, columns=pgtypes.described(link, rows))
        rows = ".".join(quoted(part) for part in self.table.table.rpartition(".")[::2] if part)
        if ask(link, f"SELECT to_regclass({literal(rows)}) IS NULL")[0][0]:
            near = get_close_matches(self.table.table, [name for (name,) in ask(link, TABLES)], n=1)
            shown = self._url.render_as_string(hide_password=True)
            raise SourceError("table-missing", table=self.table.table, source=shown, nearest=near[0] if near else "")
        return Selected(
            rows=rows,
            columns=pgtypes.described(link, rows),
            key=tuple(name for (name,) in ask(link, KEY.format(table=literal(rows)))),
            filled=frozenset(name for (name,) in ask(link, FILLED.format(table=literal(rows)))),
        )

    @property
    def _named(self) -> str:
        return self.table.table if isinstance(self.table, SqlTable) else "the query"

    @contextmanager
    def _linked(self) -> Iterator[Link]:
        with linked(self._url, query=isinstance(self.table, SqlQuery)) as link:
            yield link


def _remembered(link: Link, selected: Selected, looks: Sequence[Look], mark: Mark, name: str) -> Iterator[Slice]:
    """No rows, only the last look, where it saw newer ones than were read and no look that is remembered did.

    Without it each pass would wait anew for a moment at which nobody is open, and may never meet one.
    """
    kind = selected.shape[name]
    newer = f"SELECT {literal(looks[-1].value)}::{kind} > {literal(str(mark.last))}::{kind}"
    if all(one.value == mark.last for one in looks[:-1]) and ask(link, newer)[0][0]:
        cursor = pgmark.write(replace(mark, looks=pglooks.kept(looks)))
        yield Slice(rows=pgtypes.empty(selected.columns), cursor=cursor)


def _beyond(link: Link, selected: Selected, column: str, kind: str, mark: Mark) -> str:
    """SQL that is true for rows after the mark. SourceError `cursor-coarse` where which these are cannot be told."""
    if mark.last is None:
        return "true"
    last = f"{literal(mark.last)}::{kind}"
    if not isinstance(mark.seen, int) and mark.shape.items() <= selected.shape.items():
        seen = ", ".join(map(str, mark.seen))
        return f"{column} >= {last} AND ({column} > {last} OR {digest(mark.shape)} <> ALL ('{{{seen}}}'::bigint[]))"
    read = mark.seen if isinstance(mark.seen, int) else len(mark.seen)
    ((count,),) = ask(link, f"SELECT count(*) FROM {selected.rows} WHERE {column} = {last}")
    if count > read:
        raise SourceError("cursor-coarse", column=column.strip('"'), value=mark.last, read=read, count=count)
    return f"{column} > {last}"


def _ahead(selected: Selected, cursor: str | None, mark: Mark) -> str:
    """SQL that is true for rows that reading on from the mark brings."""
    if cursor is None:
        return "false"
    return f"{quoted(cursor)} >= {literal(mark.last)}::{selected.shape[cursor]}" if mark.last is not None else "true"


def _seen(link: Link, selected: Selected, where: str) -> tuple[int, ...] | int:
    """Digests of those rows, or how many they are where they are many."""
    digests = ask(link, f"SELECT {digest(selected.shape)} FROM {selected.rows} WHERE {where} LIMIT {TIES + 1}")
    if len(digests) <= TIES:
        return tuple(sorted(digest for (digest,) in digests))
    return int(ask(link, f"SELECT count(*) FROM {selected.rows} WHERE {where}")[0][0])
