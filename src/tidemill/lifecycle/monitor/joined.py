"""Logged predictions beside what became of them: the label's own outcome, or one that was posted."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tidemill.facts.data import ColumnType
from tidemill.features.offline.answered import DECISION, SCORE
from tidemill.features.offline.asks import ASK, ASKED, OWN
from tidemill.features.offline.columns import array_of, values_of
from tidemill.features.offline.lake import Lake
from tidemill.features.offline.outcome import KNOWN, OUTCOME, with_outcomes
from tidemill.features.plan import quoted
from tidemill.spec.label import Candidates, Label
from tidemill.spec.source import Source

FEATURES, POSTED = "_features", "_posted"


def asks_of(log: pa.Table, label: Label, types: Sequence[ColumnType]) -> pa.Table:
    """One ask per logged prediction, in the log's order, with the raw columns that the label reads.

    Columns come from the request, its keys and the shown item of a ranking. A time that some did not send is left out,
    so that the asked row is found by its key alone.
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
    asked = label.asked
    for column in types:
        cells = [row.get(column.name) for row in sent]
        if isinstance(asked, Source) and column.name == asked.time and column.name not in asked.key and None in cells:
            continue
        columns[column.name] = array_of(cells, column.type)
    return pa.table(columns)


def with_truth(
    log: pa.Table, label: Label, types: Sequence[ColumnType], lake: Lake, posted: pa.Table | None
) -> pa.Table:
    """The asks with `_y`, `_known_us`, `_posted`, and of the log `score`, `decision` and `_features`.

    A posted outcome takes the place of the joined one, for every arm that answered the ask, known when it was received;
    of several the last counts.
    """
    labelled = with_outcomes(asks_of(log, label, types), label, lake)
    y, known = values_of(labelled[OUTCOME]), values_of(labelled[KNOWN])
    values, moments = y.data.astype(np.float64), known.data.copy()
    values[y.missing] = np.nan
    if isinstance(label.asked, Source) and not label.ahead:
        values[missing_rows(labelled, label.asked, lake)] = np.nan
    told = np.zeros(log.num_rows, np.bool_)
    if posted is not None and posted.num_rows:
        last = dict(zip(about(posted), range(posted.num_rows), strict=True))
        places = np.array([last.get(key, -1) for key in about(log)], np.int64)
        told = places >= 0
        values[told] = values_of(posted["value"]).data[places[told]]
        moments[told] = values_of(posted["received_at"]).data[places[told]]
    own = [name for name in (SCORE, DECISION, OUTCOME, KNOWN) if name in labelled.column_names]
    table = labelled.drop_columns(own)
    table = table.append_column(OUTCOME, pa.array(values, from_pandas=True)).append_column(KNOWN, pa.array(moments))
    for name, column in ((SCORE, "score"), (DECISION, "decision"), (FEATURES, "features")):
        table = table.append_column(name, log[column])
    return table.append_column(POSTED, pa.array(told))


def about(rows: pa.Table) -> list[tuple[object, object]]:
    """What each answer or outcome is about: the ask, and of a ranking the shown item."""
    return list(zip(rows["ask"].to_pylist(), rows["item"].to_pylist(), strict=True))


def missing_rows(asks: pa.Table, source: Source, lake: Lake) -> NDArray[np.bool_]:
    """Asks about a row that has not landed: their outcome, a later column of that row, is not there to read."""
    if not source.key or source.dataset not in lake.landed:
        return np.ones(asks.num_rows, np.bool_)
    same = " and ".join(f"a.{name} = b.{name}" for name in map(quoted, source.key))
    landed = f"exists (select 1 from {quoted(source.dataset)} b where {same})"
    found = lake.query(f"select {landed} as there from asks a order by {ASK}", asks=asks)
    return ~values_of(found["there"]).data


def last_answers(table: pa.Table, label: Label) -> pa.Table:
    """The last answer about each asked row, where one was asked for twice; rows whose key nobody sent all stay."""
    asked = label.asked
    if not isinstance(asked, Source) or not asked.key or table.num_rows == 0:
        return table
    keys = list(zip(*(table[name].to_pylist() for name in asked.key), strict=True))
    last = {key: place for place, key in enumerate(keys)}
    kept = [None in key or last[key] == place for place, key in enumerate(keys)]
    return table.filter(pa.array(kept))
