"""Which moments a caller may name: none that is yet to come, and none from before anything was recorded."""

from __future__ import annotations

from tidemill.errors import RequestError
from tidemill.ports.clock import EARLIEST_US, SKEW_US


def demand_past(given_us: int, received_us: int, at: str) -> None:
    """The moment is one at which something may have happened. RequestError `in-the-future`, `before-records`.

    One clock ahead would make all that is known older than it is, and one time without meaning all history longer.
    """
    if given_us > received_us + SKEW_US:
        raise RequestError("in-the-future", at=at, given_us=given_us, now_us=received_us)
    if given_us < EARLIEST_US:
        raise RequestError("before-records", at=at, given_us=given_us, earliest_us=EARLIEST_US)
