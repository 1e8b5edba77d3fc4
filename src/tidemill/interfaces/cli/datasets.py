"""`tidemill datasets`: the newest version of every dataset, or the last versions of one."""

from __future__ import annotations

from difflib import get_close_matches

import click
from rich.console import RenderableType

from tidemill.app.inspect import DatasetState, datasets, history
from tidemill.errors import SettingsError
from tidemill.interfaces.cli import option, screen
from tidemill.interfaces.cli.desk import opened
from tidemill.interfaces.cli.figure import number, size, when
from tidemill.interfaces.cli.grid import Grid


@click.command("datasets")
@click.argument("dataset", required=False)
@option.file
@option.environment
@option.newest
@option.as_json
def command(*, dataset: str | None, file: str | None, env: str | None, newest: int, as_json: bool) -> None:
    """Lists the newest version of every dataset; of DATASET the last versions, newest first.

    Names that begin with an underscore are what the server logged: predictions and posted outcomes.
    """
    with opened(file, env) as desk:
        ledger, tables = desk.ledger, desk.tables
        if dataset is None:
            found = datasets(desk.system, ledger, tables)
        else:
            found = history(dataset, ledger, tables, newest=newest)
            known = tables.datasets()
            if not found and known:
                near = get_close_matches(dataset, known, n=1)
                raise SettingsError("dataset-unknown", dataset=dataset, known=known, nearest=near[0] if near else "")
        empty = ("Nothing has landed yet.", "tidemill run")
        screen.listing(found, table(found, desk.zone), as_json=as_json, empty=empty)


def table(found: tuple[DatasetState, ...], zone: str) -> RenderableType:
    """One line a version."""
    rows = Grid(
        "version", ">rows", "known until", ">?new", ">?put aside", ">?findings", "?landed", ">?columns", ">?size"
    )
    for one in found:
        version = one.version
        rows.add(
            version.name,
            number(version.rows),
            when(version.watermark_us, zone),
            number(version.new_rows),
            number(version.put_aside) if version.put_aside else "",
            str(one.findings) if one.findings else "",
            when(version.at_us, zone),
            str(len(version.columns)),
            size(sum(file.bytes for file in (*version.files, *version.rejected))),
        )
    return rows
