"""Counts, sums, means and standard deviations of what an ask sees, exact whatever the order of the rows."""

from __future__ import annotations

import numpy as np

from tidemill.features.picked import Picked
from tidemill.features.rows import Ints, Values, WindowPlan
from tidemill.features.sight import Sight


def count(picked: Picked, sight: Sight) -> Values:
    """Rows seen that `where` keeps (with an expression: and that have a value); int64, 0 where there are none."""
    return Values.whole(counted(picked, sight))


def total(picked: Picked, sight: Sight, plan: WindowPlan) -> Values:
    """The exact sum: int64 of whole numbers, else float64, rounded at the end; 0 where nothing is seen.

    DataError as tidemill.features.fixedpoint.FixedPoint.
    """
    fixed = picked.fixed(plan)
    sums = fixed.sums(sight)
    return Values.whole(sums / 10.0**fixed.scale if picked.data.dtype.kind == "f" else sums)


def mean(picked: Picked, sight: Sight, plan: WindowPlan) -> Values:
    """The exact sum divided once by the number of values; float64, null where nothing is seen. DataError as `total`."""
    fixed, n = picked.fixed(plan), counted(picked, sight)
    return Values(data=fixed.sums(sight) / (np.maximum(n, 1) * 10.0**fixed.scale), missing=n == 0)


def deviation(picked: Picked, sight: Sight, plan: WindowPlan) -> Values:
    """Sample standard deviation, SQL's stddev_samp: sqrt((n sum(v^2) - sum(v)^2) / (n (n - 1))); null below two values.

    The quotient is of exact integers, correctly rounded. DataError as `total`.
    """
    fixed, n = picked.fixed(plan), counted(picked, sight)
    missing = n < 2
    many, sums = np.where(missing, 2, n).astype(object), fixed.sums(sight).astype(object)
    spread = np.where(missing, 0, many * fixed.squares(sight) - sums * sums)
    variance = spread / (many * (many - 1) * 10 ** (2 * fixed.scale))
    return Values(data=np.sqrt(variance.astype(np.float64)), missing=missing)


def counted(picked: Picked, sight: Sight) -> Ints:
    """Per ask, the number of rows seen that have a value."""
    if picked.present is None and sight.lasting is None and sight.own is None and sight.ended is None:
        return sight.high - sight.low
    return picked.ones.total(sight)
