"""Words: runs, stages and the processes they work in."""

from __future__ import annotations

CODES = {
    "run.process-died": (
        "A process that worked for this run ended without an answer: {reason}.",
        "SIGKILL mostly means that memory ran out. Run again: stages that are done are not repeated.",
    ),
    "run.process-too-slow": (
        "A process that worked for this run had not answered after {seconds} seconds.",
        "Run again when the machine has more room.",
    ),
    "run.work-raised": (
        "The work of this run failed with {error}[[: {words}]].",
        "The log has the details; run again when the cause is gone.",
    ),
}
