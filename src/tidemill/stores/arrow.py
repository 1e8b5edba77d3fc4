"""Arrow at the door: the words of its types, tables in the few types that the house knows, lists as columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from types import NoneType
from typing import Any

import pyarrow as pa

from tidemill.errors import SourceError
from tidemill.facts.data import ColumnType

NAIVE = pa.timestamp("us")
AWARE = pa.timestamp("us", tz="UTC")

WORDS = {
    "text": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": NAIVE,
}
"""The plain type of each word."""


def word(kind: pa.DataType) -> str:
    """text, int, float (decimals too), boolean, date, timestamp; anything else is unknown."""
    tests = (
        ("text", pa.types.is_string),
        ("int", pa.types.is_integer),
        ("float", pa.types.is_floating),
        ("float", pa.types.is_decimal),
        ("boolean", pa.types.is_boolean),
        ("date", pa.types.is_date),
        ("timestamp", pa.types.is_timestamp),
    )
    return next((name for name, test in tests if test(kind)), "unknown")


def column_types(schema: pa.Schema) -> tuple[ColumnType, ...]:
    """Names and words, in order."""
    return tuple(ColumnType(name=field.name, type=word(field.type)) for field in schema)


def settled(table: pa.Table) -> pa.Table:
    """The table in the types that the house knows: int64, float64, string, bool, date32, timestamp[us] (UTC if aware).

    Decimals stay, but one of 38 digits and no places (a SQL sum of integers) is int64; times of day become text.
    SourceError `value-unreadable` for a number that does not fit.
    """
    for place, field in enumerate(table.schema):
        kind = _settled(field.type)
        if kind != field.type:
            try:
                column = table[place].cast(kind, safe=not pa.types.is_timestamp(kind))
            except pa.ArrowInvalid as error:
                raise SourceError("value-unreadable", column=field.name, type=word(kind), value=str(error)) from error
            table = table.set_column(place, pa.field(field.name, kind), column)
    return table.replace_schema_metadata(None)


def _settled(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _settled(kind.value_type)
    if pa.types.is_integer(kind) or kind == pa.decimal128(38, 0):
        return pa.int64()
    if pa.types.is_floating(kind):
        return pa.float64()
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_time(kind):
        return pa.string()
    if pa.types.is_date(kind):
        return pa.date32()
    if pa.types.is_timestamp(kind):
        return AWARE if kind.tz else NAIVE
    return kind


def column(values: Sequence[Any], kind: pa.DataType | None, name: str) -> pa.Array:
    """The values of one column, as a driver gave them, in that type; None: in the type that they all have.

    Text is read as what the type says (ISO 8601 for times); aware times make the column UTC. SourceError
    `value-unreadable` with the first value that is something else, `zones-mixed` for aware and naive times together.
    """
    kind = _kind_of(values) if kind is None else kind
    if pa.types.is_timestamp(kind):
        return _moments(values, name)
    if set(map(type, values)) <= _AS_IS.get(kind, set()):
        with suppress(OverflowError):
            return pa.array(values, kind)
    return pa.array(_values(values, kind, name), kind)


def _moments(values: Sequence[Any], name: str) -> pa.Array:
    """timestamp[us], or in UTC when the values name their zones."""
    if set(map(type, values)) <= {str, NoneType}:
        with suppress(pa.ArrowInvalid):
            return pa.array(values, pa.string()).cast(NAIVE)
    moments = _values(values, NAIVE, name)
    aware = {moment.tzinfo is not None for moment in moments if moment is not None}
    if len(aware) > 1:
        raise SourceError("zones-mixed", column=name)
    return pa.array(moments, AWARE if True in aware else NAIVE)


def _values(values: Sequence[Any], kind: pa.DataType, name: str) -> list[Any]:
    """The values as Arrow takes them for that type."""
    read = partial(_decimal, kind=kind) if pa.types.is_decimal(kind) else _READ[word(kind)]
    found = []
    for value in values:
        try:
            found.append(None if value is None else read(value))
        except (ValueError, TypeError, LookupError, ArithmeticError) as error:
            raise SourceError("value-unreadable", column=name, type=word(kind), value=repr(value)) from error
    return found


def _int(value: Any) -> int:
    if isinstance(value, str) or int(value) != value or not -(2**63) <= int(value) < 2**63:
        raise ValueError
    return int(value)


def _float(value: Any) -> float:
    if isinstance(value, str):
        raise TypeError
    return float(value)


def _decimal(value: Any, kind: pa.DataType) -> Decimal:
    """The value with the type's places; one with more of them would not be the same."""
    exact = Decimal(repr(value) if isinstance(value, float) else value)
    fitted = exact.quantize(Decimal(1).scaleb(-kind.scale))
    if fitted != exact or fitted.adjusted() >= kind.precision - kind.scale:
        raise ValueError
    return fitted


def _boolean(value: Any) -> bool:
    if isinstance(value, str):
        return {"true": True, "false": False}[value.lower()]
    if value not in (0, 1):
        raise ValueError
    return bool(value)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        raise TypeError
    return str(value)


def _date(value: Any) -> date:
    moment = _moment(value)
    if moment.time() != time.min:
        raise ValueError
    return moment.date()


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time.min)
    raise TypeError


def _kind_of(values: Sequence[Any]) -> pa.DataType:
    """The one type that the values of a column without a declared type share; text where there is none."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {Decimal}:
        places = max(-int(value.as_tuple().exponent) for value in values if value is not None)
        return pa.decimal128(38, max(places, 0))
    shared = {
        frozenset(): pa.null(),
        frozenset({bool}): pa.bool_(),
        frozenset({int}): pa.int64(),
        frozenset({float}): pa.float64(),
        frozenset({int, float}): pa.float64(),
        frozenset({datetime}): NAIVE,
        frozenset({date}): pa.date32(),
        frozenset({bytes}): pa.binary(),
    }
    return shared.get(frozenset(kinds), pa.string())


_AS_IS: dict[pa.DataType, set[type]] = {
    pa.int64(): {int, NoneType},
    pa.float64(): {float, int, NoneType},
    pa.bool_(): {bool, NoneType},
    pa.string(): {str, NoneType},
    pa.date32(): {date, NoneType},
}
"""Classes of values that Arrow takes for a type without changing them; it would cut 1.5 to fit a whole number."""

_READ: dict[str, Callable[[Any], Any]] = {
    "int": _int,
    "float": _float,
    "boolean": _boolean,
    "text": _text,
    "date": _date,
    "timestamp": _moment,
    "unknown": lambda value: value,
}
