"""The answers of a version in a window, from the landed prediction log, with what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tidemill.facts.data import ColumnType, DatasetVersion
from tidemill.features.offline.asks import ASKED
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.lake import Lake
from tidemill.features.offline.outcome import KNOWN, OUTCOME
from tidemill.features.sqlparts import literal
from tidemill.lifecycle.monitor.given import Given
from tidemill.lifecycle.monitor.joined import FEATURES, POSTED, last_answers, with_truth
from tidemill.lifecycle.monitor.log import OUTCOMES, PREDICTIONS, SCHEMAS
from tidemill.lifecycle.monitor.logged import has_all, logged_columns
from tidemill.measure.checks import CHAMPION
from tidemill.ports.context import Context
from tidemill.predict.bundle import open_bundle
from tidemill.predict.predictor import Predictor
from tidemill.spec.model import Model
from tidemill.spec.source import Source

OTHER = f"_score_{CHAMPION}"
SHADOW = "shadow"


def answered_rows(given: Given, lake: Lake) -> pa.Table:
    """The version's own answers in the window; failed ones too, without a score."""
    if PREDICTIONS not in lake.landed:
        return SCHEMAS[PREDICTIONS].empty_table()
    return lake.query(
        f"select * from {PREDICTIONS} where {own(given)} and epoch_us(received_at) >= {given.since_us} "
        f"and epoch_us(received_at) < {given.until_us} order by asked_at, _row"
    )


def own(given: Given) -> str:
    """Which answers are the version's."""
    return f"model = {literal(given.model)} and version = {literal(given.version.name)}"


def shown_rows(given: Given, lake: Lake) -> pa.Table:
    """Of the answers in the window those that somebody saw: a shadow's are nobody's."""
    rows = answered_rows(given, lake)
    return rows.filter(pc.not_equal(rows["arm"], SHADOW))


def first_shown_us(given: Given, lake: Lake) -> int | None:
    """When the version's first answer that somebody saw was asked for."""
    if PREDICTIONS not in lake.landed:
        return None
    text = (
        f"select epoch_us(min(asked_at)) as first from {PREDICTIONS} where {own(given)} "
        f"and arm <> '{SHADOW}' and score is not null"
    )
    first: int | None = lake.query(text)["first"][0].as_py()
    return first


def during(given: Given, since_us: int, until_us: int) -> Given:
    """The same in another window."""
    return replace(given, since_us=since_us, until_us=until_us)


def posted_outcomes(lake: Lake) -> pa.Table:
    """Outcomes that were posted for an answer's id, with the ask (and the shown item) that the answer was about.

    Every arm that answered the same ask has the same outcome: a shadow's answers have no id that a caller could know.
    """
    return lake.query(
        f"select p.ask, p.item, o.value, o.received_at "
        f"from {OUTCOMES} o join {PREDICTIONS} p using (id) order by o._row"
    )


def mature(log: pa.Table, given: Given, model: Model, lake: Lake) -> pa.Table:
    """Scored answers whose outcome is known, with `_y`: joined ones by the watermark, posted ones when received.

    Of several answers about one row the last.
    """
    scored = log.filter(log["score"].is_valid())
    posted = posted_outcomes(lake) if {OUTCOMES, PREDICTIONS} <= set(lake.landed) else None
    table = with_truth(scored, model.label, column_types(model, given.versions), lake, posted)
    by = np.where(values_of(table[POSTED]).data, given.now_us, given.watermark_us)
    known = values_of(table[KNOWN]).data <= by
    return last_answers(table.filter(pa.array(known & ~values_of(table[OUTCOME]).missing)), model.label)


def column_types(model: Model, versions: Sequence[DatasetVersion]) -> tuple[ColumnType, ...]:
    """Types of the columns that an ask may carry: those of the asked source, or of the source that has the keys."""
    asked = model.label.asked
    if isinstance(asked, Source):
        return next((version.columns for version in versions if version.dataset == asked.dataset), ())
    found = {column.name: column for version in versions for column in version.columns}
    return tuple(found.get(name, ColumnType(name=name, type="unknown")) for name in (*asked.entity, asked.item))


def with_scores(rows: pa.Table, given: Given, ctx: Context) -> pa.Table:
    """The rows with what the other version says of the very features that were logged.

    NaN where it saw the ask in training, or where a feature that it wants was not logged.
    """
    if given.other is None or rows.num_rows == 0:
        return rows
    bundle = open_bundle(given.other.bundle, ctx.blobs)
    texts, features = rows[FEATURES].to_pylist(), bundle.signature.features
    columns = logged_columns(texts, features)
    with closing(Predictor(bundle, ctx.flavors[bundle.signature.flavor])) as predictor:
        scores = predictor.score(np.column_stack(list(columns.values())))
    able = (values_of(rows[ASKED]).data > given.other.trained_until_us) & has_all(texts, features)
    return rows.append_column(OTHER, pa.array(np.where(able, scores, np.nan)))
