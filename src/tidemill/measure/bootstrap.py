"""How much scorers vary when the entities of a sample are drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.rows import Scorer

TIMES = 200
"""Draws: the standard error is then itself known to 5 % (Efron, Tibshirani 1993, chapter 6)."""
MOST_ROWS = 50_000
"""Rows drawn from at most; of more, whole entities are left out by chance and the error is scaled to all of them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """Some rows of a sample, whole entities of them: entities numbered anew, and how many of how many."""

    rows: Ints
    entity: Ints
    entities: int
    of_entities: int


def part(entity: Ints, seed: int, most: int = MOST_ROWS) -> Part:
    """All rows, or those of entities drawn without replacement until `most` rows are together; at least two."""
    sizes = np.bincount(entity)
    if len(entity) <= most:
        return Part(rows=np.arange(len(entity)), entity=entity, entities=len(sizes), of_entities=len(sizes))
    drawn = np.random.default_rng([seed, 1]).permutation(len(sizes))
    taken = drawn[: max(2, int(np.searchsorted(np.cumsum(sizes[drawn]), most, side="right")))]
    number = np.full(len(sizes), -1, np.int64)
    number[taken] = np.arange(len(taken))
    rows = np.flatnonzero(number[entity] >= 0)
    return Part(rows=rows, entity=number[entity[rows]], entities=len(taken), of_entities=len(sizes))


def draws(scorers: Sequence[Scorer], part: Part, seed: int, times: int = TIMES) -> Floats:
    """Values of the scorers (columns), prepared on the part's rows, in each draw of its entities (rows).

    All scorers see the same draws, so that differences of columns are paired. NaN where a draw leaves one undefined.
    """
    random = np.random.default_rng([seed, 2])
    values = np.empty((times, len(scorers)))
    for row in values:
        drawn = random.integers(0, part.entities, part.entities)
        weights = np.bincount(drawn, minlength=part.entities)[part.entity].astype(np.float64)
        row[:] = [scorer.of(weights) for scorer in scorers]
    return values


def spread(values: Floats, part: Part) -> float | None:
    """The standard error of the figure on all entities, from its values in the draws; None if half say nothing."""
    told = values[~np.isnan(values)]
    if part.entities < 2 or 2 * len(told) <= len(values):
        return None
    small = part.entities / (part.entities - 1)
    return float(told.std(ddof=1)) * sqrt(small * part.entities / part.of_entities)
