"""Compute on DuckDB inside this process: it reads Arrow and Parquet and writes nothing but its own spill files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tidemill.errors import DataError

LONGEST_WORDS = 600


class DuckdbCompute:
    """One engine, a connection of its own for each query: queries may run from several threads at once.

    Rows come back in the order that the SQL gives, else in that of the tables read. Whole numbers of 128 bits (what a
    sum of integers is to DuckDB) come back as int64, and one that does not fit is DataError `number-too-big`.
    """

    def __init__(self, *, threads: int = 2, memory: str = "2GiB", spill: Path | None = None) -> None:
        """`memory`: where queries begin to spill to the folder `spill`, or to fail where there is none."""
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "memory_limit": memory,
            "temp_directory": str(spill or ""),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self.memory = memory
        self._engine = duckdb.connect(":memory:", config=config)
        self._engine.execute("SET GLOBAL TimeZone = 'UTC'").fetchall()
        self._engine.execute("SET GLOBAL python_enable_replacements = false").fetchall()

    def query(
        self,
        sql: str,
        tables: Mapping[str, pa.Table | Sequence[Path]],
        parameters: Mapping[str, object] | None = None,
    ) -> pa.Table:
        """Rows of one SELECT. Files of a table may differ in columns (absent: null); unused parameters are let be.

        DataError `query-failed`, `not-a-select`, `table-without-files`, `out-of-memory`, `number-too-big`.
        """
        with self._engine.cursor() as cursor:
            try:
                for name, table in tables.items():
                    _show(cursor, name, table)
                return _plain(_run(cursor, sql, parameters or {}))
            except duckdb.OutOfMemoryException as error:
                raise DataError("out-of-memory", limit=self.memory, words=_words(error)) from error
            except duckdb.Error as error:
                raise DataError("query-failed", words=_words(error)) from error

    def cogroup(
        self,
        left: pa.Table,
        right: pa.Table,
        *,
        by: Sequence[str],
        shards: int,
        function: Callable[[pa.Table, pa.Table], pa.Table],
    ) -> pa.Table:
        """The shards one after another, rows of each in their order in the whole table; keys compare as text."""
        pairs = zip(self._shards(left, by, shards), self._shards(right, by, shards), strict=True)
        return pa.concat_tables([function(left.take(mine), right.take(theirs)) for mine, theirs in pairs])

    def close(self) -> None:
        """Frees the engine's memory."""
        self._engine.close()

    def _shards(self, table: pa.Table, by: Sequence[str], shards: int) -> list[NDArray[np.int64]]:
        """Row numbers of each shard, rising: MD5 of the key's canonical text, the same on every machine."""
        key = ", ".join(f"cast({_name(name)} as varchar)" for name in by)
        sql = f"select (md5_number_lower(cast([{key}] as varchar)) % $shards)::int as shard from keys"
        shard = self.query(sql, {"keys": table.select(list(by))}, {"shards": shards})["shard"].to_numpy()
        order = np.argsort(shard, kind="stable")
        return np.split(order, np.searchsorted(shard[order], np.arange(1, shards)))


def _show(cursor: duckdb.DuckDBPyConnection, name: str, table: pa.Table | Sequence[Path]) -> None:
    """Lets SQL on this connection, and on no other, read the table by name."""
    if isinstance(table, pa.Table):
        cursor.register(name, table)
    elif table:
        files = ", ".join(_text(path) for path in table)
        sql = f"create temp view {_name(name)} as from read_parquet([{files}], union_by_name = true)"
        cursor.execute(sql).fetchall()
    else:
        raise DataError("table-without-files", table=name)


def _run(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object]) -> duckdb.DuckDBPyRelation:
    """The result of the one SELECT, with the parameters that it names."""
    statements = cursor.extract_statements(sql)
    kinds = tuple(statement.type.name for statement in statements)
    if kinds != ("SELECT",):
        raise DataError("not-a-select", found=kinds or ("nothing",))
    wanted = {name: value for name, value in parameters.items() if name in statements[0].named_parameters}
    return cursor.query(sql, params=wanted)


def _plain(result: duckdb.DuckDBPyRelation) -> pa.Table:
    """The rows with timestamps in microseconds (UTC where aware) and 128-bit integers as int64."""
    table: pa.Table = result.to_arrow_table()
    for place, (field, engine_type) in enumerate(zip(table.schema, result.types, strict=True)):
        kind = _kind(field.type, str(engine_type))
        if kind != field.type:
            table = table.set_column(place, field.with_type(kind), _cast(field.name, table[place], kind))
    return table


def _kind(kind: pa.DataType, engine_type: str) -> pa.DataType:
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", tz="UTC" if kind.tz else None)
    return pa.int64() if engine_type in {"HUGEINT", "UHUGEINT"} else kind


def _cast(name: str, column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """The column as that type; times finer than a microsecond are cut."""
    try:
        return column.cast(kind, safe=not pa.types.is_timestamp(kind))
    except pa.ArrowInvalid as error:
        raise DataError("number-too-big", column=name) from error


def _name(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: object) -> str:
    """A quoted text."""
    return "'" + str(value).replace("'", "''") + "'"


def _words(error: duckdb.Error) -> str:
    """The engine's own words, not longer than a screen."""
    return " ".join(str(error).split())[:LONGEST_WORDS]
