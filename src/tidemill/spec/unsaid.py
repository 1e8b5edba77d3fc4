"""A default that can be told from the same value said aloud."""

from __future__ import annotations

from typing import Final


class UnsaidText(str):
    """Equal to its text; its type says that nobody wrote it."""

    __slots__ = ()


class UnsaidInt(int):
    """Equal to its number; its type says that nobody wrote it."""


UTC: Final = UnsaidText("UTC")
"""The zone of a system that names none: naive times are then a mistake."""

SIX_PLACES: Final = UnsaidInt(6)
"""The scale of a sum that declares none: 6 places, whatever type its column has; whole numbers need none."""
