"""Entities in groups for the kernel, so that arrays stay small and several groups are worked on at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tidemill.cores import each
from tidemill.features.keys import Codes
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.reach import together
from tidemill.features.plan import ENTITY, KNOWN, TIME, UNTIL
from tidemill.features.rows import STANDS, Asks, EventRows, Ints, Values

ROWS_A_GROUP = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Some entities: their projected rows without the keys, as they landed; these for the kernel; who asks of them."""

    rows: pa.Table
    events: EventRows
    asks: Asks


def grouped(
    rows: pa.Table, keys: Sequence[pa.ChunkedArray], asked_us: Ints, work: Callable[[Group], dict[str, Values]]
) -> dict[str, Values]:
    """Columns per ask, of what `work` gives for each group; all rows and asks of an entity are in one.

    `rows`: projected, in landing order where their times are equal; `keys`: what each ask has for their entity.
    """
    rows, values = in_numbers(rows, keys)
    codes = Codes(values, rows=rows.num_rows)

    def coded(batch: pa.RecordBatch) -> Ints:
        columns = [pa.chunked_array([batch.column(f"{ENTITY}{place}")]) for place in range(len(keys))]
        return codes.of([values_of(column) for column in columns])

    batches = rows.to_batches()
    entities = each(coded, batches, rows.num_rows)
    rows = rows.drop_columns([f"{ENTITY}{place}" for place in range(len(keys))])
    batches = [batch.select(rows.column_names) for batch in batches]
    bounds = cut(entities, codes.asks)
    sorted_out = each(partial(sorted_by, bounds=bounds), entities, rows.num_rows)

    def done(number: int) -> tuple[Ints, dict[str, Values]]:
        first, past = bounds[number : number + 2]
        theirs = np.flatnonzero((codes.asks >= first) & (codes.asks < past))
        places = [one[number] for one in sorted_out]
        table = pa.Table.from_batches(map(taken, batches, places), rows.schema)
        mine = np.concatenate([np.zeros(0, np.int64), *(of[here] for of, here in zip(entities, places, strict=True))])
        asks = Asks(entities=np.maximum(codes.asks[theirs] - max(first, 0), -1), times=asked_us[theirs])
        return theirs, work(Group(rows=table, events=events_of(table, mine - max(first, 0)), asks=asks))

    found = each(done, range(len(bounds) - 1), rows.num_rows)
    return together([columns for _, columns in found], [places for places, _ in found])


def in_numbers(rows: pa.Table, keys: Sequence[pa.ChunkedArray]) -> tuple[pa.Table, list[Values]]:
    """The rows and what asks have for their entity, texts on both sides by their place among those asked about."""
    found = []
    for place, key in enumerate(keys):
        name, asked = f"{ENTITY}{place}", key
        kind = rows.schema.field(name).type
        if is_text(kind) and is_text(key.type):
            words = pc.unique(key).drop_null()
            numbers = pc.fill_null(pc.index_in(rows[name], value_set=words.cast(kind)), -1)
            rows = rows.set_column(rows.schema.get_field_index(name), name, numbers)
            asked = pc.index_in(key, value_set=words)
        found.append(values_of(asked))
    return rows, found


def is_text(kind: pa.DataType) -> bool:
    """Whether cells of that type are texts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def cut(rows: Sequence[Ints], asks: Ints) -> list[int]:
    """First codes of groups of about as many rows each, and one past the last code; null keys (-1) are of the first."""
    many = int(asks.max(initial=-1)) + 1
    counts = np.zeros(many + 1, np.int64)
    for codes in rows:
        counts += np.bincount(codes + 1, minlength=many + 1)
    before = np.cumsum(counts[1:])  # after each code
    groups = int(before[-1]) // ROWS_A_GROUP if many else 1
    inner = np.searchsorted(before, before[-1] * np.arange(1, groups) // groups) + 1 if groups > 1 else np.zeros(0, int)
    return [-1, *np.unique(inner[inner < many]).tolist(), many]


def sorted_by(codes: Ints, bounds: Sequence[int]) -> list[Ints]:
    """Per group the indices of its codes, rising; -1 is of none."""
    groups = len(bounds) - 1
    kind = np.min_scalar_type(groups)  # numpy sorts 8 and 16 bits by counting
    group = np.repeat(np.arange(groups, dtype=kind), np.diff([0, *bounds[1:]]))
    group = np.append(group, kind.type(groups))[codes]  # of -1: the last
    order = np.argsort(group, kind="stable")
    return np.split(order, np.cumsum(np.bincount(group, minlength=groups + 1)))[:groups]


def taken(batch: pa.RecordBatch, places: Ints) -> pa.RecordBatch:
    """The rows at these places, which rise."""
    return batch if len(places) == batch.num_rows else batch.take(pa.array(places))


def events_of(rows: pa.Table, entities: Ints) -> EventRows:
    """Projected rows as the kernel has them."""
    return EventRows(entities=entities, times=rows[TIME].to_numpy(), known=rows[KNOWN].to_numpy(), until=ends(rows))


def ends(rows: pa.Table) -> Ints | None:
    """The last moment that sees each projected row; None where all of them stand."""
    if UNTIL not in rows.column_names or rows[UNTIL].null_count == rows.num_rows:
        return None
    found: Ints = rows[UNTIL].fill_null(STANDS).to_numpy()
    return found
