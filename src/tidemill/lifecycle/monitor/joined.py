"""Logged predictions beside what became of them: the label's own outcome, or one that was posted."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from tidemill.facts.data import ColumnType
from tidemill.features.offline.asks import ASK, ASKED, OWN
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.lake import Lake
from tidemill.features.offline.outcome import KNOWN, OUTCOME, with_outcomes
from tidemill.spec.label import Candidates, Label
from tidemill.spec.source import Source

ARROW = {
    "text": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def asks_of(log: pa.Table, label: Label, types: Sequence[ColumnType]) -> pa.Table:
    """One ask per logged prediction, in the log's order, with the raw columns that the label reads.

    Columns come from the request, its keys and the shown item of a ranking; a time that nobody sent is left out, so
    that the asked row is found by its key alone.
    """
    sent = [
        {**json.loads(request), **json.loads(keys)}
        for request, keys in zip(log["request"].to_pylist(), log["keys"].to_pylist(), strict=True)
    ]
    if isinstance(label.asked, Candidates):
        for row, item in zip(sent, log["item"].to_pylist(), strict=True):
            row[label.asked.item] = json.loads(item) if item is not None else None
    columns: dict[str, pa.Array] = {
        ASK: pa.array(np.arange(log.num_rows), pa.int64()),
        ASKED: log["asked_at"].cast(pa.int64()),
        OWN: pa.array(np.full(log.num_rows, -1), pa.int64()),
    }
    time = label.asked.time if isinstance(label.asked, Source) else ""
    for column in types:
        if column.name == time and all(row.get(time) is None for row in sent):
            continue
        columns[column.name] = array_of([row.get(column.name) for row in sent], column.type)
    return pa.table(columns)


def array_of(cells: list[object], kind: str) -> pa.Array:
    """Cells of one type; times are int microseconds, dates int days."""
    arrow = ARROW.get(kind, pa.string())
    if kind == "timestamp":
        return pa.array(cells, pa.int64()).cast(arrow)
    if kind == "date":
        return pa.array(cells, pa.int32()).cast(arrow)
    return pa.array(cells, arrow)


def with_truth(
    log: pa.Table, label: Label, types: Sequence[ColumnType], lake: Lake, posted: pa.Table | None
) -> pa.Table:
    """The asks with `_y`, `_known_us`, and of the log `score`, `decision`, `_id` and `_features`.

    A posted outcome takes the place of the joined one; of several the last counts.
    """
    labelled = with_outcomes(asks_of(log, label, types), label, lake)
    y, known = values_of(labelled[OUTCOME]), values_of(labelled[KNOWN])
    values, moments = y.data.astype(np.float64), known.data.copy()
    values[y.missing] = np.nan
    if isinstance(label.asked, Source) and not label.ahead:
        unseen = missing_rows(labelled, label.asked, lake)
        values[unseen] = np.nan
    if posted is not None and posted.num_rows:
        last = dict(zip(posted["id"].to_pylist(), range(posted.num_rows), strict=True))
        found, received = values_of(posted["value"]).data, values_of(posted["received_at"]).data
        for place, id in enumerate(log["id"].to_pylist()):
            if id in last:
                values[place], moments[place] = found[last[id]], received[last[id]]
    table = labelled.drop_columns([OUTCOME, KNOWN])
    table = table.append_column(OUTCOME, pa.array(values, from_pandas=True)).append_column(KNOWN, pa.array(moments))
    for name, column in (("score", "score"), ("decision", "decision"), ("_id", "id"), ("_features", "features")):
        if name not in table.column_names:
            table = table.append_column(name, log[column])
    return table


def missing_rows(asks: pa.Table, source: Source, lake: Lake) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Asks about a row that has not landed: their outcome, a later column of that row, is not there to read."""
    if not source.key or source.dataset not in lake.landed:
        return np.ones(asks.num_rows, np.bool_)
    same = " and ".join(f'a."{name}" = b."{name}"' for name in source.key)
    text = (
        f'select a.{ASK}, exists (select 1 from "{source.dataset}" b where {same}) as there from asks a order by {ASK}'
    )
    return ~values_of(lake.query(text, asks=asks)["there"]).data
