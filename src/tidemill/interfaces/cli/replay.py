"""`tidemill replay`: what static, retrained and gated models would have answered on past data."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tidemill.app.replay import Asked, replay_system
from tidemill.interfaces.cli import option, screen
from tidemill.interfaces.cli.desk import opened
from tidemill.interfaces.cli.log import logged
from tidemill.interfaces.cli.replayed import page
from tidemill.interfaces.report.replay import replay_html
from tidemill.loop.replay.record import Period

DAY = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"])


@click.command("replay")
@click.argument("model", required=False)
@click.option("--from", "since", type=DAY, help="From this day on, in the system's zone (else the middle of the asks).")
@click.option("--to", "until", type=DAY, help="Up to this day (else the last ask).")
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
    help="What figures are shown by.",
)
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the page with the curves there.")
@option.file
@option.environment
@option.as_json
def command(
    *,
    model: str | None,
    since: datetime | None,
    until: datetime | None,
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
    hypothesis about when outcomes are known, and marked as one.
    """
    with opened(file, env) as desk, logged(desk.settings.home):
        asked = Asked(
            model=desk.named(model) or "",
            since_us=us_of(since, desk.zone),
            until_us=us_of(until, desk.zone),
            labels=cast("Literal['declared', 'at-once']", labels),
            period=cast("Period | Literal['auto']", period),
        )
        with bar() as progress:
            task = progress.add_task("replay", total=1.0)

            def told(what: str, done: int, total: int) -> None:
                if what == "replay":
                    progress.update(task, completed=done, total=max(total, 1))

            found = replay_system(desk.settings, desk.found, asked, told)
        if html is not None:
            html.write_text(replay_html(found), encoding="utf-8")
        if as_json:
            screen.show_json(found)
        else:
            screen.show(*(part for one in found for part in page(one)))


def us_of(day: datetime | None, zone: str) -> int | None:
    """That local time in microseconds UTC; None for none."""
    return None if day is None else round(day.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1_000_000)


def bar() -> Progress:
    """How far the replay is, on standard error; gone when it is done."""
    parts = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    return Progress(*parts, console=screen.console(stderr=True), transient=True, redirect_stdout=False)
