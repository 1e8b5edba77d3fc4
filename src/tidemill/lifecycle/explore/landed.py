"""All rows of a dataset version as a table to survey: landed and put-aside, each in its place, before any dedupe."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tidemill.cores import each
from tidemill.facts.data import DatasetVersion
from tidemill.features.offline.columns import type_of, values_of, words_of
from tidemill.lifecycle.explore.given import Given
from tidemill.measure.column import NULL_CODE, Column, Kind
from tidemill.measure.survey.table import Table
from tidemill.ports.tables import OP, REASON, ROW, Tables
from tidemill.spec.declaration import Declaration
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup

KINDS: dict[str, Kind] = {"int": "number", "float": "number", "boolean": "boolean", "date": "time", "timestamp": "time"}
DAY_US = 86_400_000_000


def table_of(given: Given, tables: Tables) -> Table:
    """The version's rows in landing order."""
    version, source = given.version, given.source
    rows = all_rows(version, tables)
    present = [column for column in version.columns if column.name in rows.column_names]
    columns = each(lambda column: column_of(rows[column.name]), present, rows.num_rows)
    previous = given.previous
    return Table(
        name=source.dataset,
        columns=dict(zip((column.name for column in present), columns, strict=True)),
        types={column.name: column.type for column in present},
        key=source.key,
        time=source.time,
        entities=tuple(entities(given.system, source)),
        reasons=column_of(rows[REASON]) if REASON in rows.column_names else None,
        first_new=0 if previous is None else new_from(rows, previous),
        now_us=given.now_us,
        zone=given.system.zone,
    )


def all_rows(version: DatasetVersion, tables: Tables) -> pa.Table:
    """Landed and put-aside rows together, without those of deletions; `_reason` is there if any was put aside."""
    parts = [tables.read(files) for files in (version.files, version.rejected) if files]
    rows = pa.concat_tables(parts, promote_options="default")
    number = rows[ROW].to_numpy()
    rows = rows if (number[1:] > number[:-1]).all() else rows.sort_by(ROW)
    lives = pc.not_equal(rows[OP], "D")
    return rows if pc.all(lives).as_py() else rows.filter(lives)


def new_from(rows: pa.Table, previous: DatasetVersion) -> int:
    """The place of the first of these rows that landed after the version."""
    return int(np.searchsorted(rows[ROW].to_numpy(), previous.rows + previous.put_aside))


def column_of(values: pa.ChunkedArray) -> Column:
    """An Arrow column as the measures read it; what is no number, boolean or time is read as text."""
    word = type_of(values.type)
    if word in KINDS:
        plain = values_of(values)
        data = plain.data * DAY_US if word == "date" else plain.data
        null = plain.missing | np.isnan(data) if data.dtype.kind == "f" else plain.missing
        return Column(kind=KINDS[word], values=data.astype(np.int8) if word == "boolean" else data, null=null)
    if not pa.types.is_string(values.type):
        values = pa.chunked_array([[None if item is None else str(item) for item in values.to_pylist()]], pa.string())
    codes, words = words_of(values)
    return Column(kind="text", values=codes, null=codes == NULL_CODE, labels=words)


def entities(system: Declaration, source: Source) -> Iterator[tuple[str, ...]]:
    """What a clock may belong to: the key without the time, entities of views and labels' keys; each once."""
    keyed = tuple(name for name in source.key if name != source.time)
    views = (view.entity for view in system.views if isinstance(view, Lookup) and view.source.dataset == source.dataset)
    labels = (label.by for label in system.labels if label.asked.name == source.name)
    yield from (names for names in dict.fromkeys((keyed, *views, *labels)) if names)
