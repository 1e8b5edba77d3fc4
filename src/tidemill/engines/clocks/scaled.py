"""A clock on which a demo's days pass in seconds, the same in every process that is given its text."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self

from tidemill.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaledClock:
    """Stood at `start_us` when real time was `origin_us`; `factor` seconds of data time pass in a real second."""

    start_us: int
    factor: float
    origin_us: int

    @classmethod
    def starting(cls, start_us: int, factor: float) -> Self:
        """A clock that begins to run now."""
        return cls(start_us=start_us, factor=factor, origin_us=time.time_ns() // 1000)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The clock of a text `scaled:<start_us>:<factor>:<origin_us>`. SettingsError `clock-unreadable`."""
        scheme, *parts = text.split(":")
        try:
            start, factor, origin = int(parts[0]), float(parts[1]), int(parts[2])
        except (ValueError, IndexError) as error:
            raise SettingsError("clock-unreadable", text=text) from error
        if scheme != "scaled" or len(parts) != 3 or not 0 < factor < float("inf"):
            raise SettingsError("clock-unreadable", text=text)
        return cls(start_us=start, factor=factor, origin_us=origin)

    def __str__(self) -> str:
        """The text that `parse` reads."""
        return f"scaled:{self.start_us}:{self.factor!r}:{self.origin_us}"

    def now_us(self) -> int:
        return self.start_us + int((time.time_ns() // 1000 - self.origin_us) * self.factor)

    def wait(self, us: int) -> None:
        time.sleep(max(us, 0) / self.factor / 1_000_000)
