"""The error of an AUC and of the difference of two on the same rows, rows of one entity counted together."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from tidemill.measure.arrays import Bools, Floats, Ints
from tidemill.measure.ranks import midranks


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placements:
    """For each positive the share of negatives predicted below it, for each negative the share of positives above it.

    Ties count half; the mean of either side is the AUC. Rows keep their order within their class.
    """

    of_positives: Floats
    of_negatives: Floats

    @property
    def auc(self) -> float:
        """The mean placement."""
        return float(self.of_positives.mean())

    def minus(self, other: Placements) -> Placements:
        """The placements of the difference of two predictions; their mean is the difference of the AUCs."""
        return Placements(
            of_positives=self.of_positives - other.of_positives, of_negatives=self.of_negatives - other.of_negatives
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """A standard error, the degrees of freedom behind it, and the pairs of both classes that share no entity."""

    se: float | None
    df: float
    support: int


def placements(positive: Bools, predicted: Floats) -> Placements:
    """The structural components of DeLong, DeLong, Clarke-Pearson (1988) from midranks, O(n log n) (Sun, Xu 2014)."""
    ranks = midranks(predicted)
    hits, misses = int(positive.sum()), int((~positive).sum())
    return Placements(
        of_positives=(ranks[positive] - midranks(predicted[positive])) / misses,
        of_negatives=1.0 - (ranks[~positive] - midranks(predicted[~positive])) / hits,
    )


def error(placed: Placements, positive: Bools, entity: Ints) -> Error:
    """The clustered standard error of Obuchowski (1997); with one row per entity it is DeLong's.

    `se` is None where fewer than two entities have a positive, or a negative.
    """
    entities = int(entity.max()) + 1
    hits, misses = len(placed.of_positives), len(placed.of_negatives)
    with_hit = len(np.unique(entity[positive]))
    with_miss = len(np.unique(entity[~positive]))
    support = max(1, min(with_hit, with_miss, entities // 2))
    if min(with_hit, with_miss) < 2:
        return Error(se=None, df=1.0, support=support)
    above = np.bincount(entity[positive], weights=placed.of_positives - placed.auc, minlength=entities)
    below = np.bincount(entity[~positive], weights=placed.of_negatives - placed.auc, minlength=entities)
    variance = (
        with_hit / (with_hit - 1) * float(above @ above) / hits**2
        + with_miss / (with_miss - 1) * float(below @ below) / misses**2
        + 2 * entities / (entities - 1) * float(above @ below) / (hits * misses)
    )
    return Error(se=sqrt(max(0.0, variance)), df=float(min(with_hit, with_miss) - 1), support=support)
