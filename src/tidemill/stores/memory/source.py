"""A source in memory: rows that a test, or a simulated database, holds in its hands."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyarrow as pa

from tidemill.facts.data import ColumnType
from tidemill.ports.source import Misfit, Slice
from tidemill.stores.arrow import column_types, settled


class MemoryReader:
    """Rows that are added are read once; rows that are replaced are read whole."""

    def __init__(self, rows: pa.Table, *, slice_rows: int = 100_000) -> None:
        self._rows = settled(rows)
        self._edition = 0
        self._slice_rows = slice_rows

    def add(self, rows: pa.Table) -> None:
        """Rows that come after the others."""
        self._rows = pa.concat_tables([self._rows, settled(rows)], promote_options="permissive")

    def replace(self, rows: pa.Table) -> None:
        """Other rows in the place of all."""
        self._rows = settled(rows)
        self._edition += 1

    def columns(self) -> tuple[ColumnType, ...]:
        return column_types(self._rows.schema)

    def misfits(self) -> tuple[Misfit, ...]:
        return ()

    def slices(self, cursor: str) -> Iterator[Slice]:
        edition, place = json.loads(cursor) if cursor else (self._edition, 0)
        if edition != self._edition:
            yield Slice(rows=self._rows, cursor=json.dumps([self._edition, self._rows.num_rows]), whole=True)
            return
        for start in range(place, self._rows.num_rows, self._slice_rows):
            piece = self._rows.slice(start, self._slice_rows)
            yield Slice(rows=piece, cursor=json.dumps([edition, start + piece.num_rows]))
