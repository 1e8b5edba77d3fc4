"""All rows of a dataset version as a table to survey: landed and put-aside, each in its place, before any dedupe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tidemill.cores import each
from tidemill.facts.data import DatasetVersion
from tidemill.features.offline.columns import text_of, type_of, values_of, words_of
from tidemill.features.plan import identity
from tidemill.lifecycle.explore.given import Given
from tidemill.measure.arrays import Bools
from tidemill.measure.column import NULL_CODE, Column, Kind
from tidemill.measure.duplicates import row_codes
from tidemill.measure.survey.table import Table
from tidemill.ports.tables import BATCH, OP, REASON, ROW, Tables
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
    found = each(lambda column: column_of(rows[column.name]), present, rows.num_rows)
    columns = dict(zip((column.name for column in present), found, strict=True))
    previous = given.previous
    return Table(
        name=source.dataset,
        columns=columns,
        types={column.name: column.type for column in present},
        key=source.key,
        time=source.time,
        entities=tuple(entities(given.system, source)),
        ids=frozenset(ids(given.system)),
        reasons=column_of(rows[REASON]) if REASON in rows.column_names else None,
        first_new=0 if previous is None else new_from(rows, previous),
        anew=landed_anew(rows, columns, source),
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


def landed_anew(rows: pa.Table, columns: Mapping[str, Column], source: Source) -> Bools | None:
    """Rows of whose key and time an earlier pass brought a version; None where no key ever came again."""
    if not source.key or not pc.any(pc.equal(rows[OP], "U")).as_py():
        return None
    codes, batch = row_codes([columns[name] for name in identity(source)]), rows[BATCH].to_numpy()
    first = np.full(int(codes.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, codes, batch)
    anew: Bools = batch > first[codes]
    return anew


def column_of(values: pa.ChunkedArray) -> Column:
    """An Arrow column as the measures read it; what is no number, boolean or time is read as text."""
    word = type_of(values.type)
    if word in KINDS:
        plain = values_of(values)
        data = plain.data * DAY_US if word == "date" else plain.data
        null = plain.missing | np.isnan(data) if data.dtype.kind == "f" else plain.missing
        return Column(kind=KINDS[word], values=data.astype(np.int8) if word == "boolean" else data, null=null)
    codes, words = words_of(text_of(values))
    return Column(kind="text", values=codes, null=codes == NULL_CODE, labels=words)


def entities(system: Declaration, source: Source) -> Iterator[tuple[str, ...]]:
    """What a clock may belong to: the key without the time, entities of views and labels' keys; each once."""
    keyed = tuple(name for name in source.key if name != source.time)
    views = (view.entity for view in system.views if isinstance(view, Lookup) and view.source.dataset == source.dataset)
    labels = (label.by for label in system.labels if label.asked.name == source.name)
    yield from (names for names in dict.fromkeys((keyed, *views, *labels)) if names)


def ids(system: Declaration) -> Iterator[str]:
    """What names something wherever it stands: lone keys, entities of views, columns of asks that stand for these."""
    for source in system.sources:
        if len(plain := [name for name in source.key if name != source.time]) == 1:
            yield from plain
    for view in (*system.views, *(view for model in system.models for view in model.features)):
        if isinstance(view, Lookup):
            yield from (*view.entity, *(column for _, column in view.bound))
    for label in system.labels:
        yield from label.by
