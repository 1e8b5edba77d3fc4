"""Rows that were pushed to the server, read from their journal as one more part of the source."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from tidemill.facts.data import ColumnType
from tidemill.lifecycle.extract.normalise import UTC_US
from tidemill.ports.journal import Journal

FRAMES = 5_000
RECEIVED = "_received"

ARROW = {
    "text": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": UTC_US,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """Rows of some frames with `_received` (when the server took them), and the journal's cursor behind them."""

    rows: pa.Table
    cursor: str


def pushed(journal: Journal, source: str, columns: Sequence[ColumnType], cursor: str) -> Iterator[Pushed]:
    """What was pushed to `POST /events/{source}` after the cursor, in the order of arrival per worker."""
    while True:
        frames, after = journal.read(f"events/{source}", cursor, FRAMES)
        if not frames:
            return
        rows: list[dict[str, object]] = []
        for frame in frames:
            document = json.loads(frame.payload)
            rows += [{**row, RECEIVED: document["received_at_us"]} for row in document["rows"]]
        yield Pushed(rows=table_of(rows, columns), cursor=after)
        cursor = after


def table_of(rows: Sequence[dict[str, object]], columns: Sequence[ColumnType]) -> pa.Table:
    """The rows with the dataset's columns (absent: null) and new ones; times are int microseconds on the way."""
    known = {column.name: ARROW.get(column.type) for column in columns} | {RECEIVED: UTC_US}
    names = dict.fromkeys([*known, *(name for row in rows for name in row)])
    return pa.table({name: array_of([row.get(name) for row in rows], known.get(name)) for name in names})


def array_of(cells: list[object], kind: pa.DataType | None) -> pa.Array:
    """The cells as Arrow, times from microseconds, dates from days."""
    if kind is not None and pa.types.is_timestamp(kind):
        return pa.array(cells, pa.int64()).cast(kind)
    if kind is not None and pa.types.is_date(kind):
        return pa.array(cells, pa.int32()).cast(kind)
    return pa.array(cells, kind)
