"""Options that mean the same at every command."""

from __future__ import annotations

import click

file = click.option("-f", "--file", metavar="FILE", help="The system file (else tidemill.toml's, else system.py).")
environment = click.option("--env", metavar="NAME", help="The environment of tidemill.toml (else TIDEMILL_ENV).")
as_json = click.option("--json", "as_json", is_flag=True, help="Facts as JSON instead of a table.")
model = click.option("-m", "--model", metavar="MODEL", help="Only this model.")
newest = click.option(
    "-n", "--newest", type=click.IntRange(1), default=20, show_default=True, help="How many, newest first."
)
