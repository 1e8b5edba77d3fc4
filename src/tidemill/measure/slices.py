"""A metric in every slice of the rows: one figure per value of a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.measure.column import codes
from tidemill.measure.compare import estimate
from tidemill.measure.estimate import Estimate, unknown
from tidemill.spec.check import Metric

FEWEST = 30
"""Rows below which a slice has no figure of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One value of the column (None = null) and the metric on its rows."""

    value: object
    rows: int
    figure: Estimate


def slices(
    metric: Metric,
    outcome: NDArray[Any],
    predicted: NDArray[Any],
    by: NDArray[Any],
    *,
    entity: NDArray[Any] | None = None,
    groups: NDArray[Any] | None = None,
    seed: int,
) -> tuple[Slice, ...]:
    """The metric in each slice of `by`, the largest first; under 30 rows it is unknown (`too-few`). As `estimate`."""
    code, values = codes(by)
    found = []
    for i, value in enumerate(values):
        rows = np.flatnonzero(code == i)
        figure = unknown("too-few", len(rows))
        if len(rows) >= FEWEST:
            figure = estimate(
                metric,
                outcome[rows],
                predicted[rows],
                entity=None if entity is None else entity[rows],
                groups=None if groups is None else groups[rows],
                seed=seed,
            )
        found.append(Slice(value=value, rows=len(rows), figure=figure))
    return tuple(sorted(found, key=lambda one: one.rows, reverse=True))
