"""Target: where a bundle is put to answer for real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a real server process showed: latencies of single requests in ms, peak resident MiB, failed requests."""

    latencies_ms: tuple[float, ...]
    memory_mib: float
    errors: int


class Target(Protocol):
    """A place that serves bundles."""

    def try_out(self, bundle: str, requests: Sequence[bytes], *, seconds: float) -> Measured:
        """Serves the bundle in a process of its own and sends it the JSON bodies over HTTP, in turn, for that long.

        ServeError `did-not-start` with the process's last words.
        """
        ...
