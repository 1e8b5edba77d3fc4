"""Since when a source's rows tell: its first row, or the first that does not lie far apart from all the others."""

from __future__ import annotations

import numpy as np

from tidemill.features.offline.columns import values_of
from tidemill.features.offline.lake import Lake
from tidemill.features.plan import quoted
from tidemill.spec.source import Source

DAY_US = 86_400_000_000
FEW = 0.05
"""No more than that share of the rows may be apart: more of them are history."""


def begins_us(source: Source, lake: Lake) -> int | None:
    """Time of the source's first landed row; None where it has none.

    A few rows do not count that are further from what follows them than all that follows is long: databases and clocks
    write the year 1, 1900 or 1970 where they know no time, and one such row would make any history look long enough.
    """
    if source.dataset not in lake.landed:
        return None
    time = f"epoch_us({quoted(source.time)})"
    days = lake.query(
        f"select min({time}) as first, count(*) as n from {quoted(source.dataset)} "
        f"where {quoted(source.time)} is not null group by {time} // {DAY_US} order by first"
    )
    first, n = values_of(days["first"]).data, values_of(days["n"]).data
    if not len(first):
        return None
    before, gap, after = np.cumsum(n)[:-1], np.diff(first), first[-1] - first[1:]
    apart = np.flatnonzero((gap > after) & (before <= FEW * n.sum()))
    return int(first[apart[-1] + 1 if len(apart) else 0])
