"""Rows that PostgreSQL copies out, as Arrow tables of about one size: memory is that of one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from tidemill.errors import SourceError
from tidemill.stores.arrow import word
from tidemill.stores.pgtypes import PLACES, WHOLE, Column

if TYPE_CHECKING:
    from tidemill.stores.pglink import Link

BYTES = 64 << 20
"""A table of wide rows ends here."""

REFUSED = re.compile(r"CSV column #(\d+):[^']*'(.*)'", re.DOTALL)
"""What Arrow says of a value that it does not take."""

NUMBER = rf"^-?[0-9]{{1,{WHOLE}}}(\.[0-9]{{1,{PLACES}}})?$"


def copied(link: Link, select: str, columns: Sequence[Column], rows: int) -> Iterator[tuple[pa.Table, bool]]:
    """Tables of `rows` rows, the last of what is left, each with whether it is the last; nothing of no rows.

    The server sends one row a message, so tables end between rows. SourceError `value-unreadable`.
    """
    text, count = bytearray(), 0  # Rows kept one by one would cost four times what it takes to receive them.
    with link.cursor() as cursor, cursor.copy(f"COPY ({select}) TO STDOUT (FORMAT csv)".encode()) as copy:
        for row in copy:
            if count == rows or len(text) >= BYTES:
                yield parsed(text, columns), False
                text, count = bytearray(), 0
            text += row
            count += 1
    if count:
        yield parsed(text, columns), True


def parsed(text: bytes | bytearray, columns: Sequence[Column]) -> pa.Table:
    """The rows of PostgreSQL's CSV: what is empty and has no quotes is null."""
    try:
        table = csv.read_csv(
            pa.BufferReader(text),
            read_options=csv.ReadOptions(column_names=_places(columns), block_size=max(len(text), 1)),
            parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                column_types=dict(zip(_places(columns), map(_written, columns), strict=True)),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                true_values=["t"],
                false_values=["f"],
                timestamp_parsers=[csv.ISO8601],
            ),
        )
    except pa.ArrowInvalid as error:
        found = REFUSED.search(str(error))
        if found is None:
            raise SourceError("value-unreadable", column="", type="text", value=str(error)) from error
        raise _unreadable(columns[int(found[1])], found[2]) from error
    values = [_settled(table[place], column) for place, column in enumerate(columns)]
    return pa.table(values, names=[column.name for column in columns])


def _places(columns: Sequence[Column]) -> list[str]:
    """Names for the reader of CSV that are never twice the same."""
    return [str(place) for place in range(len(columns))]


def _written(column: Column) -> pa.DataType:
    """What the reader of CSV makes of it."""
    return pa.string() if column.kind is None or pa.types.is_binary(column.kind) else column.kind


def _settled(values: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    """The values in the column's type."""
    if column.kind is None:
        return _decimals(values, column)
    if pa.types.is_binary(column.kind):
        plain = [None if value is None else bytes.fromhex(value[2:]) for value in values.to_pylist()]
        return pa.chunked_array([pa.array(plain, column.kind)])
    return values


def _decimals(values: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    """Numbers as text as decimals with the places of the longest of them; SourceError for one that is too long."""
    odd = values.filter(pc.invert(pc.match_substring_regex(values, NUMBER)))
    if len(odd):
        raise _unreadable(column, odd[0].as_py())
    places = pc.max(pc.utf8_length(pc.replace_substring_regex(values, r"^[^.]*\.?", ""))).as_py() or 0
    return values.cast(pa.decimal128(WHOLE + places, places))


def _unreadable(column: Column, value: str) -> SourceError:
    kind = column.kind
    if kind is None:
        kind_word = f"number of up to {WHOLE} digits and {PLACES} places"
    elif pa.types.is_decimal(kind):
        kind_word = "number"
    else:
        kind_word = word(kind)
    return SourceError("value-unreadable", column=column.name, type=kind_word, value=value)
