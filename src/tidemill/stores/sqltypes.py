"""The Arrow type of each column of a SQL table or query, found before rows are read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import pyarrow as pa
from sqlalchemy import Connection, inspect
from sqlalchemy.types import Numeric, TypeEngine

from tidemill.stores.arrow import NAIVE, WORDS
from tidemill.stores.sqlname import quoted

Kinds = tuple[tuple[str, pa.DataType | None], ...]
"""Names and types of columns in order; None: as the driver's values have it."""

DECIMAL = re.compile(r"\s*(?:DECIMAL|NUMERIC)\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)\s*", re.IGNORECASE)

EXACT_DIGITS = 38

DECLARED: tuple[tuple[tuple[str, ...], pa.DataType], ...] = (
    (("BOOL",), pa.bool_()),
    (("TIMESTAMP", "DATETIME"), NAIVE),
    (("DATE",), pa.date32()),
    (("INT",), pa.int64()),
    (("CHAR", "CLOB", "TEXT"), pa.string()),
    (("BLOB",), pa.binary()),
    (("REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL"), pa.float64()),
)
"""What a type's name in SQLite has in it, first found first."""

DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
LOOKS = (
    "count({c})",
    "sum(typeof({c}) = 'integer')",
    "sum(typeof({c}) IN ('integer', 'real'))",
    f"sum(typeof({{c}}) = 'text' AND {{c}} GLOB '{DAY}[ T][0-9][0-9]:[0-9][0-9]*' AND julianday({{c}}) IS NOT NULL)",
    f"sum(typeof({{c}}) = 'text' AND {{c}} GLOB '{DAY}' AND julianday({{c}}) IS NOT NULL)",
)
"""Of a column: how many values there are, whole numbers, numbers, texts that are a moment, texts that are a day."""

AT_ONCE = 100
"""Columns looked at in one SELECT; SQLite's result has at most 2,000."""


PYTHON = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    date: pa.date32(),
    datetime: NAIVE,
}


def declared(name: str) -> pa.DataType | None:
    """The type that a declaration in SQLite means: DECIMAL(10, 2) is exact, nothing at all is None."""
    exact = DECIMAL.fullmatch(name)
    if exact and int(exact[1]) <= EXACT_DIGITS:
        return pa.decimal128(int(exact[1]), int(exact[2]))
    upper = name.upper()
    return next((kind for words, kind in DECLARED if any(word in upper for word in words)), None)


def of_sqlite(link: Connection, rows: str, name: str, known: Mapping[str, str]) -> Kinds:
    """Types of the columns of the table or view `name`, whose rows stand in SQL as `rows`.

    SQLite has no times, and expressions have no declaration: text and undeclared columns are what all their values
    look like, which takes one look at every row, unless the word of their type is `known` from before.
    """
    found = link.exec_driver_sql("SELECT name, type FROM pragma_table_info(?)", (name,)).fetchall()
    kinds = {column: declared(declaration) for column, declaration in found}
    loose = [column for column, kind in kinds.items() if kind is None or pa.types.is_string(kind)]
    kinds |= {column: WORDS[known[column]] for column in loose if column in known}
    open_ = [column for column in loose if column not in known]
    for start in range(0, len(open_), AT_ONCE):
        columns = open_[start : start + AT_ONCE]
        looks = ", ".join(look.format(c=quoted(column)) for column in columns for look in LOOKS)
        counts = link.exec_driver_sql(f"SELECT {looks} FROM {rows}").one()
        for place, column in enumerate(columns):
            kinds[column] = _seen(kinds[column], [count or 0 for count in counts[place * len(LOOKS) :][: len(LOOKS)]])
    return tuple(kinds.items())


def _seen(kind: pa.DataType | None, counts: Sequence[int]) -> pa.DataType | None:
    values, whole, numbers, moments, days = counts
    if not values:
        return kind
    if days == values:
        return pa.date32()
    if moments + days == values:
        return NAIVE
    if kind is None and numbers == values:
        return pa.int64() if whole == values else pa.float64()
    return pa.string()


def of_table(link: Connection, table: str, schema: str | None) -> Kinds:
    """Types of a table's columns in any other database, as it declares them."""
    return tuple(
        (str(column["name"]), _declared(column["type"])) for column in inspect(link).get_columns(table, schema)
    )


def _declared(kind: TypeEngine[object]) -> pa.DataType | None:
    if isinstance(kind, Numeric) and kind.asdecimal:
        fits = kind.precision is not None and kind.scale is not None and kind.precision <= EXACT_DIGITS
        return pa.decimal128(kind.precision, kind.scale) if fits else None
    try:
        python = kind.python_type
    except NotImplementedError:
        return None
    return PYTHON.get(python)
