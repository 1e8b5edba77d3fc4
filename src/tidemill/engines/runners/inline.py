"""Runs work where it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class InlineRunner:
    """Calls the function here and now."""

    def call(self, function: Callable[[], T]) -> T:
        return function()
