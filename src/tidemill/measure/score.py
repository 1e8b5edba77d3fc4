"""The metrics of the declaration that outcomes and predictions can tell: one table, one way to ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.errors import DataError
from tidemill.measure import calibration, classify, rank, regress
from tidemill.measure.arrays import Bools, Floats
from tidemill.measure.estimate import Figure, Reason, Scale
from tidemill.measure.rows import (
    Need,
    Rows,
    Scorer,
    a_choice,
    a_mean,
    a_positive,
    beside,
    both_classes,
    no_zero,
    probability,
    relevance,
    some,
    varied,
    yes_no,
)
from tidemill.spec.check import Metric, Per


def _all_rows(rows: Rows) -> Bools:
    return np.ones(len(rows), np.bool_)


def _positives(rows: Rows) -> Bools:
    carried: Bools = rows.outcome > 0
    return carried


def _chosen(rows: Rows) -> Bools:
    carried: Bools = rows.decided == 1.0
    return carried


def _positives_and_chosen(rows: Rows) -> Bools:
    return _positives(rows) | _chosen(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How a metric is prepared, where it can lie, what it needs before it means anything, and which rows carry it."""

    prepare: Callable[[Rows], Scorer]
    scale: Scale
    needs: tuple[Need, ...] = ()
    carried_by: Callable[[Rows], Bools] = _all_rows


def _share(prepare: Callable[[Rows], Scorer], *needs: Need, carried_by: Callable[[Rows], Bools] = _all_rows) -> Measure:
    return Measure(prepare=prepare, scale="share", needs=(some, *needs), carried_by=carried_by)


def _number(prepare: Callable[[Rows], Scorer], scale: Scale, *needs: Need) -> Measure:
    return Measure(prepare=prepare, scale=scale, needs=(some, *needs))


MEASURES: dict[str, Measure] = {
    "roc_auc": _share(classify.roc_auc, yes_no, both_classes),
    "average_precision": _share(classify.average_precision, yes_no, a_positive, carried_by=_positives),
    "log_loss": _number(classify.log_loss, "positive", yes_no, probability),
    "brier": _share(classify.brier, yes_no, probability),
    "ece": _share(calibration.ece, yes_no, probability),
    "rate_gap": _number(regress.rate_gap, "positive", a_mean),
    "accuracy": _share(classify.accuracy, yes_no),
    "precision": _share(classify.precision, yes_no, a_choice, carried_by=_chosen),
    "recall": _share(classify.recall, yes_no, a_positive, carried_by=_positives),
    "f1": _share(classify.f1, yes_no, a_positive, carried_by=_positives_and_chosen),
    "ndcg@5": _share(partial(rank.ndcg, k=5), relevance, a_positive),
    "ndcg@10": _share(partial(rank.ndcg, k=10), relevance, a_positive),
    "ndcg@20": _share(partial(rank.ndcg, k=20), relevance, a_positive),
    "map@10": _share(partial(rank.mean_average_precision, k=10), relevance, a_positive),
    "recall@10": _share(partial(rank.recall, k=10), relevance, a_positive),
    "conversion": _share(rank.conversion),
    "mae": _number(regress.mae, "positive"),
    "rmse": _number(regress.rmse, "positive"),
    "mape": _number(regress.mape, "positive", no_zero),
    "bias": _number(regress.bias, "free"),
    "r2": _number(regress.r2, "free", varied),
}
"""Metric -> measure. What only a server can tell (`tidemill.spec.check.SERVING`) is not here."""


def score(
    metric: Metric,
    outcome: NDArray[Any],
    predicted: NDArray[Any],
    *,
    groups: NDArray[Any] | None = None,
    weights: Floats | None = None,
) -> Figure:
    """The metric's value, or None with the reason; never NaN.

    `outcome`: 0 and 1 or booleans, or numbers. `predicted`: chances or values, or a boolean decision for accuracy,
    precision, recall and f1 (else the decision is yes from 0.5 on). `groups`: the ask of each row for ranking metrics,
    the entity for `conversion`, the column's value for `per`. Raises `data.lengths-differ` and
    `data.metric-not-scored`.
    """
    rows = beside(outcome, predicted, groups)
    scorer = prepared(metric, rows)
    if not isinstance(scorer, Scorer):
        return Figure(value=None, n=len(rows), reason=scorer)
    value = scorer.of(np.ones(len(rows)) if weights is None else weights)
    return Figure(value=None, n=scorer.n, reason="empty") if isnan(value) else Figure(value=value, n=scorer.n)


def prepared(metric: Metric, rows: Rows) -> Scorer | Reason:
    """The metric's scorer on these rows, or why it means nothing there."""
    if isinstance(metric, Per):
        return _prepared_per(metric, rows)
    measure = measure_of(metric)
    reason = next((reason for need in measure.needs if (reason := need(rows))), None)
    return reason or measure.prepare(rows)


def measure_of(metric: Metric) -> Measure:
    """The measure behind a metric; `data.metric-not-scored` for one that rows cannot tell."""
    name = metric.metric if isinstance(metric, Per) else metric
    if name not in MEASURES:
        raise DataError("metric-not-scored", metric=name, known=", ".join(MEASURES))
    return MEASURES[name]


def _prepared_per(metric: Per, rows: Rows) -> Scorer | Reason:
    """Averaged over groups; metrics that are made of groups already are averaged over theirs."""
    measure = measure_of(metric)
    if rows.groups is None:
        return "no-groups"
    if relevance in measure.needs or metric.metric == "conversion":
        return prepared(metric.metric, rows)
    if reason := some(rows):
        return reason

    def in_group(group: Rows) -> Scorer | None:
        scorer = prepared(metric.metric, group)
        return scorer if isinstance(scorer, Scorer) else None

    scorer = rank.each_group(rows, in_group)
    return scorer if scorer.n else "no-positive" if both_classes in measure.needs else "empty"
