"""What a ranking model was to be asked in a window: its label's own asks, with features and scores, as in training.

The log of a ranking holds what the version chose to show. How well it tells candidates apart, and whether they still
are what it was trained on, cannot be read from its own choice.
"""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tidemill.facts.model import ModelVersion
from tidemill.features.offline.answered import SCORE
from tidemill.features.offline.asks import ASK, ASKED, from_candidates
from tidemill.features.offline.columns import matrix, values_of
from tidemill.features.offline.frame import views_needed, with_features
from tidemill.features.offline.lake import Lake
from tidemill.features.offline.outcome import KNOWN, OUTCOME, with_outcomes
from tidemill.lifecycle.monitor.answered import OTHER
from tidemill.lifecycle.monitor.given import Given
from tidemill.ports.context import Context
from tidemill.predict.bundle import open_bundle
from tidemill.predict.predictor import Predictor
from tidemill.spec.label import Candidates

ENOUGH = 6_000
"""Asks that tell enough: older ones of a window are let be, for each moment costs as much as one of training."""
AT_ONCE = 2
"""Moments that are listed before counting again."""
NONE = pa.table({OUTCOME: pa.array([], pa.float64())})


def asked_rows(given: Given, candidates: Candidates, lake: Lake) -> pa.Table:
    """The newest asks of the window with their features.

    Asks beyond the watermark are left for later: what they would look up has not been extracted yet.
    """
    asks = newest(given, candidates, lake, min(given.until_us, given.watermark_us))
    if asks is None:
        return NONE
    return with_features(asks, views_needed(given.system.model(given.model), given.system), lake)


def known_rows(given: Given, candidates: Candidates, lake: Lake, ctx: Context) -> pa.Table:
    """The newest asks of the window whose outcome `_y` is known, with features, scored by the version.

    By the other one too where it was not trained on them (else NaN).
    """
    model = given.system.model(given.model)
    asks = newest(given, candidates, lake, min(given.until_us, given.watermark_us - model.label.delay_us + 1))
    if asks is None:
        return NONE
    told = with_outcomes(asks, model.label, lake)
    is_known = pc.and_(pc.less_equal(told[KNOWN], given.watermark_us), told[OUTCOME].is_valid())
    known = with_features(told.filter(is_known), views_needed(model, given.system), lake)
    if known.num_rows == 0:
        return known
    scored = known.append_column(SCORE, pa.array(scores_of(given.version, known, ctx)))
    if given.other is None:
        return scored
    unseen = values_of(known[ASKED]).data > given.other.trained_until_us
    return scored.append_column(OTHER, pa.array(np.where(unseen, scores_of(given.other, known, ctx), np.nan)))


def newest(given: Given, candidates: Candidates, lake: Lake, until_us: int) -> pa.Table | None:
    """The asks of the newest moments before a time, as many as it takes to tell; None without a moment."""
    moments = sorted(moment for moment in given.moments if given.since_us <= moment < until_us)
    parts: list[pa.Table] = []
    while moments and sum(part.num_rows for part in parts) < ENOUGH:
        some, moments = moments[-AT_ONCE:], moments[:-AT_ONCE]
        parts.insert(0, from_candidates(candidates, given.system.sources, some, lake))
    if not parts:
        return None
    table = pa.concat_tables(parts)
    return table.set_column(table.schema.get_field_index(ASK), ASK, pa.array(np.arange(table.num_rows), pa.int64()))


def scores_of(version: ModelVersion, rows: pa.Table, ctx: Context) -> NDArray[np.float64]:
    """The version's score of each ask."""
    bundle = open_bundle(version.bundle, ctx.blobs)
    with closing(Predictor(bundle, ctx.flavors[bundle.signature.flavor])) as predictor:
        return predictor.score(matrix(rows, bundle.signature.features))
