"""Clocks that ran backwards: rows that landed after a row of their entity and say an earlier time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tidemill.measure.arrays import Ints

SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BackwardSteps:
    """How many rows say an earlier time than the row of their entity before them, in how many entities.

    `largest_us`: the widest step back; `rows`: where the widest steps are, widest first.
    """

    steps: int
    entities: int
    largest_us: int
    rows: tuple[int, ...]


def backward_steps(time: Ints, entity: Ints) -> BackwardSteps:
    """The steps back of rows in the order in which they landed; `entity` numbers what a clock belongs to."""
    order = np.argsort(entity, kind="stable")
    step = np.diff(time[order])
    back = np.flatnonzero((step < 0) & (np.diff(entity[order]) == 0))
    widest = back[np.argsort(step[back], kind="stable")][:SHOWN]
    return BackwardSteps(
        steps=len(back),
        entities=len(np.unique(entity[order][back])),
        largest_us=-int(step[back].min(initial=0)),
        rows=tuple(order[widest + 1].tolist()),
    )
