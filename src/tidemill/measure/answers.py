"""Outcomes and predictions of the same asks, with what a check may group, slice or narrow them by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.measure.arrays import Bools, Floats
from tidemill.measure.compare import difference, estimate
from tidemill.measure.estimate import Estimate, unknown
from tidemill.spec.check import Metric, Per

OWN = ""
"""The version itself among the contestants."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """Rows oldest first. `predicted`: contestant -> scores, NaN where it gave none.

    `entity`: what hangs together (None: rows are independent). `asks`: which rows were ranked against each other.
    `columns`: values by name, for `by` and `per`. `masks`: rows where a condition's text holds.
    """

    y: Floats
    predicted: Mapping[str, Floats]
    entity: NDArray[Any] | None = None
    asks: NDArray[Any] | None = None
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    masks: Mapping[str, Bools] = field(default_factory=dict)

    def take(self, rows: Bools) -> Answers:
        """The same on some of the rows."""
        return replace(
            self,
            y=self.y[rows],
            predicted={name: scores[rows] for name, scores in self.predicted.items()},
            entity=None if self.entity is None else self.entity[rows],
            asks=None if self.asks is None else self.asks[rows],
            columns={name: values[rows] for name, values in self.columns.items()},
            masks={text: held[rows] for text, held in self.masks.items()},
        )

    def answered(self, *contestants: str) -> Answers:
        """The rows that all these contestants answered and whose outcome is known."""
        rows = ~np.isnan(self.y)
        for name in contestants:
            rows = rows & np.isfinite(self.predicted[name])
        return self.take(rows)

    def groups(self, metric: Metric) -> NDArray[Any] | None:
        """What a metric is grouped by: the column of `per`, the ask for ranking metrics, the entity for conversion."""
        if isinstance(metric, Per):
            return self.columns[metric.column]
        if metric == "conversion":
            return self.entity
        return self.asks if "@" in metric else None


def figure(metric: Metric, answers: Answers, *, of: str = OWN, seed: int) -> Estimate:
    """The metric of one contestant on the rows that it answered."""
    if of not in answers.predicted:
        return unknown("empty", 0)
    rows = answers.answered(of)
    return estimate(metric, rows.y, rows.predicted[of], entity=rows.entity, groups=rows.groups(metric), seed=seed)


def paired(metric: Metric, answers: Answers, *, first: str = OWN, second: str, seed: int) -> Estimate:
    """How much better the first contestant is than the second on the rows that both answered."""
    if first not in answers.predicted or second not in answers.predicted:
        return unknown("empty", 0)
    rows = answers.answered(first, second)
    return difference(
        metric,
        rows.y,
        rows.predicted[first],
        rows.predicted[second],
        entity=rows.entity,
        groups=rows.groups(metric),
        seed=seed,
    )
