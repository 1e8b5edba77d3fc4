"""Raw rows to the lake's types: zones read, one width per kind of number, times as UTC microseconds."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from tidemill.errors import DataError
from tidemill.facts.data import ColumnType
from tidemill.features.decimals import MOST, PLACES, WHOLE, wide
from tidemill.features.offline.columns import ARROW, type_of
from tidemill.lifecycle.extract.oddvalues import odd_values
from tidemill.ports.tables import OURS, reserved
from tidemill.spec.nearest import nearest
from tidemill.spec.source import Source

UTC_US = ARROW["timestamp"]
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What rows must fit: the source, the zone that reads naive times, the columns that landed before."""

    source: Source
    zone: str
    columns: tuple[ColumnType, ...] = ()


def normalised(rows: pa.Table, shape: Shape, *, keep: Sequence[str] = ()) -> pa.Table:
    """The rows with text as string, integers as int64, floats as double, every timestamp as timestamp[us, UTC].

    Naive times are read in the zone; the repeated hour of an autumn night is its first, the missing one of a spring
    night its end. The source's times may be dates, which begin at midnight. `keep`: own columns that stay.
    DataError `column-reserved` for other such names, `time-type` for a time that is none, `type-changed` for a column
    that does not fit what landed before.
    """
    if ours := tuple(name for name in reserved(rows.column_names) if name not in keep):
        raise DataError("column-reserved", column=ours[0], columns=ours, where=shape.source.dataset)
    was = {column.name: column for column in shape.columns}
    times = {shape.source.time, shape.source.since} - {None}
    columns = {}
    for name in rows.column_names:
        found = column(rows[name], shape.zone)
        try:
            columns[name] = fitted(moment(found, name, shape) if name in times else found, was.get(name), name, shape)
        except DataError as error:
            code, wanted = error.code.partition(".")[2], str(error.fields.get("was", "timestamp"))
            telling = [one for one in dict.fromkeys((*shape.source.key, shape.source.time)) if one != name]
            raise DataError(code, **error.fields, **odd_values(found, wanted, rows, telling)) from error
    return pa.table(columns)


def column(values: pa.ChunkedArray, zone: str) -> pa.ChunkedArray:
    """One column in the lake's type of its kind."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return column(values.cast(kind.value_type), zone)
    if pa.types.is_timestamp(kind):
        as_us = values.cast(pa.timestamp("us", tz=kind.tz), safe=False)
        return as_us.cast(UTC_US) if kind.tz else local_to_utc(as_us, zone)
    if pa.types.is_date(kind):
        return values.cast(pa.date32())
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return values.cast(pa.string())
    if pa.types.is_integer(kind):
        return values.cast(pa.int64())
    if pa.types.is_floating(kind):
        return values.cast(pa.float64())
    return exact(values) if pa.types.is_decimal(kind) else values


def exact(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Decimals of a type that has one in common with any other landed one: 18 digits before the point, 20 behind it.

    Wider types come with drivers that say nothing of their values: of two of them, with other places each, an engine
    would cut places off. Values that need more stay as they are.
    """
    kind = values.type
    places = min(kind.scale, PLACES)
    if kind.precision - kind.scale <= WHOLE and kind.scale <= PLACES:
        return values
    with suppress(pa.ArrowInvalid):
        return values.cast(pa.decimal128(WHOLE + places, places))
    return values


def beside_whole(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Decimals of a column that held int64 so far, wide enough for these too: 19 digits before the point."""
    kind = values.type
    if not pa.types.is_decimal(kind) or kind.precision - kind.scale > WHOLE:
        return values
    return values.cast(pa.decimal128(min(WHOLE + 1 + kind.scale, WHOLE + PLACES), kind.scale))


def moment(values: pa.ChunkedArray, name: str, shape: Shape) -> pa.ChunkedArray:
    """A column of times as such; a date is the midnight that it begins with."""
    if pa.types.is_timestamp(values.type):
        return values
    if pa.types.is_date(values.type):
        return local_to_utc(values.cast(pa.timestamp("us")), shape.zone)
    if pa.types.is_null(values.type):
        return values.cast(UTC_US)
    raise DataError("time-type", column=name, type=type_of(values.type), where=shape.source.dataset)


def fitted(values: pa.ChunkedArray, before: ColumnType | None, name: str, shape: Shape) -> pa.ChunkedArray:
    """The column in the type that landed before; whole numbers may become fractions, nothing else may change.

    One that never had a value lands without a type, and takes that of its first values.
    """
    was, now = before.type if before else None, type_of(values.type)
    if pa.types.is_null(values.type):
        return values.cast(arrow_type(before) if before else pa.null())
    if before and before.decimal and now == "float" and values.null_count == len(values):
        return pa.chunked_array([pa.nulls(len(values), arrow_type(before))])
    if (was, now) == ("int", "float"):
        return beside_whole(values)
    if was in {None, UNKNOWN, now}:
        return values
    if (was, now) == ("float", "int"):
        with suppress(pa.ArrowInvalid):  # a whole number that no float holds
            return values.cast(pa.float64())
    if (was, now) == ("timestamp", "date"):
        return moment(values, name, shape)
    raise DataError("type-changed", column=name, was=was, now=now, where=shape.source.dataset)


def local_to_utc(values: pa.ChunkedArray, zone: str) -> pa.ChunkedArray:
    """Naive local times as UTC."""
    return pc.assume_timezone(values, zone, ambiguous="earliest", nonexistent="latest").cast(UTC_US)


def arrow_type(column: ColumnType) -> pa.DataType:
    """The Arrow type in which rows of the column land."""
    return pa.decimal128(*column.decimal) if column.decimal else ARROW.get(column.type, pa.null())


def column_types(table: pa.Table) -> tuple[ColumnType, ...]:
    """Names and types of a table in the dialect's words, without the lake's own columns."""
    return tuple(
        ColumnType(name=field.name, type=type_of(field.type), decimal=decimal_of(field.type))
        for field in table.schema
        if not field.name.startswith(OURS)
    )


def decimal_of(kind: pa.DataType) -> tuple[int, int] | None:
    """Digits in all and behind the point of a type of decimals; None of other types, and of more than 38."""
    return (kind.precision, kind.scale) if pa.types.is_decimal(kind) and kind.precision <= MOST else None


def joined(before: Sequence[ColumnType], now: Sequence[ColumnType]) -> tuple[ColumnType, ...]:
    """The columns before, in the type that they have now, and the new ones; decimals have room for those before."""
    types = {column.name: column for column in before}
    for column in now:
        was = types.get(column.name, column).decimal
        digits = wide(was, column.decimal) if was and column.decimal else column.decimal
        types[column.name] = replace(column, decimal=digits if digits and digits[0] <= MOST else None)
    return tuple(types.values())


def demand(present: Sequence[str], needed: Sequence[str], where: str) -> None:
    """DataError `column-missing` for the first needed column that is not there, with the nearest that is.

    DataError `column-reserved` for one whose name is kept for the lake's own.
    """
    for name in needed:
        if name not in present:
            raise DataError("column-missing", column=name, where=where, nearest=nearest(name, present))
        if ours := reserved((name,)):
            raise DataError("column-reserved", column=name, columns=ours, where=where)
