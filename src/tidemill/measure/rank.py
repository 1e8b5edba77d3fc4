"""Metrics of an order: each group (one ask with its items) is judged alone, then groups are averaged, each once.

Items with equal predictions stand in random order: the figure is the expected value over all their orders (McSherry,
Najork 2008), so that neither the order of the rows nor a lucky sort decides. A group without a positive says nothing
about order and is left out (as in trec_eval; scikit-learn would count 0 for it, LightGBM 1); `n` counts the groups that
speak.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.rows import Rows, Scorer


def ndcg(rows: Rows, k: int) -> Scorer:
    """Gain of the first k over the best possible; the outcome is the gain, discounted by 1 / log2(place + 1)."""
    order = _Order(rows)
    discount = np.where(order.place <= k, 1.0 / np.log2(order.place + 1.0), 0.0)
    ideal = np.lexsort((-rows.outcome, order.all_groups))
    best = order.per_group(discount * rows.outcome[ideal])
    return order.averaged(order.per_group(discount * order.tied / order.size), best)


def mean_average_precision(rows: Rows, k: int) -> Scorer:
    """Precision at the place of each positive among the first k, summed, over min(k, positives)."""
    order = _Order(_relevant(rows))
    within = order.place - order.start - 1
    others = np.where(order.size > 1, within * (order.tied - 1) / np.maximum(order.size - 1, 1), 0.0)
    gain = order.tied / order.size * (order.before + 1 + others) / order.place
    return order.averaged(order.per_group(np.where(order.place <= k, gain, 0.0)), np.minimum(order.positives, float(k)))


def recall(rows: Rows, k: int) -> Scorer:
    """Share of the group's positives among its first k."""
    order = _Order(_relevant(rows))
    return order.averaged(order.per_group(np.where(order.place <= k, order.tied / order.size, 0.0)), order.positives)


def conversion(rows: Rows) -> Scorer:
    """Share of the groups (asked entities) with a positive outcome, each once; without groups each row is one."""
    groups = np.arange(len(rows)) if rows.groups is None else rows.groups
    hit = (np.bincount(groups, weights=rows.outcome > 0) > 0).astype(np.float64)
    return by_group(hit, groups)


def by_group(values: Floats, groups: Ints) -> Scorer:
    """The mean of one value per group, each group counted once; groups whose value is NaN are left out."""
    speaks = ~np.isnan(values)
    sizes = np.bincount(groups, minlength=len(values))
    told = np.where(speaks, values, 0.0)

    def of(weights: Floats) -> float:
        counted = np.bincount(groups, weights=weights, minlength=len(values)) / sizes * speaks
        total = float(counted.sum())
        return float(counted @ told) / total if total > 0 else float("nan")

    return Scorer(of=of, n=int(speaks.sum()))


def each_group(rows: Rows, prepare: Callable[[Rows], Scorer | None]) -> Scorer:
    """Any metric inside each group, averaged over the groups where it is defined."""
    groups = np.zeros(len(rows), np.int64) if rows.groups is None else rows.groups
    order = np.argsort(groups, kind="stable")
    ends = np.cumsum(np.bincount(groups))
    values = np.full(len(ends), np.nan)
    for group, (first, last) in enumerate(zip(np.append(0, ends[:-1]), ends, strict=True)):
        mine = order[first:last]
        scorer = prepare(Rows(outcome=rows.outcome[mine], predicted=rows.predicted[mine]))
        if scorer is not None:
            values[group] = scorer.of(np.ones(len(mine)))
    return by_group(values, groups)


def _sums(groups: Ints, values: Floats) -> Floats:
    return np.bincount(groups, weights=values).astype(np.float64)


def _relevant(rows: Rows) -> Rows:
    return Rows(outcome=(rows.outcome > 0).astype(np.float64), predicted=rows.predicted, groups=rows.groups)


class _Order:
    """Rows by group, best prediction first, and for each of them its run of equal predictions.

    `place` counts from 1 in the group; `start` rows of the group and `before` of their outcome stand above the run,
    which has `size` rows and `tied` outcome in sum.
    """

    def __init__(self, rows: Rows) -> None:
        groups = np.zeros(len(rows), np.int64) if rows.groups is None else rows.groups
        self.all_groups = groups
        order = np.lexsort((-rows.predicted, groups))
        self.groups, outcome, predicted = groups[order], rows.outcome[order], rows.predicted[order]
        at = np.arange(len(rows))
        new_group = np.append(True, self.groups[1:] != self.groups[:-1])
        new_run = new_group | np.append(True, predicted[1:] != predicted[:-1])
        run, first_of_run = np.cumsum(new_run) - 1, np.flatnonzero(new_run)
        first_of_group = np.flatnonzero(new_group)[np.cumsum(new_group) - 1]
        summed = np.append(0.0, np.cumsum(outcome))
        self.place = (at - first_of_group + 1).astype(np.float64)
        self.start = (first_of_run[run] - first_of_group).astype(np.float64)
        self.size = np.bincount(run)[run].astype(np.float64)
        self.tied = np.bincount(run, weights=outcome)[run]
        self.before = summed[first_of_run[run]] - summed[first_of_group]
        self.positives = _sums(self.groups, outcome)

    def per_group(self, values: Floats) -> Floats:
        """Sums over each group's rows; rows are in this order."""
        return _sums(self.groups, values)

    def averaged(self, gained: Floats, best: Floats) -> Scorer:
        """The mean of gained / best over the groups that have a positive."""
        return by_group(np.divide(gained, best, out=np.full(len(best), np.nan), where=best > 0), self.all_groups)
