"""The machine's own clock."""

from __future__ import annotations

import time


class SystemClock:
    """Data time is real time."""

    def now_us(self) -> int:
        return time.time_ns() // 1000

    def wait(self, us: int) -> None:
        time.sleep(max(us, 0) / 1_000_000)
