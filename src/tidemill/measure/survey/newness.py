"""Words that belong to their time: most of what comes later was never seen before, so nothing learnt of it holds."""

from __future__ import annotations

import numpy as np

from tidemill.measure.arrays import Floats
from tidemill.measure.column import Column

NEWEST = 0.2
SHARE = 0.5
FEWEST = 100


def never_again(column: Column, order: Floats) -> float | None:
    """The share of the newest fifth of the rows whose word no older row has, where it is a half and more; else None."""
    told = np.flatnonzero(~column.null)
    if column.kind != "text" or len(told) < FEWEST:
        return None
    words = column.values[told[np.argsort(order[told], kind="stable")]]
    cut = round(len(words) * (1 - NEWEST))
    share = float((~np.isin(words[cut:], words[:cut])).mean())
    return share if share >= SHARE else None
