"""`tidemill`: the table of commands, each loaded when it is called, and the one place where an error ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn

import click

from tidemill.errors import SettingsError, TidemillError


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One command: its module under tidemill.interfaces.cli, and the line that says it in the list of all."""

    module: str
    says: str


COMMANDS: dict[str, Door] = {
    "try": Door(module="first_look", says="the first look at any table, and a system file written from it"),
    "demo": Door(module="demo", says="the whole loop on a simulated shop, in three minutes"),
    "init": Door(module="init", says="a new project to change"),
    "check": Door(module="check", says="every mistake of a declaration at once, and what follows from it"),
    "explore": Door(module="explore", says="what a source or a file holds, and what is odd about it"),
    "run": Door(module="run", says="one pass of the eight stages; unchanged stages are reused"),
    "replay": Door(module="replay", says="the same loop over past data, on a virtual clock"),
    "datasets": Door(module="datasets", says="versions of the data"),
    "contract": Door(module="contract", says="what datasets promise, reviewed by people and kept by every run"),
    "features": Door(module="features", says="the feature catalog; verify: online against offline"),
    "status": Door(module="status", says="who answers, how well, what is wrong, what happened last"),
    "runs": Door(module="runs", says="the last runs and how they ended"),
    "models": Door(module="models", says="model versions with their figures"),
    "releases": Door(module="releases", says="each version's way into traffic"),
    "alerts": Door(module="alerts", says="what a person should know of"),
    "up": Door(module="up", says="the server and the loop in one process tree"),
    "serve": Door(module="serve", says="the server alone"),
    "loop": Door(module="loop", says="the loop alone"),
    "promote": Door(module="promote", says="a person makes a version champion"),
    "rollback": Door(module="rollback", says="a person takes a version out of traffic"),
    "pause": Door(module="pause", says="a person holds promotions and retraining"),
    "resume": Door(module="resume", says="and lets them go on"),
    "why": Door(module="why", says="where an answer comes from, or what made a stage run again"),
}
"""In the order in which a person meets them; the function in each module is `command`."""

PATIENT = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Environment of all that a command starts, unless it says otherwise.

OpenMP's threads wait asleep: spinning, they keep the core from the one that they wait for, once the machine is busy.
"""

SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


class Mill(click.Group):
    """Commands by name, loaded one at a time; what goes wrong is told in one way and becomes the exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        door = COMMANDS.get(cmd_name)
        if door is None:
            return None
        command: click.Command = import_module(f"tidemill.interfaces.cli.{door.module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            raise SettingsError("command-unknown", command=args[0], nearest=near[0] if near else "")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, door.says) for name, door in COMMANDS.items()])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - click's own signature
        **extra: Any,
    ) -> NoReturn:
        """Runs the command and leaves the process: 0 ok, 1 failed, 2 usage, 3 refused by a gate, 4 busy."""
        for name, value in PATIENT.items():
            os.environ.setdefault(name, value)
        given = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(given, "tidemill", complete_var, standalone_mode=False, **extra)
        except (click.Abort, click.ClickException, TidemillError) as error:
            from tidemill.interfaces.cli.fault import ended  # only now: words and JSON cost as much as click

            code = ended(error, as_json="--json" in given)
        sys.exit(code if isinstance(code, int) else 0)


@click.group(
    cls=Mill,
    context_settings=SETTINGS,
    invoke_without_command=True,
    epilog="tidemill COMMAND --help says more about each.",
)
@click.version_option(package_name="tidemill", message="tidemill %(version)s")
@click.pass_context
def mill(context: click.Context) -> None:
    """Declare an ML system in one Python file; run its whole closed loop.

    Exit codes: 0 all is well, 1 failed, 2 used wrongly, 3 refused by a gate, 4 busy.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
