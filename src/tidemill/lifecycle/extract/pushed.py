"""Rows that were pushed to the server, read from their journal as one more part of the source."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa

from tidemill.facts.data import ColumnType
from tidemill.features.decimals import digits_of, held, size, type_text, wide
from tidemill.features.offline.columns import array_of
from tidemill.ports.clock import EARLIEST_US, SKEW_US
from tidemill.ports.journal import Journal
from tidemill.ports.tables import OURS, reserved
from tidemill.spec.source import Source

FRAMES = 5_000
RECEIVED = "_received"
UNFIT = "_unfit"
INT64 = range(-(2**63), 2**63)
EARLIEST = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=EARLIEST_US)).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """Rows of some frames and the journal's cursor behind them.

    `_received`: when the server took the row. `_unfit`: why it cannot land as it is (null: it can).
    """

    rows: pa.Table
    cursor: str


def pushed(journal: Journal, source: Source, columns: Sequence[ColumnType], cursor: str) -> Iterator[Pushed]:
    """What was pushed to `POST /events/{source}` after the cursor, in the order of arrival per worker."""
    while True:
        frames, after = journal.read(f"events/{source.dataset}", cursor, FRAMES)
        if not frames:
            return
        rows: list[dict[str, object]] = []
        for frame in frames:
            document = json.loads(frame.payload)
            rows += [{**row, RECEIVED: document["received_at_us"]} for row in document["rows"]]
        yield Pushed(rows=table_of(rows, columns, source.time), cursor=after)
        cursor = after


def table_of(rows: Sequence[dict[str, object]], columns: Sequence[ColumnType], time: str) -> pa.Table:
    """The rows with the dataset's columns (absent: null) and new ones; times are int microseconds on the way.

    A column of unknown type, which never had a value, is of the type of the first one that comes.

    A value that is not of its column's type, which the server may not have known, becomes null and the row unfit. So is
    one whose time had not come when it came, or is none, and one with a name of the lake's own, which is left out.
    """
    known = {one.name: one for one in columns if one.type != "unknown"}
    known[RECEIVED] = ColumnType(name=RECEIVED, type="timestamp")
    unfit = [unfit_of(row, time) for row in rows]
    arrays = {}
    for name in dict.fromkeys([*known, *(name for row in rows for name in row if not name.startswith(OURS))]):
        cells = [row.get(name) for row in rows]
        column = known.get(name) or ColumnType(name=name, type=shared(cells))
        for place, cell in enumerate(cells):
            if cell is not None:
                cells[place] = found = as_landed(cell, column)
                if found is None:
                    unfit[place] = unfit[place] or f"{name} is {type_text(column)}"
        arrays[name] = decimals(cells, column.decimal) if column.decimal else array_of(cells, column.type)
    return pa.table(arrays | {UNFIT: pa.array(unfit, pa.string())})


def unfit_of(row: Mapping[str, object], time: str) -> str | None:
    """Why the row cannot land, whatever the types of its values are."""
    if ours := tuple(name for name in reserved(row) if name != RECEIVED):
        return f"{ours[0]} is a name that is kept for what extraction adds"
    return None if is_past(row, time) else f"{time} between {EARLIEST} and when it came"


def is_past(row: Mapping[str, object], time: str) -> bool:
    """Whether it may have happened at the row's time by when it came; what is no time is another matter."""
    moment, received = row.get(time), row[RECEIVED]
    if not isinstance(moment, int) or not isinstance(received, int):
        return True
    return EARLIEST_US <= moment <= received + SKEW_US


def as_landed(cell: object, column: ColumnType) -> object:
    """A value of a frame as the column has it, decimals by their digits; None for one that it cannot have."""
    if column.decimal:
        return held(cell, column)
    if column.type == "float" and isinstance(cell, str):
        number = digits_of(cell)
        return None if number is None else float(number)
    return cell if is_of(cell, column.type) else None


def decimals(cells: Sequence[object], digits: tuple[int, int]) -> pa.Array:
    """Decimals in the type of their column; in a wider one where they need it."""
    for cell in cells:
        if isinstance(cell, Decimal):
            before, behind = size(cell)
            digits = wide(digits, (before + behind, behind))
    return pa.array(cells, pa.decimal128(*digits))


def is_of(cell: object, kind: str) -> bool:
    """Whether a value is of that type as frames hold it: times and dates are whole numbers."""
    match cell:
        case bool():
            return kind == "boolean"
        case str():
            return kind == "text"
        case int():
            return kind in {"int", "float", "date", "timestamp"} and cell in INT64
    return kind == "float"


def shared(cells: Sequence[object]) -> str:
    """The type of a column that no row had before: that of its first value."""
    first = next((cell for cell in cells if cell is not None), "")
    kinds = {bool: "boolean", str: "text"}
    whole = all(isinstance(cell, int) for cell in cells if not isinstance(cell, str | bool | None))
    return kinds.get(type(first), "int" if whole else "float")
