"""Which columns a source must have, and whether those that are read are still there and hold what they held."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

import pyarrow as pa

from tidemill.errors import DataError
from tidemill.facts.data import ColumnType
from tidemill.features.decimals import type_text
from tidemill.features.offline.columns import ARROW
from tidemill.lifecycle.extract.normalise import demand
from tidemill.ports.source import Slice
from tidemill.spec.source import Source, SqlQuery, SqlTable


def needed_columns(source: Source) -> tuple[str, ...]:
    """Columns without which the source means nothing."""
    cursor = source.table.cursor if isinstance(source.table, SqlTable | SqlQuery) else None
    optional = tuple(name for name in (source.since, cursor) if name)
    read = [one for one in (source.known, source.deleted) if one is not None]
    promised = tuple(name for promise in (*source.expect, *read) for name in promise.names)
    return tuple(dict.fromkeys((source.time, *source.key, *optional, *promised)))


def promised(piece: Slice, present: Sequence[ColumnType], source: Source) -> pa.Table:
    """The rows of a part of the source, with null columns for what only `known`, `since` and `expect` read.

    DataError `column-missing` for a part without the time or the key: its rows would be none.
    """
    names = piece.rows.column_names
    demand(names, (source.time, *source.key), called(piece, source))
    kinds = {column.name: ARROW.get(column.type, pa.null()) for column in present}
    rows = piece.rows
    for name in needed_columns(source):
        if name not in names:
            rows = rows.append_column(name, pa.nulls(rows.num_rows, kinds[name]))
    return rows


def readers_of(source: Source, reads: Mapping[str, str]) -> dict[str, str]:
    """Who reads each column, the declaration of the source itself among them."""
    return dict.fromkeys(needed_columns(source), f"source {source.dataset}") | dict(reads)


def demand_named(names: Collection[str], landed: Collection[str], reads: Mapping[str, str], where: str) -> None:
    """DataError `column-renamed`: a column that landed before, and is read, is gone, and another came in its stead."""
    gone, came = sorted((set(landed) & reads.keys()) - set(names)), sorted(set(names) - set(landed))
    if gone and came:
        raise DataError("column-renamed", column=gone[0], came=", ".join(came), where=where)


def demand_kept(names: Collection[str], had: Collection[str], reads: Mapping[str, str], where: str) -> None:
    """DataError `column-gone`: one that the source had, and is read, is not there: rows would land without it."""
    gone = sorted((set(had) & reads.keys()) - set(names))
    if gone:
        raise DataError("column-gone", column=gone[0], reader=reads[gone[0]], where=where)


def demand_no_narrower(columns: Iterable[ColumnType], had: Mapping[str, ColumnType], where: str) -> None:
    """DataError `type-changed` for the first column of a table whose declared type holds less than it did.

    The table itself has cut its values then: what lands would seem to be corrections.
    """
    for now in columns:
        was = had.get(now.name)
        if was is not None and is_narrower(now, was):
            raise DataError("type-changed", column=now.name, was=type_text(was), now=type_text(now), where=where)


def is_narrower(now: ColumnType, was: ColumnType) -> bool:
    """Whether the type has no room for a part of what the other has: places behind the point, hours of a day."""
    if (was.type, now.type) in {("float", "int"), ("timestamp", "date")}:
        return True
    return was.decimal is not None and now.decimal is not None and now.decimal[1] < was.decimal[1]


def written_columns(columns: Iterable[ColumnType]) -> str:
    """Columns as text."""
    return json.dumps([[column.name, column.type, column.decimal] for column in columns])


def read_columns(text: str) -> dict[str, ColumnType]:
    """The same from the text, by name."""
    return {
        name: ColumnType(name=name, type=kind, decimal=None if digits is None else (digits[0], digits[1]))
        for name, kind, digits in json.loads(text)
    }


def called(piece: Slice, source: Source) -> str:
    """The part of the source, as a person knows it."""
    return f"{piece.origin} of {source.dataset}" if piece.origin else source.dataset
