"""Words: what happened, as the diary tells it."""

from __future__ import annotations

CODES = {
    "event.bundle-refused": (
        "{version} could not be loaded to answer ({error}); the version before it goes on.",
        "Look at the error's page; `tidemill rollback` takes the version out of the policy.",
    ),
    "event.process-ended": ("The process {name} ended with status {status}; it is started again.", ""),
    "event.serving": ("Serving on {url}.", ""),
    "event.stopped": ("Stopped.", ""),
}
