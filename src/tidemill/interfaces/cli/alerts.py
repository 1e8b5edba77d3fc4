"""`tidemill alerts`: what a person should know of, open ones by default."""

from __future__ import annotations

import click
from rich.console import RenderableType
from rich.text import Text

from tidemill.app.inspect import alerts
from tidemill.facts.signal import Alert
from tidemill.interfaces.cli import option, screen
from tidemill.interfaces.cli.desk import opened
from tidemill.interfaces.cli.figure import when
from tidemill.interfaces.cli.grid import Grid
from tidemill.tell.words import sentence, way_out


@click.command("alerts")
@option.file
@option.environment
@option.newest
@click.option("--all", "resolved", is_flag=True, help="Those that are over, too.")
@option.as_json
def command(*, file: str | None, env: str | None, newest: int, resolved: bool, as_json: bool) -> None:
    """Lists open alerts, newest first: how bad, since when, and what is the case."""
    with opened(file, env) as desk:
        state = None if resolved else "firing"
        found = alerts(desk.ledger, desk.system.name, state=state, newest=newest)
        empty = ("No alert." if resolved else "No open alert.", "tidemill status")
        screen.listing(found, table(found, desk.zone), as_json=as_json, empty=empty)


def table(found: tuple[Alert, ...], zone: str) -> RenderableType:
    """One line an alert."""
    rows = Grid("alert", "model", "since", ".what", "?last")
    for one in found:
        state = screen.mark("resolved") if one.state == "resolved" else screen.mark(one.severity)
        said = Text.assemble(sentence(one.code, one.fields), (f" {way_out(one.code, one.fields)}", "quiet"))
        rows.add(state, one.model, when(one.first_us, zone), said, when(one.last_us, zone))
    return rows
