"""Opens the ports of an environment: what every command that does more than look needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tidemill.app.reviewed import demand_sources
from tidemill.app.settings import Settings, resolved
from tidemill.app.wiring import clock, make, online
from tidemill.errors import SettingsError
from tidemill.loop.fingerprint import Code
from tidemill.loop.mill import Mill
from tidemill.loop.pace import Pace
from tidemill.ports.context import Context
from tidemill.spec.source import Files, FilesQuery, SqlQuery, SqlTable, Table

if TYPE_CHECKING:
    from tidemill.app.find import Found
    from tidemill.ports.blobs import Blobs
    from tidemill.ports.context import Progress
    from tidemill.ports.flavor import Flavor
    from tidemill.ports.journal import Journal
    from tidemill.ports.ledger import Ledger
    from tidemill.ports.source import Reader
    from tidemill.ports.tables import Tables

FLAVORS = ("lightgbm", "sklearn", "constant")
IGNORED = "*\n"
NO_PATH = (":memory:", "file:")
"""Beginnings of what stands for a path in the URL of a SQLite database and is none."""
READERS = {SqlTable: "source.database", SqlQuery: "source.database", Files: "source.files", FilesQuery: "source.query"}

POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")
"""Schemes of URLs that have a reader of their own; any other driver is SQLAlchemy's."""


def silent(what: str, done: int, total: int | None) -> None:
    """Tells nobody."""


def open_home(settings: Settings) -> Path:
    """The home's folder, made with a .gitignore of its own. SettingsError `home-unwritable`."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        (settings.home / ".gitignore").write_text(IGNORED, encoding="utf-8")
    except OSError as error:
        raise SettingsError("home-unwritable", home=str(settings.home), words=error.strerror or str(error)) from error
    return settings.home


def open_ledger(settings: Settings) -> Ledger:
    """The ledger alone, for who only looks."""
    ledger: Ledger = make("ledger.sqlite", open_home(settings) / "ledger.db")
    return ledger


def open_tables(settings: Settings) -> Tables:
    """The dataset versions alone."""
    tables: Tables = make("tables.parquet", settings.home / "lake")
    return tables


def open_blobs(settings: Settings) -> Blobs:
    """Bundles and training sets alone."""
    blobs: Blobs = make("blobs.local", settings.home / "blobs")
    return blobs


def open_journal(settings: Settings) -> Journal:
    """What the server wrote, alone."""
    journal: Journal = make("journal.segments", settings.home / "journal")
    return journal


def open_context(settings: Settings, *, progress: Progress = silent) -> Context:
    """All ports of the environment. This process becomes the one writer of the online store."""
    home = open_home(settings)
    flavors: Mapping[str, Flavor] = {name: make(f"flavor.{name}") for name in FLAVORS}
    return Context(
        ledger=open_ledger(settings),
        blobs=open_blobs(settings),
        tables=open_tables(settings),
        online=online(home, resolved(settings.online)),
        journal=open_journal(settings),
        compute=make("compute.duckdb", spill=home / "tmp"),
        trainer=make("trainer.child", tuple(flavors.values())),
        flavors=flavors,
        search=make("search.midpoint"),
        target=make("target.process", home, settings.online, settings.clock),
        clock=clock(settings.clock),
        open_source=sources(settings.folder),
        progress=progress,
    )


def sources(folder: Path) -> Callable[[Table], Reader]:
    """Who opens the tables of a system in that folder. It raises SettingsError `reference-unset`, SourceError."""
    return partial(open_source, folder=folder)


def open_source(table: Table, folder: Path) -> Reader:
    """A reader of a declared table, as `placed`."""
    there = placed(table, folder)
    name = READERS[type(there)]
    if isinstance(there, SqlTable | SqlQuery) and there.url.partition("://")[0] in POSTGRES:
        name = "source.postgres"
    reader: Reader = make(name, there)
    return reader


def placed(table: Table, folder: Path) -> Table:
    """The table with every `${NAME}` read from the environment, and paths that are not absolute from the folder on."""
    if isinstance(table, Files):
        return replace(table, path=str(folder / resolved(table.path)))
    if isinstance(table, FilesQuery):
        files = tuple((name, replace(one, path=str(folder / resolved(one.path)))) for name, one in table.tables)
        return replace(table, tables=files)
    return replace(table, url=beside(resolved(table.url), folder))


def beside(url: str, folder: Path) -> str:
    """`sqlite:///shop.db` as `sqlite:////the/folder/shop.db`; other URLs as they are."""
    scheme, there, path = url.partition(":///")
    if not there or scheme.partition("+")[0] != "sqlite" or path.startswith(NO_PATH):
        return url
    return f"{scheme}:///{folder / path}"


def open_mill(settings: Settings, found: Found) -> Mill:
    """The system at the environment's pace. SettingsError `setting-unknown` for a pace that there is not.

    ContractError `of-no-source` for a contract that no source has.
    """
    demand_sources(found.declaration)
    return Mill(
        system=found.declaration,
        code=Code(found.folder, settings.home / "cache"),
        pace=pace(settings),
        automation=settings.automation,
    )


def pace(settings: Settings) -> Pace:
    """The default pace with the environment's changes; `scale` multiplies every length of the system's clock."""
    given = dict(settings.pace)
    made = Pace().scaled(given.pop("scale", 1.0))
    known = {name: getattr(made, name) for name in Pace.__slots__}
    for name, value in given.items():
        if name not in known:
            raise SettingsError("setting-unknown", setting=f"pace.{name}", nearest="")
        known[name] = type(known[name])(value)
    return Pace(**known)
