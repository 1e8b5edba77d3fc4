"""The rows that one expression and its `where` pick, at their positions, with what several windows over them share."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.features.fixedpoint import FixedPoint
from tidemill.features.keys import by_code, value_codes
from tidemill.features.rows import Bools, Ints, Values, WindowPlan
from tidemill.features.running import Running
from tidemill.features.timeline import Timeline

DEFAULT_SCALE = 6
"""Decimal places of the fixed point where none are declared, whatever type the column has (docs/adr/0018)."""


class Picked:
    """One expression's rows. `counted`: those that `where` keeps, `present`: those of them with a value; None: all."""

    def __init__(self, timeline: Timeline, plan: WindowPlan) -> None:
        self.timeline, self._plan = timeline, plan
        self._fixed: dict[int, FixedPoint] = {}
        self.counted = _mask(plan.counted, timeline.rows)

    @cached_property
    def present(self) -> Bools | None:
        if self._plan.values is None:
            return self.counted
        there = _mask(self._plan.values.present(), self.timeline.rows)
        return there if self.counted is None else self.counted if there is None else self.counted & there

    @cached_property
    def data(self) -> NDArray[Any]:
        """The values at their positions, whatever they are where nothing is present."""
        return self.values.data[self.timeline.rows]

    @property
    def values(self) -> Values:
        """The expression's values in the rows' own order."""
        if self._plan.values is None:
            raise ValueError(f"{self._plan.name}: a window of this kind needs the values of its expression")
        return self._plan.values

    @cached_property
    def ones(self) -> Running:
        """A weight of 1 for each row with a value (each counted row where there is no expression)."""
        size = len(self.timeline.rows)
        weights = np.ones(size, np.int64) if self.present is None else self.present.astype(np.int64)
        return Running(self.timeline, weights)

    def fixed(self, plan: WindowPlan) -> FixedPoint:
        """The values as fixed-point numbers at the plan's scale, 0 where there is none."""
        whole = self.data.dtype.kind in "iub"
        scale = 0 if whole else DEFAULT_SCALE if plan.window.scale is None else plan.window.scale
        if scale not in self._fixed:
            self._fixed[scale] = FixedPoint(self.timeline, self.data, self.present, scale=scale)
        return self._fixed[scale]

    @cached_property
    def by_value(self) -> tuple[Ints, Ints]:
        """Positions with a value by (entity, value, arrival), and for each the number of its (entity, value)."""
        timeline = self.timeline
        codes = value_codes(self.values)[timeline.rows]
        order = np.arange(len(codes)) if timeline.arrivals is None else timeline.arrivals
        order = order if self.present is None else order[self.present[order]]
        order = by_code(timeline.entities, by_code(codes, order))
        fresh = np.ones(len(order), np.bool_)
        fresh[1:] = (np.diff(codes[order]) != 0) | (np.diff(timeline.entities[order]) != 0)
        return order, np.cumsum(fresh)


def _mask(mask: Bools | None, rows: Ints) -> Bools | None:
    """The mask at the rows' positions; None where it holds for all."""
    placed = None if mask is None else mask[rows]
    return None if placed is None or bool(placed.all()) else placed
