"""Figures inside time blocks of equal rows: what a model knows beside the rate of the day."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median
from typing import Any

from numpy.typing import NDArray

from tidemill.measure.estimate import Figure
from tidemill.measure.score import score
from tidemill.spec.check import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """The metric in each block, in the order of time; mean and median of those where it is defined, None if nowhere."""

    figures: tuple[Figure, ...]
    mean: float | None
    median: float | None
    defined: int


def equal_blocks(rows: int, count: int) -> tuple[slice, ...]:
    """That many slices of consecutive rows whose sizes differ by one at most; fewer where there are fewer rows."""
    count = max(1, min(count, rows))
    return tuple(slice(first, last) for first, last in pairwise(rows * i // count for i in range(count + 1)))


def in_blocks(
    metric: Metric,
    outcome: NDArray[Any],
    predicted: NDArray[Any],
    *,
    groups: NDArray[Any] | None = None,
    count: int,
) -> Blocks:
    """The metric inside each of `count` equal blocks of rows that are in the order of time; else as `score`.

    Pooled over time, tracking a rate that changes is taken for knowing who; inside a block it is not.
    """
    figures = tuple(
        score(metric, outcome[block], predicted[block], groups=None if groups is None else groups[block])
        for block in equal_blocks(len(outcome), count)
    )
    values = [figure.value for figure in figures if figure.value is not None]
    return Blocks(
        figures=figures,
        mean=fmean(values) if values else None,
        median=median(values) if values else None,
        defined=len(values),
    )
