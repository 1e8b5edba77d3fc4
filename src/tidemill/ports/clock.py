"""Clock: the only thing that knows what time it is."""

from __future__ import annotations

from typing import Protocol

SKEW_US = 5_000_000
"""How far the clock of whoever sends or writes a row may be ahead of ours."""


class Clock(Protocol):
    """Data time."""

    def now_us(self) -> int:
        """Microseconds since 1970 UTC."""
        ...

    def wait(self, us: int) -> None:
        """Returns when that much of this clock's time has passed."""
        ...
