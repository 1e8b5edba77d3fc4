"""What `up` and `serve` share: where to listen, and what is said while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click
from rich.text import Text

from tidemill.app.context import open_home
from tidemill.interfaces import supervisor
from tidemill.interfaces.cli import screen
from tidemill.interfaces.cli.desk import Desk
from tidemill.interfaces.cli.grid import Grid
from tidemill.spec.declaration import Declaration
from tidemill.tell.words import sentence

F = TypeVar("F", bound=Callable[..., Any])


def options(command: F) -> F:
    """Where to listen, and with how many workers; else as tidemill.toml says."""
    command = click.option("--workers", type=click.IntRange(1), help="Processes that answer (else tidemill.toml's).")(
        command
    )
    command = click.option("--port", type=click.IntRange(0, 65535), help="0 takes a free one (else tidemill.toml's).")(
        command
    )
    return click.option("--host", metavar="HOST", help="The address to listen on (else tidemill.toml's).")(command)


def serve(
    desk: Desk,
    host: str | None,
    port: int | None,
    workers: int | None,
    *,
    others: Mapping[str, Sequence[str]],
) -> int:
    """Runs until it is told to stop; the exit code. ServeError `port-in-use`, `address-unusable`."""
    chosen = desk.settings
    plan = supervisor.Plan(
        home=open_home(chosen),
        system=desk.system.name,
        host=host or chosen.host,
        port=chosen.port if port is None else port,
        workers=workers or chosen.workers,
        clock=chosen.clock,
        online=chosen.online,
        others=others,
    )

    def say(code: str, fields: Mapping[str, object]) -> None:
        screen.show(Text(sentence(code, fields), style="name" if code == "event.serving" else ""))
        if code == "event.serving":
            screen.show(addresses(desk.system, str(fields["url"])))

    return supervisor.run(plan, say)


def addresses(system: Declaration, url: str) -> Grid:
    """What can be asked there."""
    rows = Grid("", "", ".", headless=True)
    for model in system.models:
        rows.add(Text("POST", style="quiet"), f"{url}/predict/{model.name}", Text("one row or many", style="quiet"))
    for endpoint in system.endpoints:
        said = f"the best {endpoint.top} by {endpoint.model}"
        rows.add(Text("POST", style="quiet"), f"{url}/{endpoint.name}", Text(said, style="quiet"))
    rows.add(Text("POST", style="quiet"), f"{url}/outcomes", Text("what became of an answer", style="quiet"))
    rows.add(Text("POST", style="quiet"), f"{url}/events/SOURCE", Text("rows as they happen", style="quiet"))
    return rows
