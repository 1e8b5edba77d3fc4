"""`tidemill init`: a new project, from a case or from a table of one's own."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import click
from rich.text import Text

from tidemill.app.init import cases, write_case
from tidemill.errors import SettingsError
from tidemill.interfaces.cli import option, screen

TABLE = "table"


class Cases(click.Group):
    """What a project may begin with."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands and not args[0].startswith("-"):
            near = get_close_matches(args[0], self.commands, n=1)
            known = list(cases())
            raise SettingsError("case-unknown", case=args[0], known=known, nearest=near[0] if near else "")
        return super().resolve_command(ctx, args)


@click.group("init", cls=Cases, no_args_is_help=True)
def command() -> None:
    """Writes a new project into a folder of its own: a system file, its settings, a README.

    Nothing that is there is written over.
    """


@command.command("shop")
@option.into
def shop(*, into: Path | None) -> None:
    """A recommender for an online shop, with a script that simulates the shop."""
    folder = into or Path("shop")
    report(write_case("shop", folder), folder, [("python make_database.py", "a simulated shop to begin with")])


@command.command(TABLE)
@click.argument("rows", metavar="FILE", type=click.Path(path_type=Path))
@option.attempted
@option.into
def table(*, rows: Path, time: str, label: str, positive: str | None, zone: str, into: Path | None) -> None:
    """A model of the table in FILE (CSV, JSONL or Parquet): what can be read from it is written, nothing is trained.

    `tidemill try` does the same and says, in a minute or two, what such a model is worth and how it ages.
    """
    from tidemill.app.attempt.record import Wanted
    from tidemill.app.begin import from_table
    from tidemill.interfaces.cli.waiting import waiting

    folder = into or Path(rows.stem)
    wanted = Wanted(file=rows, time=time, label=label, folder=folder, positive=positive, zone=zone)
    with waiting(f"looking at {rows}") as progress:
        paths = from_table(wanted, progress)
    report(paths, folder, [])


def report(paths: Iterable[Path], folder: Path, first: Iterable[tuple[str, str]]) -> None:
    """What was written, and what to do with it."""
    written = screen.pairs(("✓", Text(str(path), style="name")) for path in paths)
    commands = [
        *([(f"cd {folder}", "")] if folder != Path() else []),
        *first,
        ("tidemill check", "what follows from the declaration"),
        ("tidemill run", "one pass of the eight stages"),
        ("tidemill up", "the server and the loop"),
    ]
    screen.show(written, screen.next_commands(commands))
