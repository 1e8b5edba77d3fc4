"""Clock: the only thing that knows what time it is."""

from __future__ import annotations

from typing import Protocol

SKEW_US = 5_000_000
"""How far the clock of whoever sends or writes a row may be ahead of ours."""
EARLIEST_US = -2_177_452_800_000_000
"""1901-01-01 UTC. What databases, spreadsheets and clocks write for no time at all lies before it: 0001, 1753, 1900."""


class Clock(Protocol):
    """Data time."""

    def now_us(self) -> int:
        """Microseconds since 1970 UTC."""
        ...

    def wait(self, us: int) -> None:
        """Returns when that much of this clock's time has passed."""
        ...
