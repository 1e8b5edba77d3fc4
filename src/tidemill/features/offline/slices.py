"""A training set as it is kept: all asks with their features in slices, and beside them small tables of places.

Where a slice ends follows from the asks alone, so that asks which come later leave every slice but the last as it is,
and the same asks are the same slices, however many of them were there before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tidemill.facts.data import TrainingSet
from tidemill.features.offline.asks import ASK, ASKED
from tidemill.features.offline.outcome import KNOWN, OUTCOME
from tidemill.features.rows import Ints
from tidemill.ports.blobs import Blobs

PLACE = "_place"
USUAL_ROWS = 65_536
"""So many asks are in a slice on average."""


def chosen(training_set: TrainingSet, blobs: Blobs) -> pa.Table:
    """The asks that are trained, validated and tested on, oldest first.

    Columns: `_ask`, `_asked_us`, `_own`, the ask's own, a feature's by its full name, `_y`, `_known_us`, `_part` and
    `_forward`.
    """
    table = as_table(blobs, training_set.blob)
    return placed(training_set.slices, table, blobs)


def asked(training_set: TrainingSet, blobs: Blobs) -> pa.Table:
    """All asks that have an outcome, mature or not, oldest first; the same columns without `_part` and `_forward`."""
    table = as_table(blobs, training_set.frame, [ASKED, OUTCOME, KNOWN])
    numbered = table.append_column(PLACE, pa.array(np.arange(table.num_rows)))
    return placed(training_set.slices, numbered.filter(numbered[OUTCOME].is_valid()), blobs)


def placed(slices: Sequence[str], table: pa.Table, blobs: Blobs) -> pa.Table:
    """The asks at the table's `_place`s, which rise, with `_ask` and the table's other columns."""
    found = at(slices, table[PLACE].to_numpy(), blobs).append_column(ASK, table[PLACE])
    for name in table.column_names:
        if name not in {*found.column_names, PLACE}:
            found = found.append_column(name, table[name])
    return found


def at(slices: Sequence[str], places: Ints, blobs: Blobs, columns: Sequence[str] | None = None) -> pa.Table:
    """The asks at these places, which rise, with these of their columns (all); slices without any are not read."""
    found, begin = [schema_of(slices[-1], blobs).empty_table()], 0
    if columns is not None:
        found = [found[0].select(list(columns))]
    for digest in slices:
        with pq.ParquetFile(blobs.path(digest)) as parquet:
            end = begin + parquet.metadata.num_rows
            here = places[np.searchsorted(places, begin) : np.searchsorted(places, end)] - begin
            if len(here):
                rows = parquet.read(columns=None if columns is None else list(columns))
                found.append(rows if len(here) == rows.num_rows else rows.take(pa.array(here)))
        begin = end
    return pa.concat_tables(found)


def read(slices: Sequence[str], blobs: Blobs, columns: Sequence[str] | None = None) -> pa.Table:
    """The slices' rows one after another, of these columns (all)."""
    return pa.concat_tables([as_table(blobs, digest, columns) for digest in slices])


def begins(asked_us: Ints) -> list[int]:
    """Where slices of these asks (oldest first) begin: 0, and every ask of which its moment says so.

    A moment and how many asks of it came before are mixed (splitmix64, by Vigna) to a number; one of USUAL_ROWS is 0.
    """
    if not len(asked_us):
        return []
    fresh = np.flatnonzero(np.diff(asked_us, prepend=asked_us[0] - 1))
    before = np.arange(len(asked_us)) - np.repeat(fresh, np.diff(fresh, append=len(asked_us)))
    mixed = splitmix(asked_us.astype(np.uint64) + splitmix(before.astype(np.uint64)))
    return [0, *(int(place) for place in np.flatnonzero(mixed % np.uint64(USUAL_ROWS) == 0) if place)]


def splitmix(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The numbers well mixed, one for one: the output function of Vigna's splitmix64."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def as_bytes(table: pa.Table) -> bytes:
    """The table as one Parquet file; the same bytes for the same rows."""
    sink = pa.BufferOutputStream()
    words = [field.name for field in table.schema if pa.types.is_string(field.type)]
    pq.write_table(table.combine_chunks(), sink, compression="zstd", use_dictionary=words)
    return bytes(sink.getvalue().to_pybytes())


def as_table(blobs: Blobs, digest: str, columns: Sequence[str] | None = None) -> pa.Table:
    """The table of such a file, with these of its columns (all)."""
    with pq.ParquetFile(blobs.path(digest)) as parquet:
        return parquet.read(columns=None if columns is None else list(columns))


def schema_of(digest: str, blobs: Blobs) -> pa.Schema:
    """The columns of a slice."""
    return pq.read_schema(blobs.path(digest))
