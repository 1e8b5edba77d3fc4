"""Where in the team's file a word was written: `shop.py:12`."""

from __future__ import annotations

import sys
from pathlib import PurePath

HOUSE = "tidemill.spec."


def place_of_call() -> str:
    """File name and line of the innermost caller outside of this package; for a call over several lines its first."""
    frame = sys._getframe(1)  # noqa: SLF001 - the one way to the caller's line; inspect.stack reads every file
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).startswith(HOUSE):
        frame = frame.f_back
    return f"{PurePath(frame.f_code.co_filename).name}:{frame.f_lineno}"
