"""Options that mean the same at every command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

file = click.option("-f", "--file", metavar="FILE", help="The system file (else tidemill.toml's, else system.py).")
environment = click.option("--env", metavar="NAME", help="The environment of tidemill.toml (else TIDEMILL_ENV).")
as_json = click.option("--json", "as_json", is_flag=True, help="Facts as JSON instead of a table.")
model = click.option("-m", "--model", metavar="MODEL", help="Only this model.")
newest = click.option(
    "-n", "--newest", type=click.IntRange(1), default=20, show_default=True, help="How many, newest first."
)
into = click.option(
    "--into", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", help="Where to (else a new folder)."
)
positive = click.option(
    "--positive", metavar="VALUE", help="The label's value that is the event (else the rarer of two)."
)
zone = click.option("--zone", default="UTC", show_default=True, help="The zone in which the file's times were written.")


def attempted(command: F) -> F:
    """What is known of a table: which column orders it, which one is predicted."""
    for add in (
        zone,
        positive,
        click.option("--label", required=True, metavar="COLUMN", help="The column to predict."),
        click.option(
            "--time", required=True, metavar="COLUMN", help="The column of time, or an order as whole numbers."
        ),
    ):
        command = add(command)
    return command
