"""How the past is cut: rows to begin with, then blocks in which models answer, one trained before each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tidemill.errors import DataError
from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.blocks import equal_blocks

BLOCKS = 20
BLOCK_ROWS = 50
"""Rows below which a block says little; there are fewer blocks then."""
BLOCK_RARER = 10
"""The same for rows of the rarer class."""
FEWEST = 200
"""Rows below which nothing is tried at all."""
FEWEST_RARER = 20
"""Rows of the rarer class that each half must have."""
WINDOW_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Rows in the order of time: `first` to begin with, then `blocks`.

    `windows`: how many of the newest rows a model may learn from (None: all).
    """

    rows: int
    first: int
    blocks: tuple[slice, ...]
    windows: tuple[int | None, ...]

    @property
    def future(self) -> slice:
        """All rows after the first."""
        return slice(self.first, self.rows)

    def learnt(self, window: int | None, moment: int) -> slice:
        """The rows that a model before that block learns from."""
        start = self.blocks[moment].start
        return slice(0 if window is None else max(0, start - window), start)


def course(outcome: Floats, *, yes_no: bool) -> Course:
    """The first half to begin with, the second in up to 20 blocks; windows as long as the first half and a quarter.

    DataError `too-few-to-try` (rows, needed), `too-few-of-a-kind` (part, rows, needed; yes-or-no outcomes).
    """
    n = len(outcome)
    if n < FEWEST:
        raise DataError("too-few-to-try", rows=n, needed=FEWEST)
    first = n // 2
    most = (n - first) // BLOCK_ROWS
    if yes_no:
        rarer = [rarer_rows(outcome[part]) for part in (slice(0, first), slice(first, n))]
        for part, rows in zip(("older", "newer"), rarer, strict=True):
            if rows < FEWEST_RARER:
                raise DataError("too-few-of-a-kind", part=part, rows=rows, needed=FEWEST_RARER)
        most = min(most, rarer[1] // BLOCK_RARER)
    blocks = tuple(
        slice(first + block.start, first + block.stop) for block in equal_blocks(n - first, max(1, min(BLOCKS, most)))
    )
    windows = tuple(rows for rows in (first, first // 4) if rows >= WINDOW_ROWS)
    return Course(rows=n, first=first, blocks=blocks, windows=(None, *windows))


def rarer_rows(outcome: Floats) -> int:
    """How many rows are of the rarer of two classes."""
    hits = int(outcome.sum())
    return min(hits, len(outcome) - hits)


def shuffled_halves(rows: int, seed: int) -> tuple[Ints, Ints]:
    """A random half of the rows and the other one, each sorted: the split that forgets time."""
    order = np.random.default_rng(seed).permutation(rows)
    return np.sort(order[: rows // 2]), np.sort(order[rows // 2 :])
