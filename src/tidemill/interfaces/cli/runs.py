"""`tidemill runs`: the last passes of the pipeline, and how each of them ended."""

from __future__ import annotations

import click
from rich.console import RenderableType
from rich.text import Text

from tidemill.app.inspect import runs
from tidemill.facts.run import Run
from tidemill.interfaces.cli import option, screen
from tidemill.interfaces.cli.behind import RUN_SHOWN
from tidemill.interfaces.cli.desk import opened
from tidemill.interfaces.cli.figure import span, when
from tidemill.interfaces.cli.grid import Grid
from tidemill.tell.words import sentence


@click.command("runs")
@option.file
@option.environment
@option.model
@option.newest
@option.as_json
def command(*, file: str | None, env: str | None, model: str | None, newest: int, as_json: bool) -> None:
    """Lists the last runs, newest first: what started each, how it ended, which version came out."""
    with opened(file, env) as desk:
        found = runs(desk.ledger, desk.system.name, model=desk.named(model), newest=newest)
        screen.listing(found, table(found, desk.zone), as_json=as_json, empty=("No run yet.", "tidemill run"))


def table(found: tuple[Run, ...], zone: str) -> RenderableType:
    """One line a run."""
    rows = Grid("began", "state", "run", ".cause", "?version", ".?error", ">?took")
    for run in found:
        rows.add(
            when(run.at_us, zone),
            screen.mark(run.state),
            Text(run.id[:RUN_SHOWN], style="quiet"),
            run.cause,
            run.version or "",
            sentence(run.error["code"], run.error) if run.error.get("code") else "",
            span((run.ended_us - run.at_us) / 1000) if run.ended_us else "",
        )
    return rows
