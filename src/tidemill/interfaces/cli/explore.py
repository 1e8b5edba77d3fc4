"""`tidemill explore`: what a source or a file holds, and what is odd about it."""

from __future__ import annotations

from difflib import get_close_matches
from glob import has_magic
from pathlib import Path

import click
from rich.text import Text

from tidemill.app.dataset import named
from tidemill.app.explore import of_files, of_source
from tidemill.errors import SettingsError
from tidemill.facts.data import Profile
from tidemill.interfaces.cli import option, screen
from tidemill.interfaces.cli.desk import Desk, opened
from tidemill.interfaces.cli.log import logged
from tidemill.interfaces.cli.waiting import waiting
from tidemill.interfaces.report.explore import explore_html
from tidemill.interfaces.report.explore_text import explore_terminal
from tidemill.spec.source import Source


@click.command("explore")
@click.argument("what", metavar="SOURCE_OR_FILE")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the page with every column there.")
@option.zone
@option.file
@option.environment
@option.as_json
def command(*, what: str, html: Path | None, zone: str, file: str | None, env: str | None, as_json: bool) -> None:
    """Looks at a source of the system, or at CSV or Parquet files that need no system.

    Quality, distributions, outliers with their rows, duplicates, jumps, drift against the version before, and columns
    that know too much about an outcome; worded, the most important first. Rows of a source land as in a run; with a
    version (events@v12, events@2026-11-01) it looks at the rows of that one.
    """
    if is_file(what):
        with waiting(f"looking at {what}") as progress:
            profile, time = of_files(Path(what), zone=zone, progress=progress)
        show(profile, time, zone, html, as_json=as_json)
        return
    with opened(file, env) as desk, logged(desk.settings.home):
        source = source_of(what.partition("@")[0], desk)
        version = named(what, desk.tables, desk.zone) if "@" in what else None
        with waiting(f"looking at {what}") as progress:
            profile = of_source(desk.settings, desk.found, source, version, progress)
        show(profile, source.time, desk.zone, html, as_json=as_json)


def is_file(what: str) -> bool:
    """Whether a path is meant: one that exists, a pattern, or a name with a suffix."""
    return Path(what).exists() or has_magic(what) or "." in Path(what).name or "/" in what


def source_of(name: str, desk: Desk) -> Source:
    """The root source of that name. SettingsError `source-unknown`."""
    for source in desk.system.roots:
        if source.name == name:
            return source
    names = [source.name for source in desk.system.roots]
    near = get_close_matches(name, names, n=1)
    raise SettingsError("source-unknown", source=name, known=names, nearest=near[0] if near else "")


def show(profile: Profile, time: str, zone: str, html: Path | None, *, as_json: bool) -> None:
    """The profile in the terminal and, where wanted, as a page."""
    if html is not None:
        html.write_text(explore_html(profile, time=time, zone=zone), encoding="utf-8")
    if as_json:
        screen.show_json(profile)
        return
    screen.show(explore_terminal(profile, zone=zone))
    if html is None:
        screen.show(screen.next_commands([("--html page.html", "the same with every column in pictures")]))
    else:
        screen.show(Text(), Text.assemble(("✓ ", "good"), str(html)))
