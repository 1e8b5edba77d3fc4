"""Up to when a source is known: the newest time of its rows that had come when they landed."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from tidemill.facts.data import NOT_YET, DatasetVersion
from tidemill.features.plan import quoted
from tidemill.ports.clock import SKEW_US
from tidemill.ports.context import Context


def newest_us(rows: pa.Table, time: str, now_us: int) -> int:
    """The newest time of rows that land now; NOT_YET where there is none.

    A row of a time to come says nothing of how far its source is known: it may be a plan, or a slip of the pen.
    """
    times = rows[time].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    newest = pc.max(times.filter(pc.less_equal(times, now_us + SKEW_US))).as_py()
    return NOT_YET if newest is None else int(newest)


def known_us(previous: DatasetVersion | None, time: str, ctx: Context) -> int:
    """The watermark of a version; told anew of one whose rows could not yet have happened when it landed."""
    if previous is None:
        return NOT_YET
    latest_us = previous.at_us + SKEW_US
    if previous.watermark_us <= latest_us:
        return previous.watermark_us
    sql = f"select epoch_us(max({quoted(time)})) as newest from landed where epoch_us({quoted(time)}) <= {latest_us}"
    newest = ctx.compute.query(sql, {"landed": ctx.tables.paths(previous.files)})["newest"][0].as_py()
    return NOT_YET if newest is None else int(newest)
