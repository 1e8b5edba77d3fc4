"""What a prediction must beat: a constant, and the rate of what was known last."""

from __future__ import annotations

import numpy as np

from tidemill.measure.arrays import Floats, Ints


def constant(outcome: Floats, *, yes_no: bool) -> float:
    """The best constant for an outcome: the rate of yes, or the median (least absolute error); NaN is left out."""
    known = outcome[~np.isnan(outcome)]
    return float(known.mean() if yes_no else np.median(known))


def rolling_rate(outcome: Floats, known: Ints, asked: Ints, *, last: int, start: float) -> Floats:
    """For each ask the mean of the `last` outcomes that were known strictly before it; `start` where none was.

    `outcome` and `known` (when each became known) belong together; `asked` are the asks to answer, in any order.
    """
    told = ~np.isnan(outcome)
    order = np.argsort(known[told], kind="stable")
    summed = np.append(0.0, np.cumsum(outcome[told][order]))
    seen = np.searchsorted(known[told][order], asked, side="left")
    first = np.maximum(0, seen - last)
    return np.where(seen > 0, (summed[seen] - summed[first]) / np.maximum(1, seen - first), start)
