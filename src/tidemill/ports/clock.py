"""Clock: the only thing that knows what time it is."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Data time."""

    def now_us(self) -> int:
        """Microseconds since 1970 UTC."""
        ...

    def wait(self, us: int) -> None:
        """Returns when that much of this clock's time has passed."""
        ...
