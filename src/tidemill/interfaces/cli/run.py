"""`tidemill run`: one pass of the eight stages with live progress, and at its end what came out and why."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import RenderableType
from rich.text import Text

from tidemill.app import run as running
from tidemill.app.check import check
from tidemill.app.context import sources
from tidemill.app.run import Ran
from tidemill.interfaces.cli import behind, declared, gates, option, screen
from tidemill.interfaces.cli.desk import Desk, opened
from tidemill.interfaces.cli.fault import FAILED, REFUSED, code_of, told
from tidemill.interfaces.cli.figure import number
from tidemill.interfaces.cli.log import logged
from tidemill.interfaces.cli.street import Street, walked
from tidemill.loop.fingerprint import Code
from tidemill.loop.trigger import MANUAL
from tidemill.tell.words import sentence

DECLARED = frozenset({"data", "declaration", "expression", "source"})
"""Families of errors that a look at the declaration beside its sources may explain."""

SHOWN = 8
"""Findings that are shown; the rest by `tidemill explore`."""

ENDED = {"passed": 0, "refused": REFUSED}
GATE = {"verdict.refused": "failed", "verdict.undecided": "undecided"}
"""Decisions of a gate that are no pass."""


@click.command("run")
@click.argument("model", required=False)
@option.file
@option.environment
@option.as_json
@click.option("--cause", default=MANUAL, hidden=True, help="What asks for it, when it is no person.")
def command(*, model: str | None, file: str | None, env: str | None, as_json: bool, cause: str) -> int:
    """Runs the eight stages for MODEL, or for every model, now.

    Stages whose code, parameters and inputs are what they were are taken from an earlier run. A version that its gates
    let through begins its way into traffic; one that they refuse is named with its numbers, and the exit code is 3. A
    run that goes on elsewhere is waited for.
    """
    if cause != MANUAL:
        # A loop in the background of a shell ignores Ctrl-C, and so would its runs; theirs is how it stops them.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    with opened(file, env) as desk:
        checked = check(desk.found, sources(desk.found.folder), Code(desk.found.folder).of)
        if checked.examination.mistakes:
            screen.show(*declared.page(checked))
            return FAILED
        every = []
        for name in desk.models(model):
            ran, log = walked_down(desk, name, cause)
            every.append(ran)
            if not as_json:
                screen.show(*page(ran, str(log)))
        if as_json:
            screen.show_json(every)
        codes = [status(ran) for ran in every]
        return FAILED if FAILED in codes else max(codes)


def status(ran: Ran) -> int:
    """The exit code of one run."""
    return code_of(str(ran.run.error["code"])) if ran.run.error else ENDED.get(ran.run.state, FAILED)


def walked_down(desk: Desk, model: str, cause: str) -> tuple[Ran, Path]:
    """Runs one model, its stages on the screen; what it left, and the log."""
    street = Street([(step.stage, step.subject) for step in running.steps(desk.system, model)])
    with logged(desk.settings.home) as log, walked(street):
        ran = running.run(desk.settings, desk.found, model, street, cause)
        if ran.run.state == "passed" and street.has_begun:
            street(f"serve/{model}/done", 1, 1)  # what the loop does in no stage of its own
    return ran, log


def page(ran: Ran, log: str) -> Iterator[RenderableType]:
    """What came out, what speaks for and against it, what was noticed, and what to do next."""
    yield Text()
    yield from verdict(ran, log)
    if ran.evaluation is not None:
        yield screen.section("On held-out rows", behind.scores(ran.evaluation.scores))
    if ran.validation is not None and ran.validation.verdicts:
        yield screen.section("Gates", gates.table(ran.validation.verdicts))
    yield from noticed(ran)
    for word, given in ran.not_active:
        yield Text(sentence("run.not-active", {"word": word, "given": given}), style="quiet")
    yield screen.next_commands(following(ran))


def verdict(ran: Ran, log: str) -> Iterator[RenderableType]:
    """In one sentence how it ended; of a failure the way out."""
    run = ran.run
    if run.error:
        words = told(str(run.error["code"]), run.error)
        where = f"{run.error.get('stage', '')} {run.error.get('subject', '')}".strip()
        yield Text.assemble(("✗ ", "bad"), (f"{run.model} failed: {words.sentence}", "name"))
        said = [
            ("in", where),
            ("where", words.where),
            ("do", words.way_out),
            ("code", words.code),
            ("log", log),
            ("run", run.id),
        ]
        yield screen.inside(screen.pairs((name, text) for name, text in said if text))
        return
    own = [event for event in ran.decided if event.fields.get("run") == run.id or event.at_us >= (run.ended_us or 0)]
    for place, event in enumerate(own):
        line = sentence(event.code, event.fields)
        sign, style = screen.SIGNS[GATE.get(event.code, "passed")]
        yield screen.inside(Text(line)) if place else Text.assemble((f"{sign} ", style), (line, "name"))


def noticed(ran: Ran) -> Iterator[RenderableType]:
    """The findings that weigh most, unasked."""
    found = [finding for finding in ran.findings if finding.importance >= gates.LOOK]
    if found:
        yield screen.section("Noticed in the data", gates.findings(found[:SHOWN]))
    if len(found) > SHOWN:
        yield screen.inside(Text(f"and {number(len(found) - SHOWN)} more: tidemill explore", style="quiet"))


def following(ran: Ran) -> list[tuple[str, str]]:
    """Commands that make sense now."""
    name = ran.version.name if ran.version else ran.run.id[: behind.RUN_SHOWN]
    if ran.run.error:
        again = ("tidemill run", "again: stages that are done are not repeated")
        is_declared = str(ran.run.error["code"]).partition(".")[0] in DECLARED
        return [again, ("tidemill check", "what is declared beside what the sources have")] if is_declared else [again]
    why = (f"tidemill why {name}", "where it comes from, and each decision with its numbers")
    if ran.run.state == "refused":
        return [why, ("tidemill status", "who answers meanwhile")]
    return [("tidemill up", "the server and the loop"), why]
