"""`tidemill replay`: what static, retrained and gated models would have answered on past data."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, cast, get_args

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from tidemill.app.replay import Asked, replay_system
from tidemill.errors import RunError
from tidemill.interfaces.cli import option, screen, webpage
from tidemill.interfaces.cli.desk import Desk, opened
from tidemill.interfaces.cli.ending import ending
from tidemill.interfaces.cli.log import logged
from tidemill.interfaces.cli.replayed import page
from tidemill.interfaces.cli.span import span_of
from tidemill.interfaces.report.replay import replay_html
from tidemill.loop.replay.record import Period, Replayed


@click.command("replay")
@click.argument("model", required=False)
@click.option("-m", "--model", "only", metavar="MODEL", help="The same as MODEL.")
@click.option("--from", "since", metavar="DAY", help="From this day on, in the system's zone (else half of the asks).")
@click.option("--to", "until", metavar="DAY", help="Up to this day, all of it (else the last ask).")
@click.option(
    "--labels",
    type=click.Choice(["declared", "at-once"]),
    default="declared",
    show_default=True,
    help="When outcomes are known: as declared, or, as a hypothesis, at once.",
)
@click.option(
    "--period",
    type=click.Choice(["auto", *get_args(Period)]),
    default="auto",
    show_default=True,
    help="What figures are shown by; auto: as the rows allow.",
)
@webpage.option("Write the page there.")
@option.file
@option.environment
@option.as_json
def command(
    *,
    model: str | None,
    only: str | None,
    since: str | None,
    until: str | None,
    labels: str,
    period: str,
    html: Path | None,
    file: str | None,
    env: str | None,
    as_json: bool,
) -> None:
    """Runs the loop of MODEL, or of every model, over past data on a virtual clock.

    Three curves answer the same asks: the first version for ever (static), every trigger's version whatever its gates
    say (retrained), and the loop with its gates. Nothing that answers now is touched. `--labels at-once` is a
    hypothesis about when outcomes are known, and marked as one. DAY is 2026-03-01 or 2026-03-01T09:30. A page with
    every curve and turn is written into `.tidemill/runs`.
    """
    with opened(file, env) as desk, logged(desk.settings.home), ending("replay"):
        first, last = span_of(since, until, desk.zone)
        asked = Asked(
            model=desk.named(model or only) or "",
            since_us=first,
            until_us=last,
            labels=cast("Literal['declared', 'at-once']", labels),
            period=cast("Period | Literal['auto']", period),
        )
        found = watched(desk, asked)
        usual = desk.settings.home / "runs" / f"replay-{called(found)}.html"
        written = webpage.write(replay_html(found), html or usual)
        shown(found, written, as_json=as_json)


def shown(found: Sequence[Replayed], written: Path, *, as_json: bool) -> None:
    """On standard output. RunError `output-unwritten` where that takes no more: the page says the same."""
    try:
        if as_json:
            screen.show_json(found)
        else:
            screen.show(*(part for one in found for part in page(one)), Text())
            screen.show(Text.assemble(("✓ ", "good"), str(written)))
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries again as it ends
        raise RunError("output-unwritten", words=error.strerror or str(error), page=str(written)) from error


def watched(desk: Desk, asked: Asked) -> tuple[Replayed, ...]:
    """The replays, with how far they are on the screen."""
    with bar() as progress:
        task = progress.add_task("replay", total=1.0)

        def told(what: str, done: int, total: int) -> None:
            if what == "replay":
                progress.update(task, completed=done, total=max(total, 1))

        return replay_system(desk.settings, desk.found, asked, told)


def called(found: Sequence[Replayed]) -> str:
    """What the page is about: the model, or the system where there are several."""
    return found[0].model if len(found) == 1 else found[0].system


def bar() -> Progress:
    """How far the replay is, on standard error; gone when it is done."""
    parts = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    return Progress(*parts, console=screen.console(stderr=True), transient=True, redirect_stdout=False)
