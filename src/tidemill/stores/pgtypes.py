"""The columns of a PostgreSQL table or query: how each is asked for, and its Arrow type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from tidemill.facts.data import ColumnType
from tidemill.stores.arrow import AWARE, NAIVE, word
from tidemill.stores.pglink import ask
from tidemill.stores.sqlname import quoted
from tidemill.stores.sqltypes import EXACT_DIGITS

if TYPE_CHECKING:
    from tidemill.stores.pglink import Link

ARROW: Mapping[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "smallint": pa.int64(),
    "integer": pa.int64(),
    "bigint": pa.int64(),
    "oid": pa.int64(),
    "real": pa.float64(),
    "double precision": pa.float64(),
    "date": pa.date32(),
    "timestamp without time zone": NAIVE,
    "timestamp with time zone": AWARE,
    "bytea": pa.binary(),
}
"""Types with a kind of their own; any other is text as PostgreSQL writes it: uuid, json, enums, ranges, intervals."""

NUMERIC = "numeric"
WHOLE, PLACES = 18, 20
"""Digits before and after the point of a number without a precision.

Decimals of 18 + n digits with n places, n from 0 to 20, have one type that holds them all, whatever slice or version
they come with; of wider ones DuckDB would cut places off.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its expression in a SELECT, its type's name in the database, its type in Arrow.

    `kind` is None for a number with as many digits as each value needs: numeric without a precision of at most 38.
    """

    name: str
    sql: str
    declared: str
    kind: pa.DataType | None


def described(link: Link, rows: str) -> tuple[Column, ...]:
    """The columns of what stands in SQL as `rows`."""
    found = link.execute(f"SELECT * FROM {rows} LIMIT 0".encode()).description or []
    codes = sorted({column.type_code for column in found})
    listed = ", ".join(map(str, codes)) or "0"
    types = ask(link, f"SELECT oid, format_type(oid, NULL), typcategory = 'A' FROM pg_type WHERE oid IN ({listed})")
    names = {code: (name, array) for code, name, array in types}
    columns = []
    for column in found:
        declared, array = names[column.type_code]
        sql = f"to_json({quoted(column.name)})::text" if array else quoted(column.name)
        kind = ARROW.get(declared, pa.string())
        if declared == NUMERIC:
            kind = exact(column.precision, column.scale)
            sql = sql if kind else f"trim_scale({sql})"
        columns.append(Column(name=column.name, sql=sql, declared=declared, kind=kind))
    return tuple(columns)


def exact(precision: int | None, scale: int | None) -> pa.DataType | None:
    """The decimal type of `numeric(precision, scale)`; None where Arrow has none that holds every value."""
    if precision is None or scale is None or not 0 <= scale <= precision <= EXACT_DIGITS:
        return None
    return pa.decimal128(precision, scale)


def column_types(columns: Sequence[Column]) -> tuple[ColumnType, ...]:
    """Names and words, in order; of exact decimals their digits."""
    return tuple(
        ColumnType(name=one.name, type="float" if one.kind is None else word(one.kind), decimal=digits(one.kind))
        for one in columns
    )


def digits(kind: pa.DataType | None) -> tuple[int, int] | None:
    """Digits in all and behind the point of a type of decimals."""
    return (kind.precision, kind.scale) if kind is not None and pa.types.is_decimal(kind) else None


def empty(columns: Sequence[Column]) -> pa.Table:
    """No rows of them."""
    return pa.table({column.name: pa.array([], column.kind or pa.decimal128(WHOLE, 0)) for column in columns})
