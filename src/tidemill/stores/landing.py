"""Rows as one Parquet file: the same rows in the same order give the same bytes, however they were chunked."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tidemill.errors import StoreError
from tidemill.facts.data import DataFile

ROWS_PER_GROUP = 131_072
SAMPLE = 16_384
"""Rows, from the middle, by which a column is judged to repeat its values."""
MOMENT = pa.timestamp("us", tz="UTC")


def encode(rows: pa.Table, *, dataset: str, time: str) -> tuple[bytes, DataFile]:
    """The file's bytes and what is known of it; `time` is the column of event times.

    Aware times become microseconds in UTC. StoreError `naive-time` for a column of times without a zone.
    """
    table = _plain(rows, dataset)
    sink = pa.BufferOutputStream()
    coded = _repetitive(table)
    pq.write_table(table, sink, compression="zstd", row_group_size=ROWS_PER_GROUP, use_dictionary=coded)
    data = sink.getvalue().to_pybytes()
    first, last = _span(table, time)
    file = DataFile(digest=sha256(data).hexdigest(), rows=table.num_rows, bytes=len(data), first_us=first, last_us=last)
    return data, file


def decode(file: Path | bytes, columns: Sequence[str] | None) -> pa.Table:
    """The rows of a file or of its bytes; of the columns asked for those that it has."""
    with pq.ParquetFile(pa.BufferReader(file) if isinstance(file, bytes) else file) as parquet:
        has = parquet.schema_arrow.names
        rows: pa.Table = parquet.read(columns=has if columns is None else [name for name in columns if name in has])
        return rows


def together(parts: Sequence[pa.Table], columns: Sequence[str] | None) -> pa.Table:
    """The parts one after the other; a column that a part lacks is null there, types widen where they must.

    StoreError `column-missing` for one that no part has, `types-clash` where no type holds both.
    """
    if not parts:
        return pa.table({name: pa.array([], pa.null()) for name in columns or ()})
    try:
        rows = pa.concat_tables(parts, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise StoreError("types-clash", reason=str(error)) from error
    for name in columns or ():
        if name not in rows.column_names:
            raise StoreError("column-missing", column=name, has=tuple(rows.column_names))
    return rows if columns is None else rows.select(list(columns))


def _plain(rows: pa.Table, dataset: str) -> pa.Table:
    fields = []
    for field in rows.schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_timestamp(kind):
            if kind.tz is None:
                raise StoreError("naive-time", column=field.name, where=dataset)
            kind = MOMENT
        fields.append(pa.field(field.name, kind))
    return rows.cast(pa.schema(fields), safe=False).combine_chunks()


def _repetitive(table: pa.Table) -> list[str]:
    """Columns for which a dictionary pays; one of values that hardly repeat costs four times what writing them does."""
    some = table.slice(max(0, table.num_rows - SAMPLE) // 2, SAMPLE)
    return [
        field.name
        for field in table.schema
        if pa.types.is_nested(field.type) or 2 * len(pc.unique(some[field.name])) <= some.num_rows
    ]


def _span(table: pa.Table, time: str) -> tuple[int | None, int | None]:
    """First and last event time in microseconds; None where there is none."""
    if time not in table.column_names or table.schema.field(time).type != MOMENT:
        return None, None
    span = pc.min_max(table[time].cast(pa.int64())).as_py()
    return span["min"], span["max"]
