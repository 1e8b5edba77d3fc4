"""What only the items that a ranking showed can tell: how many who saw them bought, and as many as was predicted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from tidemill.facts.model import Verdict
from tidemill.features.offline.answered import SCORE, entity_of, joined
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.lake import Lake
from tidemill.features.offline.outcome import OUTCOME
from tidemill.lifecycle.monitor.answered import during, first_shown_us, mature, shown_rows
from tidemill.lifecycle.monitor.given import Given
from tidemill.measure.checks import of
from tidemill.measure.estimate import FEWEST
from tidemill.measure.judge import non_inferior
from tidemill.measure.share import apart
from tidemill.spec.check import Check, NotWorse, check_text
from tidemill.spec.model import Model


def known_shown(given: Given, model: Model, lake: Lake) -> pa.Table:
    """The version's shown items of the window whose outcome is known."""
    return mature(shown_rows(given, lake), given, model, lake)


def converted(rows: pa.Table, model: Model) -> tuple[int, int]:
    """How many asked entities had a positive outcome among what they were shown, of how many; each once."""
    if rows.num_rows == 0:
        return 0, 0
    entities = joined(rows, entity_of(model))
    hit = set(entities[values_of(rows[OUTCOME]).data > 0])
    return len(hit), len(set(entities))


def conversion_verdict(check: NotWorse, own: pa.Table, given: Given, model: Model, lake: Lake) -> Verdict:
    """The version's conversion beside that of the other version on its own answers of the same window.

    Each arm showed other items to other entities: shares of two samples, not pairs.
    """
    if given.other is None:
        text, bound = check_text(check), -check.margin
        return Verdict(check=text, value=None, bound=bound, outcome="passed", reason="no-champion")
    theirs = known_shown(replace(given, version=given.other), model, lake)
    (hits, n), (other_hits, other_n) = converted(own, model), converted(theirs, model)
    judged = non_inferior(apart(hits, n, other_hits, other_n), check.margin)
    shares = {"own": hits / n if n else None, "champion": other_hits / other_n if other_n else None}
    return replace(of(check, judged, metric="conversion", **shares), n=n)


def as_first(rows: pa.Table, check: Check, given: Given, model: Model, lake: Lake) -> pa.Table | Verdict:
    """The rows, their scores multiplied by what the version's first window of known outcomes was of its predictions.

    Showing changes what is bought, and the best of many scores are too high: a version is judged beside its own
    beginning. A verdict where that window is not over or has too few outcomes.
    """

    def open_for(reason: str) -> Verdict:
        return Verdict(check=check_text(check), value=None, bound=None, outcome="undecided", reason=reason)

    first_us, window_us = first_shown_us(given, lake), given.watermark_us - model.label.delay_us - given.since_us
    if first_us is None or window_us <= 0 or rows.num_rows == 0:
        return open_for("nothing-mature")
    if first_us + window_us > given.since_us:
        return open_for("first-window")
    first = known_shown(during(given, first_us, first_us + window_us), model, lake)
    y, scores = values_of(first[OUTCOME]).data, values_of(first[SCORE]).data
    if y.sum() < FEWEST or scores.sum() <= 0:
        return open_for("too-few")
    scaled = np.minimum(values_of(rows[SCORE]).data * (y.sum() / scores.sum()), 1.0)
    return rows.set_column(rows.schema.get_field_index(SCORE), SCORE, pa.array(scaled))
