"""Raw rows to the lake's types: zones read, one width per kind of number, times as UTC microseconds."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import pyarrow as pa
import pyarrow.compute as pc

from tidemill.errors import DataError
from tidemill.facts.data import ColumnType
from tidemill.features.offline.columns import type_of

UTC_US = pa.timestamp("us", tz="UTC")


def normalised(rows: pa.Table, *, zone: str, time: str, where: str) -> pa.Table:
    """The rows with text as string, integers as int64, floats as double, every timestamp as timestamp[us, UTC].

    Naive times are read in `zone`; the repeated hour of an autumn night is its first, the missing one of a spring
    night its end. A `time` column that is no time: DataError `time-type`.
    """
    columns = [column(rows[name], zone) for name in rows.column_names]
    table = pa.table(dict(zip(rows.column_names, columns, strict=True)))
    kind = table.schema.field(time).type
    if pa.types.is_date(kind):
        dated = table[time].cast(pa.timestamp("us"))
        return table.set_column(table.schema.get_field_index(time), time, local_to_utc(dated, zone))
    if not pa.types.is_timestamp(kind):
        raise DataError("time-type", column=time, type=str(kind), where=where)
    return table


def column(values: pa.ChunkedArray, zone: str) -> pa.ChunkedArray:
    """One column in the lake's type of its kind."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return column(values.cast(kind.value_type), zone)
    if pa.types.is_timestamp(kind):
        as_us = values.cast(pa.timestamp("us", tz=kind.tz), safe=False)
        return as_us.cast(UTC_US) if kind.tz else local_to_utc(as_us, zone)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return values.cast(pa.string())
    if pa.types.is_integer(kind):
        return values.cast(pa.int64())
    if pa.types.is_floating(kind):
        return values.cast(pa.float64())
    return values.cast(pa.string()) if pa.types.is_null(kind) else values


def local_to_utc(values: pa.ChunkedArray, zone: str) -> pa.ChunkedArray:
    """Naive local times as UTC."""
    return pc.assume_timezone(values, zone, ambiguous="earliest", nonexistent="latest").cast(UTC_US)


def column_types(table: pa.Table) -> tuple[ColumnType, ...]:
    """Names and types of a table in the dialect's words, without the lake's own columns."""
    return tuple(
        ColumnType(name=field.name, type=type_of(field.type))
        for field in table.schema
        if not field.name.startswith("_")
    )


def demand(present: Sequence[str], needed: Sequence[str], where: str) -> None:
    """DataError `column-missing` for the first needed column that is not there, with the nearest that is."""
    for name in needed:
        if name not in present:
            near = get_close_matches(name, present, n=1)
            raise DataError("column-missing", column=name, where=where, nearest=near[0] if near else "")
