"""`tidemill init`: a new project, from a case or from a table of one's own."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import click
from rich.text import Text

from tidemill.app.init import cases, write_case
from tidemill.errors import SettingsError
from tidemill.interfaces.cli import screen


@click.command("init")
@click.argument("case")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="The folder (else one named for it).")
def command(*, case: str, into: Path | None) -> None:
    """Writes the project of CASE (shop) into a folder of its own: a system file, its settings, a README.

    Nothing that is there is written over.
    """
    if case not in cases():
        near = get_close_matches(case, cases(), n=1)
        raise SettingsError("case-unknown", case=case, known=cases(), nearest=near[0] if near else "")
    folder = into or Path(case)
    report(write_case(case, folder), folder, [("python make_database.py", "a simulated shop to begin with")])


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
