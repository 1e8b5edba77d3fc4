"""Words: what the server and its messengers could not do."""

from __future__ import annotations

CODES = {
    "serve.notice-failed": (
        "The notice could not be brought to {address}: {words}.",
        "Check the address in `notify`, and that it can be reached from this machine.",
    ),
}
