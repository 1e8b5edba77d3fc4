"""Levels that jump from one stretch of time to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tidemill.measure.arrays import Floats
from tidemill.measure.blocks import equal_blocks
from tidemill.measure.column import Column
from tidemill.measure.spread import Spread, spread

BLOCKS = 20
FEWEST = 20
"""Rows in each block below which blocks are fewer."""
REACH = 3.0
"""Usual ranges inside blocks by which the median must move between two blocks."""
WHOLE = 0.1
"""Share of the whole column's range below which a block's range is not taken seriously (steps of a calendar)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """The widest move of the median between two neighbouring blocks; the later one begins at `row` (in time).

    `distance` in usual ranges inside blocks.
    """

    row: int
    before: float
    after: float
    distance: float


def jump(column: Column, ordered: Spread | None = None) -> Jump | None:
    """The column's widest jump, rows in the order of time; None where the level moves by less than 3 usual ranges.

    `ordered`: the column's spread, where it is at hand.
    """
    if column.kind != "number":
        return None
    values = column.numbers()
    blocks = equal_blocks(len(values), min(BLOCKS, len(values) // FEWEST))
    amounts = (spread(column) if ordered is None else ordered).amounts()
    if not amounts.rows or _stays(values, blocks, amounts):
        return None
    told = [(block.start, kept) for block in blocks if len(kept := _finite(values[block])) >= FEWEST // 2]
    if len(told) < 2:
        return None
    quartiles = [np.quantile(kept, (0.25, 0.5, 0.75)) for _, kept in told]
    whole = amounts.quantiles((0.25, 0.75))
    unit = max(float(np.median([q[2] - q[0] for q in quartiles])), WHOLE * float(whole[1] - whole[0]))
    unit = unit or float(_finite(values).std())
    moves = [(abs(after[1] - before[1]), i) for i, (before, after) in enumerate(pairwise(quartiles))]
    size, i = max(moves)
    if size <= REACH * unit or size == 0:
        return None
    before, after = float(quartiles[i][1]), float(quartiles[i + 1][1])
    return Jump(
        row=told[i + 1][0],
        before=before,
        after=after,
        distance=float(size / unit),
    )


def _stays(values: Floats, blocks: Sequence[slice], amounts: Spread) -> bool:
    """Whether half of each block lies so near the whole column's median that no move of medians could be a jump.

    It is what most columns do, and is seen by counting; without it the same is found out from each block's quartiles.
    """
    low, middle, high = amounts.quantiles((0.25, 0.5, 0.75))
    near = 0.49 * REACH * WHOLE * (high - low)
    if near <= 0:
        return False
    told, under, over = np.isfinite(values), values < middle - near, values > middle + near
    return all(
        2 * max(np.count_nonzero(under[block]), np.count_nonzero(over[block])) < np.count_nonzero(told[block])
        for block in blocks
    )


def _finite(values: Floats) -> Floats:
    return values[np.isfinite(values)]
