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
    "busy.online-moved": (
        "The space {space} of the online store is not any more as it was when this change to it was made.",
        "Nothing was written; the next turn of the loop makes the change from what is there now.",
    ),
    "busy.online-not-there": (
        "What {version} looks up in {view} is not in the online store yet, and another process writes it.",
        "The loop fills it in its next turn, if the version has passed its gates lately: try again in a minute. For an older version stop `tidemill up`, do the same again, and start it.",
    ),
    "busy.run-going": (
        "{model} is being run by another process[[ ({run})]].",
        "Wait for it: `tidemill run` gives what the one that goes on gives.",
    ),
    "busy.release-going": (
        "Another process is moving the traffic of {model}, or died while it did.",
        "Try again in a minute: who died holds it no longer.",
    ),
}
