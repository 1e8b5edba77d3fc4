"""Trains before every block on every window, and keeps what each model says of all later rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tidemill.measure.arrays import Floats
from tidemill.measure.backtest.course import Course

Score = Callable[[slice], Floats]
"""The predictions of one model for these rows."""
Fit = Callable[[slice], Score]
"""A model that learnt from these rows."""
Told = Callable[[int, int], None]

NEVER = 0
"""Instead of a number of blocks: trained once and never again."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Backtest:
    """`scores[window, moment]`: what the model before that block says of all rows from the block on."""

    course: Course
    scores: Mapping[tuple[int | None, int], Floats]

    def on_block(self, window: int | None, moment: int, block: int) -> Floats:
        """What the model before block `moment` says of a block from there on."""
        start, rows = self.course.blocks[moment].start, self.course.blocks[block]
        return self.scores[window, moment][rows.start - start : rows.stop - start]

    def answers(self, window: int | None, every: int) -> Floats:
        """What is said of all rows after the first when one trains again every so many blocks."""
        blocks = range(len(self.course.blocks))
        return np.concatenate([self.on_block(window, moment_of(block, every), block) for block in blocks])


def moment_of(block: int, every: int) -> int:
    """Before which block the model that answers this one was trained."""
    return 0 if every == NEVER else block // every * every


def backtest(course: Course, fit: Fit, told: Told | None = None) -> Backtest:
    """Every model that any of the ways to retrain needs; those that learn from the same rows are one."""
    wanted = [(window, moment) for moment in range(len(course.blocks)) for window in course.windows]
    made: dict[tuple[int, int], Score] = {}
    scores = {}
    for done, (window, moment) in enumerate(wanted):
        rows = course.learnt(window, moment)
        key = (rows.start, rows.stop)
        made[key] = made[key] if key in made else fit(rows)
        scores[window, moment] = made[key](slice(rows.stop, course.rows))
        if told is not None:
            told(done + 1, len(wanted))
    return Backtest(course=course, scores=scores)
