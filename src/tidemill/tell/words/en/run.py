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
    "run.died-repeatedly": (
        "The processes of this run died {times} times.",
        "Mostly memory ran out: give the machine more, or train on fewer rows; then run again.",
    ),
    "run.not-begun": (
        "A run of {model} was started and ended with status {status} before it began[[: {words}]].",
        "Mostly the system file was edited and has a mistake: `tidemill check`. It is tried again, after longer and longer pauses.",
    ),
    "run.not-active": (
        "`{word}` is declared ({given}) and not yet brought to life: the run goes on without it.",
        "Nothing has to be done; the declaration may stay as it is.",
    ),
    "run.ended-by-signal": (
        "It was ended from outside, by {signal}.",
        "A time limit, a shutdown or a closed terminal does that. Start it again; what was landed is kept.",
    ),
    "run.output-unwritten": (
        "Standard output takes no more: {words}.",
        "The page is whole: {page}.",
    ),
    # The demo
    "run.demo-ended": (
        "The process `{name}` of the demo ended with status {status}: {words}",
        "Its log is in `logs/`; run the demo again in another folder.",
    ),
    "run.demo-run": (
        "The demo's `{name}` ended with status {status} instead of {expected}: {words}",
        "Its log is in `logs/`; `tidemill why` in the demo's folder shows the numbers.",
    ),
    "run.demo-stalled": (
        "The demo waited for {what}, and it did not come.",
        "All that happened so far is in {folder}: `tidemill status` there says how things stand. On a busy machine run it again when it is quiet.",
    ),
    "run.stumbled": (
        "Tidemill itself went wrong: {error}[[: {words}]].",
        "This is a mistake in Tidemill. Report it with the details in {file}; nothing that was committed is lost.",
    ),
    # A person's hand on a release
    "run.no-release": ("{version} has no release.", "`tidemill releases` lists those that there are."),
    "run.already-champion": ("{version} is champion already.", "`tidemill status` shows who answers."),
    "run.nothing-before": (
        "There was no champion before {version}.",
        "Promote another version: `tidemill promote`.",
    ),
    "run.step-not-allowed": (
        "{version} is {state} and cannot become {to}.",
        "`tidemill why {version}` shows its decisions; a new run gives a new version.",
    ),
}
