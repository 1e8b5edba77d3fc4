"""Outcomes beside predictions, and what a metric needs of them before it means anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.errors import DataError
from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.column import codes
from tidemill.measure.estimate import Reason

HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """One outcome (0 and 1, or a number), one prediction and, for ranking metrics, one group per row.

    `groups` are numbered from 0 without gaps. A decision comes as predictions of 0 and 1.
    """

    outcome: Floats
    predicted: Floats
    groups: Ints | None = None

    def __len__(self) -> int:
        return len(self.outcome)

    def at(self, rows: Ints) -> Rows:
        """These rows alone, their groups numbered anew."""
        groups = None if self.groups is None else np.unique(self.groups[rows], return_inverse=True)[1]
        return Rows(outcome=self.outcome[rows], predicted=self.predicted[rows], groups=groups)

    @property
    def decided(self) -> Floats:
        """1 where the prediction is a half or more, else 0."""
        return (self.predicted >= HALF).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scorer:
    """A metric prepared on its rows: `of(weights)` is its value with each row counted so many times, NaN if undefined.

    Sorting and grouping are done once, so that a bootstrap only counts again. `n`: the rows (or groups) it stands on.
    """

    of: Callable[[Floats], float]
    n: int


Need = Callable[[Rows], Reason | None]


def beside(outcome: NDArray[Any], predicted: NDArray[Any], groups: NDArray[Any] | None = None) -> Rows:
    """The rows of these arrays, booleans as 0 and 1; `data.lengths-differ` if they are not equally long."""
    others = [len(predicted)] if groups is None else [len(predicted), len(groups)]
    if any(length != len(outcome) for length in others):
        grouped = None if groups is None else len(groups)
        raise DataError("lengths-differ", outcome=len(outcome), predicted=len(predicted), groups=grouped)
    return Rows(
        outcome=np.asarray(outcome, dtype=np.float64),
        predicted=np.asarray(predicted, dtype=np.float64),
        groups=None if groups is None else codes(groups)[0],
    )


def some(rows: Rows) -> Reason | None:
    """There is a row, and every outcome and prediction is a number."""
    if not len(rows):
        return "empty"
    if np.isnan(rows.outcome).any():
        return "outcome-missing"
    return None if np.isfinite(rows.predicted).all() else "prediction-not-finite"


def yes_no(rows: Rows) -> Reason | None:
    """Outcomes are 0 and 1."""
    return None if np.isin(rows.outcome, (0.0, 1.0)).all() else "outcome-not-yes-no"


def a_positive(rows: Rows) -> Reason | None:
    """An outcome is above 0."""
    return None if (rows.outcome > 0).any() else "no-positive"


def both_classes(rows: Rows) -> Reason | None:
    """There are positives and negatives."""
    return None if (rows.outcome > 0).any() and (rows.outcome <= 0).any() else "one-class"


def probability(rows: Rows) -> Reason | None:
    """Predictions lie between 0 and 1."""
    return None if ((rows.predicted >= 0) & (rows.predicted <= 1)).all() else "prediction-not-a-probability"


def a_choice(rows: Rows) -> Reason | None:
    """The decision is yes somewhere."""
    return None if rows.decided.any() else "none-chosen"


def no_zero(rows: Rows) -> Reason | None:
    """No outcome is 0."""
    return None if (rows.outcome != 0).all() else "outcome-zero"


def a_mean(rows: Rows) -> Reason | None:
    """The mean outcome is not 0."""
    return None if rows.outcome.mean() != 0 else "outcome-zero"


def varied(rows: Rows) -> Reason | None:
    """Outcomes differ."""
    return None if np.ptp(rows.outcome) > 0 else "outcome-constant"


def relevance(rows: Rows) -> Reason | None:
    """Outcomes are not negative, and groups are given."""
    if rows.groups is None:
        return "no-groups"
    return None if (rows.outcome >= 0).all() else "outcome-negative"
