"""Counts, sums, means and standard deviations of what an ask sees, exact whatever the order of the rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.features.picked import Picked
from tidemill.features.rows import Bools, Ints, Unfit, Values, WindowPlan
from tidemill.features.sight import Sight


def count(picked: Picked, sight: Sight) -> Values:
    """Rows seen that `where` keeps (with an expression: and that have a value); int64, 0 where there are none."""
    return Values.whole(counted(picked, sight))


def total(picked: Picked, sight: Sight, plan: WindowPlan) -> Values:
    """The exact sum: int64 of whole numbers, else float64, rounded at the end; 0 where nothing is seen.

    Null where it does not fit, as that of text.
    """
    fixed = picked.fixed(plan)
    sums = fixed.sums(sight)
    data = sums / 10.0**fixed.scale if picked.data.dtype.kind == "f" else sums
    return fitting(data, np.zeros(len(data), np.bool_), fixed.unfit(sight))


def mean(picked: Picked, sight: Sight, plan: WindowPlan) -> Values:
    """The exact sum divided once by the number of values; float64, null where nothing is seen. Else as `total`."""
    fixed, n = picked.fixed(plan), counted(picked, sight)
    return fitting(fixed.sums(sight) / (np.maximum(n, 1) * 10.0**fixed.scale), n == 0, fixed.unfit(sight))


def deviation(picked: Picked, sight: Sight, plan: WindowPlan) -> Values:
    """Sample standard deviation, SQL's stddev_samp: sqrt((n sum(v^2) - sum(v)^2) / (n (n - 1))); null below two values.

    The quotient is of exact integers, correctly rounded. Where the sum does not fit as `total`.
    """
    fixed, n = picked.fixed(plan), counted(picked, sight)
    unfit = fixed.unfit(sight)
    missing = n < 2 if unfit is None else (n < 2) | unfit.asks
    many, sums = np.where(missing, 2, n).astype(object), fixed.sums(sight).astype(object)
    spread = np.where(missing, 0, many * fixed.squares(sight) - sums * sums)
    variance = spread / (many * (many - 1) * 10 ** (2 * fixed.scale))
    return fitting(np.sqrt(variance.astype(np.float64)), n < 2, unfit)


def fitting(data: NDArray[Any], missing: Bools, unfit: Unfit | None) -> Values:
    """The column, null too where the sum does not fit."""
    asks = missing if unfit is None else unfit.asks & ~missing
    if unfit is None or not asks.any():
        return Values(data=data, missing=missing)
    return Values(data=data, missing=missing | asks, unfit=replace(unfit, asks=asks))


def counted(picked: Picked, sight: Sight) -> Ints:
    """Per ask, the number of rows seen that have a value."""
    if picked.present is None and sight.lasting is None and sight.own is None and sight.ended is None:
        return sight.high - sight.low
    return picked.ones.total(sight)
