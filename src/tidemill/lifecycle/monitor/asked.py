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
from tidemill.features.offline.asks import ASKED, from_candidates
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


def asked_rows(given: Given, candidates: Candidates, lake: Lake) -> pa.Table:
    """Every ask of the window with outcome and features; `_y` is null where it is not known by the watermark."""
    model = given.system.model(given.model)
    moments = [moment for moment in given.moments if given.since_us <= moment < given.until_us]
    if not moments:
        return pa.table({OUTCOME: pa.array([], pa.float64())})
    asks = from_candidates(candidates, given.system.sources, moments, lake)
    told = with_outcomes(asks, model.label, lake)
    is_known = pc.less_equal(told[KNOWN], given.watermark_us)
    y = pc.if_else(is_known, told[OUTCOME], pa.scalar(None, pa.float64()))
    rows = told.set_column(told.schema.get_field_index(OUTCOME), OUTCOME, y)
    return with_features(rows, views_needed(model, given.system), lake)


def known_rows(rows: pa.Table, given: Given, ctx: Context) -> pa.Table:
    """The asks whose outcome is known, scored by the version, and by the other one where it was not trained on them."""
    known = rows.filter(rows[OUTCOME].is_valid())
    if known.num_rows == 0:
        return known
    scored = known.append_column(SCORE, pa.array(scores_of(given.version, known, ctx)))
    if given.other is None:
        return scored
    unseen = values_of(known[ASKED]).data > given.other.trained_until_us
    return scored.append_column(OTHER, pa.array(np.where(unseen, scores_of(given.other, known, ctx), np.nan)))


def scores_of(version: ModelVersion, rows: pa.Table, ctx: Context) -> NDArray[np.float64]:
    """The version's score of each ask."""
    bundle = open_bundle(version.bundle, ctx.blobs)
    with closing(Predictor(bundle, ctx.flavors[bundle.signature.flavor])) as predictor:
        return predictor.score(matrix(rows, bundle.signature.features))
