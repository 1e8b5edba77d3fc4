"""Pieces of DuckDB's SQL: quoted names, literals, and a value that is used twice but written once."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

SHORT = 40
"""A text up to this long is simply repeated where its value is used twice."""

SQL_TYPES = MappingProxyType(
    {
        "text": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "boolean": "BOOLEAN",
        "date": "DATE", "timestamp": "TIMESTAMPTZ", "interval": "BIGINT",
    }
)  # fmt: skip
"""The one SQL type of each type of the dialect; an interval is a number of microseconds."""


def identifier(name: str) -> str:
    """The name in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | float) -> str:
    """The constant with its full type: an int is a BIGINT, a float a DOUBLE to the last bit."""
    match value:
        case bool():
            return str(value).upper()
        case int():
            return f"CAST('{value}' AS BIGINT)" if value < -(2**31) else f"CAST({value} AS BIGINT)"
        case float():
            return f"CAST('{value!r}' AS DOUBLE)"
    return "'" + value.replace("'", "''") + "'"


def null(kind: str) -> str:
    """NULL of the SQL type that stands for a type of the dialect."""
    return f"CAST(NULL AS {SQL_TYPES[kind]})" if kind in SQL_TYPES else "NULL"


def bind(value: str, body: Callable[[str], str]) -> str:
    """The body over a value that is computed once; the body may name nothing else of the row."""
    return f"list_transform([{value}], lambda _v: {body('_v')})[1]"


def let(values: list[str], body: Callable[..., str]) -> str:
    """The body over values that it uses more than once: repeated if all are short, else computed once.

    Repeating long texts would double them at every level of an expression.
    """
    if all(len(value) <= SHORT for value in values):
        return body(*values)
    if len(values) == 1:
        return bind(values[0], body)
    fields = [f"f{place}" for place in range(len(values))]
    record = ", ".join(f"'{field}': {value}" for field, value in zip(fields, values, strict=True))
    return bind(f"{{{record}}}", lambda v: body(*(f"{v}.{field}" for field in fields)))


def finite(value: str) -> str:
    """The float, null where it is NaN or infinite."""
    return let([value], lambda v: f"CASE WHEN isfinite({v}) THEN {v} END")
