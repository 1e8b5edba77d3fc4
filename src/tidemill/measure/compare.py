"""Metrics with their error, and the paired difference of two predictions on the same rows, by entity."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.measure import bootstrap, delong
from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.column import codes
from tidemill.measure.delong import Error, placements
from tidemill.measure.estimate import FEWEST, FEWEST_ENTITIES, Estimate, unknown
from tidemill.measure.rows import Rows, Scorer, beside
from tidemill.measure.score import measure_of, prepared
from tidemill.spec.check import HIGHER_IS_BETTER, Metric, Per

AUC = "roc_auc"


def estimate(
    metric: Metric,
    outcome: NDArray[Any],
    predicted: NDArray[Any],
    *,
    entity: NDArray[Any] | None = None,
    groups: NDArray[Any] | None = None,
    seed: int,
) -> Estimate:
    """The metric with its standard error: DeLong's for AUC, else a bootstrap; `entity` says which rows hang together.

    Without `entity` rows (the groups, for metrics made of groups) count as independent. Else as `score`.
    """
    rows = beside(outcome, predicted, groups)
    scorer = prepared(metric, rows)
    if not isinstance(scorer, Scorer):
        return unknown(scorer, len(rows))
    units = _units(entity, rows)
    error = _error(metric, (rows,), units, seed)
    return Estimate(
        value=scorer.of(np.ones(len(rows))),
        se=error.se,
        df=error.df,
        n=scorer.n,
        support=error.support,
        fewest=fewest(metric, entity),
        scale=measure_of(metric).scale,
        reason="too-few" if error.se is None else None,
    )


def difference(
    metric: Metric,
    outcome: NDArray[Any],
    predicted: NDArray[Any],
    other: NDArray[Any],
    *,
    entity: NDArray[Any] | None = None,
    groups: NDArray[Any] | None = None,
    seed: int,
) -> Estimate:
    """How much better the first prediction is than the other, in the metric's unit; above 0 = better in any metric.

    Paired: the same rows, and the same draws of entities. Smaller errors, losses and gaps are better; of `bias` the one
    nearer to 0 is. Two predictions that are equal differ by exactly 0.
    """
    rows, beyond = beside(outcome, predicted, groups), beside(outcome, other, groups)
    scorers = [prepared(metric, rows), prepared(metric, beyond)]
    every = np.ones(len(rows))
    values = []
    for scorer in scorers:
        if not isinstance(scorer, Scorer):
            return unknown(scorer, len(rows))
        values.append(scorer.of(every))
    error = _error(metric, (rows, beyond), _units(entity, rows), seed)
    first, second = better(metric, np.array(values))
    return Estimate(
        value=float(first - second),
        se=error.se,
        df=error.df,
        n=len(rows),
        support=error.support,
        fewest=fewest(metric, entity),
        alike=error.se != 0.0 or np.array_equal(rows.predicted, beyond.predicted),
        reason="too-few" if error.se is None else None,
    )


def better(metric: Metric, values: Floats) -> Floats:
    """The metric's values turned so that more is better."""
    name = metric.metric if isinstance(metric, Per) else metric
    if name == "bias":
        return -np.abs(values)
    return values if name in HIGHER_IS_BETTER else -values


def fewest(metric: Metric, entity: NDArray[Any] | None) -> int:
    """The support below which nothing is decided; AUC's is counted in pairs of entities."""
    if entity is None:
        return FEWEST
    return FEWEST_ENTITIES // 2 if metric == AUC else FEWEST_ENTITIES


def _units(entity: NDArray[Any] | None, rows: Rows) -> Ints:
    if entity is not None:
        return codes(entity)[0]
    return np.arange(len(rows)) if rows.groups is None else rows.groups


def _error(metric: Metric, contenders: tuple[Rows, ...], units: Ints, seed: int) -> Error:
    """The error of one contender's figure, or of how much better the first of two is."""
    if metric == AUC:
        positive = contenders[0].outcome == 1.0
        placed = [placements(positive, rows.predicted) for rows in contenders]
        return delong.error(placed[0] if len(placed) == 1 else placed[0].minus(placed[1]), positive, units)
    part = bootstrap.part(units, seed)
    scorers = [prepared(metric, rows.at(part.rows)) for rows in contenders]
    carried = np.unique(units[measure_of(metric).carried_by(contenders[0])])
    df, support = float(max(1, part.of_entities - 1)), max(1, len(carried))
    if not all(isinstance(scorer, Scorer) for scorer in scorers):
        return Error(se=None, df=df, support=support)
    values = bootstrap.draws([scorer for scorer in scorers if isinstance(scorer, Scorer)], part, seed)
    turned = values if len(contenders) == 1 else better(metric, values) * (1.0, -1.0)
    return Error(se=bootstrap.spread(turned.sum(axis=1), part), df=df, support=support)
