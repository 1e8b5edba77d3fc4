"""One SELECT run again over its tables as they were at a moment, or with the rows from then on after the others.

A table is cut at its own column of the source's time where that column comes out as it went in. Otherwise every row is
marked: where the mark comes out beside one time (`select *`), the row happened then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any

import duckdb
import pyarrow as pa

from tidemill.spec.select import keeps, untied
from tidemill.stores import filerows
from tidemill.stores.sqlname import quoted

ROW_BY_ROW = frozenset(
    {"PROJECTION", "FILTER", "UNION", "UNNEST", "ORDER_BY", "CTE", "CTE_SCAN", "READ_PARQUET", "READ_CSV"}
)
"""Steps of a plan that make each row of one row alone."""
SAMPLE = "SAMPLE"
"""The step that chance decides."""

MARK = "_tidemill_mark"
PLACED = "_tidemill_placed"
NUMBER = "_tidemill_number"
APART = 2**40
"""Rows are numbered from another multiple of it in each table."""


def is_row_by_row(link: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """Whether each row of the SELECT comes of one row of the files, whatever the others are."""
    return _plan(link, sql) <= ROW_BY_ROW


def _plan(link: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    """The steps that the SELECT asks for, before any is made cheaper. duckdb.Error when it cannot be run."""
    link.execute("SET explain_output = 'all'")
    text = link.execute(f"EXPLAIN (FORMAT json) SELECT * FROM ({sql})").fetchall()[0][1]
    return {step for root in json.loads(text) for step in _steps(root)}


def _steps(plan: dict[str, Any]) -> Iterator[str]:
    yield str(plan["name"]).strip()
    for child in plan["children"]:
        yield from _steps(child)


class SelectRerun:
    """Over views of that connection, which are replaced by others for each run."""

    def __init__(self, link: duckdb.DuckDBPyConnection, sql: str, time: str, tables: Sequence[str]) -> None:
        """duckdb.Error when the SELECT cannot be run."""
        self._link = link
        self.sql = sql
        self._tables = tables
        for table in tables:
            link.execute(f"ALTER VIEW {quoted(table)} RENAME TO {_all(table)}")
        times = {table: self._times(table) for table in tables}
        own = {
            table: next((name for name in times[table] if name.casefold() == time.casefold()), "") for table in tables
        }
        kept = keeps(sql, time)
        placed = {} if kept and all(own.values()) else self._placed(time, own)
        for table in tables:
            self._show(table, f"FROM {_all(table)}")
        self._late: dict[str, str] = {}
        """Per table that can be cut: which of its numbered rows are late, for a moment `{m}`."""
        for place, (table, column) in enumerate(own.items()):
            once, same = placed.get(place, (False, False))
            if column and (kept or same):
                self._late[table] = f"coalesce({quoted(column)} >= {{m}}, false)"
            elif once:
                self._late[table] = f"({NUMBER} IN (SELECT row FROM {PLACED} WHERE moment >= {{m}}))"
        self.cut = tuple(self._late)
        self.whole = tuple(table for table in tables if table not in self._late and times[table])

    def until(self, moment_us: int) -> pa.Table:
        return self._run(moment_us, "WHERE NOT {late}")

    def late_last(self, moment_us: int) -> pa.Table:
        return self._run(moment_us, f"ORDER BY {{late}}, {NUMBER}")

    def untied(self) -> SelectRerun | None:
        other = copy(self)
        other.sql = untied(self.sql)
        try:
            return None if SAMPLE in _plan(self._link, other.sql) else other
        except duckdb.Error:
            return None

    def _run(self, moment_us: int, which: str) -> pa.Table:
        for place, table in enumerate(self._tables):
            if table in self._late:
                late = self._late[table].replace("{m}", f"make_timestamp({moment_us})")
                self._show(table, _numbered(table, place, which.format(late=late)))
        return filerows.rows(self._link, f"SELECT * FROM ({self.sql})")

    def _show(self, table: str, rows: str) -> None:
        self._link.execute(f"CREATE OR REPLACE VIEW {quoted(table)} AS {rows}")

    def _times(self, table: str) -> tuple[str, ...]:
        """The table's columns of moments or dates."""
        found = self._link.execute(f"DESCRIBE FROM {_all(table)}").fetchall()
        return tuple(name for name, kind, *_ in found if kind.startswith(("TIMESTAMP", "DATE")))

    def _placed(self, time: str, own: Mapping[str, str]) -> dict[int, tuple[bool, bool]]:
        """Per table by its place: whether its marked rows came out at one moment each, and at the time that they say.

        Their moments are then in the table PLACED. Nothing where marks do not come out, or are in the SELECT's way.
        """
        try:
            for place, (table, column) in enumerate(own.items()):
                said = f"{quoted(column)}::TIMESTAMP" if column else "NULL::TIMESTAMP"
                mark = f"{{'row': {_number(place)}, 'said': {said}}}"
                self._show(table, f"SELECT *, {mark} AS {MARK} FROM {_all(table)}")
            names = [row[0] for row in self._link.execute(f"DESCRIBE SELECT * FROM ({self.sql})").fetchall()]
            marks = ", ".join(quoted(name) for name in names if name.startswith(MARK))
            rows = f"SELECT {quoted(time)}::TIMESTAMP AS moment, unnest([{marks}]) AS mark FROM ({self.sql})"
            one = (
                "min(moment) AS moment, min(moment) IS NOT DISTINCT FROM max(moment) AS once, "
                "bool_and(mark.said IS NOT DISTINCT FROM moment) AS same"
            )
            self._link.execute(
                f"CREATE TEMP TABLE {PLACED} AS SELECT mark.row AS row, {one} FROM ({rows}) "
                "WHERE mark IS NOT NULL GROUP BY mark.row"
            )
        except duckdb.Error:
            return {}
        each = f"SELECT row // {APART}, bool_and(once), bool_and(same) FROM {PLACED} GROUP BY ALL"
        return {int(place): (bool(once), bool(same)) for place, once, same in self._link.execute(each).fetchall()}


def _all(table: str) -> str:
    """The table as it is, under a name that no query uses."""
    return quoted(f"_tidemill_all {table}")


def _number(place: int) -> str:
    """Of a row, by where its table stands among the tables."""
    return f"(row_number() OVER () + {place * APART})"


def _numbered(table: str, place: int, which: str) -> str:
    """Rows of the table, of which that may speak by their numbers."""
    if NUMBER not in which:
        return f"FROM {_all(table)} {which}"
    return f"SELECT * EXCLUDE ({NUMBER}) FROM (SELECT *, {_number(place)} AS {NUMBER} FROM {_all(table)}) {which}"
