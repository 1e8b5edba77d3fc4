"""`tidemill serve`: the server alone."""

from __future__ import annotations

import click

from tidemill.interfaces.cli import option, serving
from tidemill.interfaces.cli.desk import opened


@click.command("serve")
@option.file
@option.environment
@serving.options
def command(*, file: str | None, env: str | None, host: str | None, port: int | None, workers: int | None) -> int:
    """Serves the system's models without a loop, until SIGTERM or Ctrl-C; `tidemill up` runs both.

    The workers follow the routing policy in the ledger, whoever writes it.
    """
    with opened(file, env) as desk:
        return serving.serve(desk, host, port, workers, others={})
