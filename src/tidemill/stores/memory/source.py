"""A source in memory: rows that a test, or a simulated database, holds in its hands, or what is selected of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import pyarrow as pa
import pyarrow.compute as pc

from tidemill.facts.data import ColumnType
from tidemill.ports.source import Misfit, Rerun, Slice
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

    def rerun(self, time: str) -> AbstractContextManager[None]:
        return nullcontext()

    def slices(self, cursor: str) -> Iterator[Slice]:
        edition, place = json.loads(cursor) if cursor else (self._edition, 0)
        if edition != self._edition:
            yield Slice(rows=self._rows, cursor=json.dumps([self._edition, self._rows.num_rows]), whole=True)
            return
        for start in range(place, self._rows.num_rows, self._slice_rows):
            piece = self._rows.slice(start, self._slice_rows)
            yield Slice(rows=piece, cursor=json.dumps([edition, start + piece.num_rows]))


Select = Callable[[pa.Table], pa.Table]


class MemoryQueryReader:
    """What `select` makes of all the rows, whole again whenever there are others."""

    def __init__(self, rows: pa.Table, select: Select) -> None:
        self._select = select
        self._rows = settled(rows)
        self._edition = 1

    def replace(self, rows: pa.Table) -> None:
        """Other input."""
        self._rows = settled(rows)
        self._edition += 1

    def columns(self) -> tuple[ColumnType, ...]:
        return column_types(settled(self._select(self._rows)).schema)

    def misfits(self) -> tuple[Misfit, ...]:
        return ()

    def slices(self, cursor: str) -> Iterator[Slice]:
        if cursor != str(self._edition):
            yield Slice(rows=settled(self._select(self._rows)), cursor=str(self._edition), whole=True)

    def rerun(self, time: str) -> AbstractContextManager[Rerun]:
        return nullcontext(_MemoryRerun(self._rows, self._select, time))


class _MemoryRerun:
    """The input is cut at its own column of that name."""

    def __init__(self, rows: pa.Table, select: Select, time: str) -> None:
        self._rows, self._select, self._time = rows, select, time
        self.cut = ("rows",) if time in rows.column_names else ()
        self.whole = () if self.cut else ("rows",)

    def until(self, moment_us: int) -> pa.Table:
        return settled(self._select(self._rows.filter(pc.invert(self._late(moment_us)))))

    def late_last(self, moment_us: int) -> pa.Table:
        late = self._late(moment_us)
        return settled(self._select(pa.concat_tables([self._rows.filter(pc.invert(late)), self._rows.filter(late)])))

    def untied(self) -> Rerun:
        return self

    def _late(self, moment_us: int) -> pa.ChunkedArray:
        moments = self._rows[self._time].cast(pa.timestamp("us")).cast(pa.int64())
        return pc.fill_null(pc.greater_equal(moments, moment_us), fill_value=False)
