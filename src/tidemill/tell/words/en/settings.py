"""Words: what the environment or the command line asks for and cannot have."""

from __future__ import annotations

CODES = {
    "settings.clock-unreadable": (
        "The clock '{text}' cannot be read.",
        "Write `system`, or `scaled:<start_us>:<factor>:<origin_us>` with a factor above 0.",
    ),
}
