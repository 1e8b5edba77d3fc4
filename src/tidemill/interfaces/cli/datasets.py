"""`tidemill datasets`: the newest version of every dataset, or the last versions of one with what each brought."""

from __future__ import annotations

import click
from rich.console import RenderableType
from rich.text import Text

from tidemill.app.dataset import DatasetState, datasets, history, named
from tidemill.interfaces.cli import datasets_diff, datasets_prune, option, screen
from tidemill.interfaces.cli.acts import Acting
from tidemill.interfaces.cli.desk import opened
from tidemill.interfaces.cli.figure import number, size, when
from tidemill.interfaces.cli.grid import Grid
from tidemill.loop.difference import SchemaChange


@click.command(
    "datasets",
    cls=Acting,
    acts={"diff": datasets_diff.command, "prune": datasets_prune.command},
    epilog="tidemill datasets diff A B: what makes two versions differ. tidemill datasets prune: takes old ones away.",
)
@click.argument("dataset", required=False)
@option.file
@option.environment
@option.newest
@option.as_json
def command(*, dataset: str | None, file: str | None, env: str | None, newest: int, as_json: bool) -> None:
    """Lists the newest version of every dataset; of DATASET the last versions, newest first.

    DATASET may say from which version back: events@v12, or events@2026-11-01 for what was the newest on that day.
    Names that begin with an underscore are what the server logged: predictions and posted outcomes.
    """
    with opened(file, env) as desk:
        ledger, tables = desk.ledger, desk.tables
        found: tuple[DatasetState, ...] = ()
        if dataset is None:
            found = datasets(desk.system, ledger, tables)
        elif tables.datasets():
            found = history(named(dataset, tables, desk.zone), ledger, tables, newest=newest)
        empty = ("Nothing has landed yet.", "tidemill run")
        screen.listing(found, table(found, desk.zone), as_json=as_json, empty=empty)


def table(found: tuple[DatasetState, ...], zone: str) -> RenderableType:
    """One line a version: all its rows, those it brought, which of them correct or delete, and those put aside."""
    rows = Grid(
        "version", ">rows", "known until", ">?new", ">?corrected", ">?deleted", ">?put aside", "?.columns",
        ">?findings", ">?size", "?committed",
    )  # fmt: skip
    for one in found:
        version = one.version
        rows.add(
            version.name,
            number(version.rows),
            when(version.known_until_us, zone),
            number(version.new_rows),
            number(one.corrected) if one.corrected else "",
            number(one.deleted) if one.deleted else "",
            number(one.put_aside) if one.put_aside else "",
            schema(one.schema),
            str(one.findings) if one.findings else "",
            size(sum(file.bytes for file in (*version.files, *version.rejected))),
            when(version.at_us, zone),
        )
    return rows


def schema(changes: tuple[SchemaChange, ...]) -> Text:
    """`+ city`, `- town`, `amount: int to float`, joined by commas; nothing in the first version."""
    return Text(", ".join(changed(one) for one in changes))


def changed(change: SchemaChange) -> str:
    """One column."""
    if change.before is None:
        return f"+ {change.column} ({change.after})"
    return f"- {change.column}" if change.after is None else f"{change.column}: {change.before} to {change.after}"
