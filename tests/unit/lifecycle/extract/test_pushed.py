"""What the server could not know of a pushed row is judged when it lands."""

from __future__ import annotations

from tests.street import SECOND, table, us
from tests.unit.lifecycle.extract.test_stage import event, push, street
from tidemill.ports.clock import EARLIEST_US, SKEW_US


def test_rows_of_times_to_come_and_of_no_time_at_all_are_put_aside() -> None:
    """A server that has no version to answer with does not know which column is the source's time."""
    came = us("2026-01-02")
    times = [us("0001-01-01"), EARLIEST_US - 1, EARLIEST_US, came, came + SKEW_US, came + SKEW_US + 1, us("2030-01-01")]
    mill = street(table([event(0)]))
    mill.extract("events")
    push(mill, "2026-01-02", *({"id": place, "at": at} for place, at in enumerate(times, 1)))
    version = mill.extract("events", came + 10 * SECOND)
    assert sorted(mill.landed("events")["id"].to_pylist()) == [0, 3, 4, 5]
    aside = mill.ctx.tables.read(version.rejected)
    assert aside["id"].to_pylist() == [1, 2, 6, 7]
    assert set(aside["_reason"].to_pylist()) == {"at between 1901-01-01 and when it came"}
