"""`tidemill models`: versions with their figures, what their gate said, and where they stand."""

from __future__ import annotations

import click
from rich.console import RenderableType
from rich.text import Text

from tidemill.app.inspect import VersionState, versions
from tidemill.interfaces.cli import option, screen
from tidemill.interfaces.cli.desk import opened
from tidemill.interfaces.cli.figure import figure, number, when
from tidemill.interfaces.cli.grid import Grid

SHOWN = 3
"""Figures of a version in one line."""


@click.command("models")
@option.file
@option.environment
@option.model
@option.newest
@option.as_json
def command(*, file: str | None, env: str | None, model: str | None, newest: int, as_json: bool) -> None:
    """Lists the last model versions, newest first, with their figures on held-out rows.

    A refit is the same recipe with every window moved to the present; it bears the figures of the version that was
    tested.
    """
    with opened(file, env) as desk:
        found = versions(desk.ledger, desk.system.name, model=desk.named(model), newest=newest)
        empty = ("No version yet.", "tidemill run")
        screen.listing(found, table(found, desk.zone), as_json=as_json, empty=empty)


def table(found: tuple[VersionState, ...], zone: str) -> RenderableType:
    """One line a version."""
    rows = Grid("version", "release", "gate", "?on held-out rows", "made", ">?trained on", "?until")
    for one in found:
        version = one.version
        name = Text.assemble(version.name, (f" refit of {version.tested}", "quiet") if version.tested else "")
        rows.add(
            name,
            screen.mark(one.release.state) if one.release else Text("not released", style="quiet"),
            screen.mark(one.validation.outcome) if one.validation else "",
            Text(
                "\n".join(
                    f"{score.metric} {figure(score.value, score.low, score.high)}" for score in one.scores[:SHOWN]
                )
            ),
            when(version.at_us, zone),
            number(version.train_rows),
            when(version.trained_until_us, zone),
        )
    return rows
