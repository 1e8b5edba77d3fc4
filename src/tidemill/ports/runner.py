"""Runner: where a stage's function is executed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Runner(Protocol):
    """Executes one piece of work."""

    def call(self, function: Callable[[], T]) -> T:
        """What the function gives, or what it raises."""
        ...
