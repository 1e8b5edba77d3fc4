"""Runs work in processes of its own, so many at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from tidemill.engines.forked import forked

T = TypeVar("T")


class PoolRunner:
    """Forks for each call; from several threads at most `size` calls work at once, the others wait for their turn."""

    def __init__(self, size: int = 2) -> None:
        self._turns = threading.BoundedSemaphore(size)

    def call(self, function: Callable[[], T]) -> T:
        """As the port says; what the function gives must be picklable. RunError `process-died` when it crashed."""
        with self._turns:
            return forked(function)
