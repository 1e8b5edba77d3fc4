"""`tidemill releases`: each version's way into traffic, and why it stands where it stands."""

from __future__ import annotations

import click
from rich.console import RenderableType

from tidemill.app.inspect import releases
from tidemill.facts.release import Release
from tidemill.interfaces.cli import option, screen
from tidemill.interfaces.cli.desk import opened
from tidemill.interfaces.cli.figure import when
from tidemill.interfaces.cli.grid import Grid


@click.command("releases")
@option.file
@option.environment
@option.model
@option.newest
@option.as_json
def command(*, file: str | None, env: str | None, model: str | None, newest: int, as_json: bool) -> None:
    """Lists the releases that moved last, newest first: state, share of traffic, since when, and why."""
    with opened(file, env) as desk:
        found = releases(desk.ledger, desk.system.name, model=desk.named(model), newest=newest)
        empty = ("Nothing was released yet.", "tidemill run")
        screen.listing(found, table(found, desk.zone), as_json=as_json, empty=empty)


def table(found: tuple[Release, ...], zone: str) -> RenderableType:
    """One line a release."""
    rows = Grid("version", "state", ">?share", "since", ".why", "?until", "?after")
    for one in found:
        rows.add(
            one.name,
            screen.mark(one.state),
            f"{one.share:.0%}" if one.share else "",
            when(one.step_since_us, zone),
            one.reason.replace("-", " "),
            when(one.deadline_us, zone) if one.deadline_us else "",
            f"{one.model}@{one.previous}" if one.previous is not None else "",
        )
    return rows
