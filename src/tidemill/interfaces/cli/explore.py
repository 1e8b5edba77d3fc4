"""`tidemill explore`: what a source or a file holds, and what is odd about it."""

from __future__ import annotations

from difflib import get_close_matches
from glob import has_magic
from pathlib import Path

import click
from rich.text import Text

from tidemill.app.check import check_source
from tidemill.app.context import sources
from tidemill.app.dataset import named
from tidemill.app.explore import Wanted, of_rows, of_source
from tidemill.app.outside import Place
from tidemill.errors import SettingsError
from tidemill.facts.data import Profile
from tidemill.interfaces.cli import declared, option, screen, webpage
from tidemill.interfaces.cli.desk import Desk, opened
from tidemill.interfaces.cli.fault import FAILED
from tidemill.interfaces.cli.log import logged
from tidemill.interfaces.cli.waiting import waiting
from tidemill.interfaces.report.explore import explore_html
from tidemill.interfaces.report.explore_text import explore_terminal
from tidemill.spec.source import Source


@click.command("explore")
@click.argument("what", metavar="SOURCE_FILE_OR_URL")
@click.option("--table", metavar="NAME", default="", help="Of a database: the table or view.")
@click.option("--query", metavar="SQL", default="", help="Of a database: a SELECT instead of a table.")
@click.option("--time", metavar="COLUMN", default="", help="The column of time, or an order as whole numbers.")
@click.option("--label", metavar="COLUMN", default="", help="The column to predict: which others know too much of it.")
@option.positive
@option.zone
@webpage.option("Write the page with every column there.")
@option.file
@option.environment
@option.as_json
def command(
    *, what: str, html: Path | None, zone: str, file: str | None, env: str | None, as_json: bool, **said: str | None
) -> int:
    """Looks at a source of the system, or at rows that need none: files, or a database by its URL.

    Files are CSV, JSONL or Parquet, also compressed: one, a folder, or a pattern in quotes. A URL
    (postgresql://user@host/shop, sqlite:///shop.db) is looked at by --table or --query.

    Quality, distributions, outliers with their rows, duplicates, changes of unit, what changed since the version
    before, how columns go with the label and which know too much of it; worded, the most important first. Rows of a
    source land as in a run, unless what is declared of it has a mistake; with a version (events@v12,
    events@2026-11-01) it looks at the rows of that one.
    """
    if is_outside(what):
        place = Place(what=what, table=said["table"] or "", query=said["query"] or "")
        demand_fitting(place)
        wanted = Wanted(
            place=place, time=said["time"] or "", label=said["label"] or "", positive=said["positive"], zone=zone
        )
        with waiting(f"looking at {place.name}") as progress:
            profile, time = of_rows(wanted, progress=progress)
        return show(profile, time, zone, html, as_json=as_json)
    given = [f"--{name}" for name, value in said.items() if value]
    if given:
        raise click.UsageError(f"{' and '.join(given)}: of files and databases; what a source is, the system says")
    with opened(file, env) as desk, logged(desk.settings.home):
        source = source_of(what.partition("@")[0], desk)
        version = named(what, desk.tables, desk.zone) if "@" in what else None
        checked = check_source(desk.found, source, sources(desk.found.folder)) if version is None else None
        if checked is not None and checked.examination.mistakes:
            screen.show(*declared.page(checked))
            return FAILED
        with waiting(f"looking at {what}") as progress:
            profile = of_source(desk.settings, desk.found, source, version, progress)
        return show(profile, source.time, desk.zone, html, as_json=as_json)


def is_outside(what: str) -> bool:
    """Whether no source is meant: a URL, a path that exists, a pattern, or a name with a suffix."""
    return "://" in what or Path(what).exists() or has_magic(what) or "." in Path(what).name or "/" in what


def demand_fitting(place: Place) -> None:
    """UsageError for a table of files, or a table and a query."""
    if place.table and place.query:
        raise click.UsageError("either --table or --query")
    if (place.table or place.query) and not place.is_database:
        raise click.UsageError("--table and --query are of a database's URL, as in sqlite:///shop.db")


def source_of(name: str, desk: Desk) -> Source:
    """The root source of that name. SettingsError `source-unknown`."""
    for source in desk.system.roots:
        if source.name == name:
            return source
    names = [source.name for source in desk.system.roots]
    near = get_close_matches(name, names, n=1)
    raise SettingsError("source-unknown", source=name, known=names, nearest=near[0] if near else "")


def show(profile: Profile, time: str, zone: str, html: Path | None, *, as_json: bool) -> int:
    """The profile in the terminal and, where wanted, as a page; the exit code."""
    if html is not None:
        webpage.write(explore_html(profile, time=time, zone=zone), html)
    if as_json:
        screen.show_json(profile)
        return 0
    screen.show(explore_terminal(profile, zone=zone))
    if html is None:
        screen.show(screen.next_commands([("--html page.html", "the same with every column in pictures")]))
    else:
        screen.show(Text(), Text.assemble(("✓ ", "good"), str(html)))
    return 0
