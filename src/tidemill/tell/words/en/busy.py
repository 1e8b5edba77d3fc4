"""Words: another process holds what this one needs."""

from __future__ import annotations

CODES = {
    "busy.ledger-locked": (
        "Another process has been writing to {path} for more than {waited_s} seconds.",
        "Try again; if nothing else should be writing, look for a process that hangs with the file open.",
    ),
    "busy.online-written-elsewhere": (
        "Another process writes the online store {path}.",
        "The loop of `tidemill up` is its one writer: let it do the work, or stop it first.",
    ),
    "busy.run-going": (
        "{model} is being run by another process[[ ({run})]].",
        "Wait for it: without `--no-wait` a run attaches to the one that goes on.",
    ),
    "busy.release-going": (
        "Another process is moving the traffic of {model}.",
        "Try again in a moment.",
    ),
}
