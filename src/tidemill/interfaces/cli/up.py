"""`tidemill up`: the server and the loop in one process tree, stopped together and cleanly."""

from __future__ import annotations

import os
import sys

import click

from tidemill.interfaces.cli import option, serving
from tidemill.interfaces.cli.desk import Desk, opened


@click.command("up")
@option.file
@option.environment
@serving.options
def command(*, file: str | None, env: str | None, host: str | None, port: int | None, workers: int | None) -> int:
    """Serves the system's models and turns its loop, until SIGTERM or Ctrl-C.

    Whoever crashes is started again. A version that the loop promotes answers within a second, without a request lost.
    """
    with opened(file, env) as desk:
        return serving.serve(desk, host, port, workers, others={"loop": loop_of(desk)})


def loop_of(desk: Desk) -> tuple[str, ...]:
    """The command line of the loop beside the server."""
    return (
        sys.executable, "-m", "tidemill", "loop", "--file", str(desk.found.file), "--env", desk.settings.environment,
        "--parent", str(os.getpid()),
    )  # fmt: skip
