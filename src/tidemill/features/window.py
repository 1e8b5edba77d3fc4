"""The point-in-time kernel: aggregates over an entity's rows as of each ask, the same offline and online."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby

import numpy as np

from tidemill.features import sight as sights
from tidemill.features.distinct import distinct
from tidemill.features.extremes import largest, smallest
from tidemill.features.newest import days_since_last, lag, last
from tidemill.features.picked import Picked
from tidemill.features.rows import Asks, EventRows, Ints, Values, WindowPlan
from tidemill.features.sight import Sight
from tidemill.features.timeline import Timeline, arrange
from tidemill.features.totals import count, deviation, mean, total
from tidemill.spec.view import Window


def evaluate(plans: Sequence[WindowPlan], rows: EventRows, asks: Asks) -> dict[str, Values]:
    """The value of each plan's window at each ask, by name and in the order of the asks.

    A row is seen at t when max(time, known) < t <= until and floor((t - length) / step) * step <= time. Where nothing
    is seen count, distinct and sum are 0 and all else is null. Values depend neither on other entities and asks nor on
    the order of the rows, but for `last` and `lag` among rows of one time, where the later landing is the newer.
    Where a sum does not fit it is null and `unfit`; that of text never does.
    """
    timeline = arrange(rows, asks)
    entered = timeline.entered()

    @cache
    def sight(length: int | None, step: int) -> Sight:
        return sights.behind(timeline, entered, length, step)

    return _filled(plans, timeline, lambda window: sight(window.length_us, window.step_us))


def evaluate_ahead(plans: Sequence[WindowPlan], rows: EventRows, asks: Asks) -> dict[str, Values]:
    """The same aggregates over what came after: t <= time < t + length, whenever known, without the ask's own row.

    Rows are taken as they turned out: `until` has no meaning here, and the caller gives no row that does not stand.

    `step_us` has no meaning here. Null, 0 and `unfit` as in `evaluate`.
    """
    timeline = arrange(replace(rows, known=None, until=None), asks)
    own = None if asks.own is None else timeline.positions(asks.own)[timeline.asks]

    @cache
    def sight(length: int | None) -> Sight:
        return sights.ahead(timeline, length, own)

    return _filled(plans, timeline, lambda window: sight(window.length_us))


def _filled(plans: Sequence[WindowPlan], timeline: Timeline, sight: Callable[[Window], Sight]) -> dict[str, Values]:
    """Each plan's values, named in the plans' order; those over one expression together, so that memory is for one."""
    named = dict.fromkeys(plan.name for plan in plans)
    found: dict[str, Values] = {}
    for _, group in groupby(sorted(plans, key=_arrays), key=_arrays):
        alike = list(group)
        picked = Picked(timeline, alike[0])
        for plan in alike:
            values = _aggregate(plan, picked, sight(plan.window))
            found[plan.name] = _as_asked(values, timeline.asks)
    return {name: found[name] for name in named}


def _aggregate(plan: WindowPlan, picked: Picked, sight: Sight) -> Values:
    match plan.window.kind:
        case "count":
            return count(picked, sight)
        case "sum":
            return total(picked, sight, plan)
        case "mean":
            return mean(picked, sight, plan)
        case "std":
            return deviation(picked, sight, plan)
        case "min":
            return smallest(picked, sight)
        case "max":
            return largest(picked, sight)
        case "distinct":
            return distinct(picked, sight)
        case "last":
            return last(picked, sight)
        case "lag":
            return lag(picked, sight, plan.window.rows)
        case "days_since_last":
            return days_since_last(picked, sight)


def _arrays(plan: WindowPlan) -> tuple[int, int]:
    """What is the same for plans over the very same arrays, which live as long as the plans do."""
    return id(plan.values), id(plan.counted)


def _as_asked(values: Values, asks: Ints) -> Values:
    """Values of asks in the timeline's order, put back in the order in which they were asked."""
    data, missing = np.empty_like(values.data), np.empty_like(values.missing)
    data[asks], missing[asks] = values.data, values.missing
    unfit = None
    if values.unfit is not None:
        unfit = replace(values.unfit, asks=np.empty_like(values.missing))
        unfit.asks[asks] = values.unfit.asks
    return Values(data=data, missing=missing, unfit=unfit)
