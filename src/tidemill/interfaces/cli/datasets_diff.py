"""`tidemill datasets diff`: what makes two versions of a dataset differ."""

from __future__ import annotations

from collections.abc import Iterator

import click
from rich.console import RenderableType
from rich.text import Text

from tidemill.app.dataset import compared
from tidemill.app.wiring import make
from tidemill.interfaces.cli import gates, option, screen
from tidemill.interfaces.cli.desk import opened
from tidemill.interfaces.cli.figure import counted, number, when
from tidemill.interfaces.cli.grid import Grid
from tidemill.interfaces.cli.waiting import waiting
from tidemill.loop.difference import Difference

SHOWN = 8
"""Columns that are named, those changed in most rows first."""


@click.command("diff")
@click.argument("one", metavar="A")
@click.argument("other", metavar="[B]", required=False)
@option.file
@option.environment
@option.as_json
def command(*, one: str, other: str | None, file: str | None, env: str | None, as_json: bool) -> None:
    """Shows what changed between the dataset versions A and B: rows by key, columns, and values that moved.

    A and B are events@v12 or events@2026-11-01. Without B: from A to the newest; of a name alone, what came last.
    """
    with opened(file, env) as desk:
        with waiting(f"comparing versions of {one.partition('@')[0]}"):
            compute = make("compute.duckdb", spill=desk.settings.home / "tmp")
            found = compared(one, other, desk.system, desk.tables, compute)
        if as_json:
            screen.show_json(found)
        else:
            screen.show(*page(found, desk.zone))


def page(found: Difference, zone: str) -> Iterator[RenderableType]:
    """Both sides, then rows by key, columns, and what moved."""
    yield sides(found, zone)
    if found.before.name == found.after.name:
        yield Text("One and the same version.")
        return
    yield screen.section("Rows", rows(found))
    if found.schema:
        yield screen.section("Columns", columns(found))
    if found.findings:
        yield screen.section("What moved", gates.findings(found.findings))
    else:
        yield screen.section("What moved", Text("No column's values moved by more than chance does.", style="quiet"))


def sides(found: Difference, zone: str) -> RenderableType:
    """The two versions beside one another."""
    table = Grid("version", ">rows", ">put aside", "known until", "committed")
    for each in (found.before, found.after):
        table.add(
            Text(each.name, style="name"),
            number(each.rows),
            number(each.put_aside),
            when(each.watermark_us, zone),
            when(each.at_us, zone),
        )
    return table


def rows(found: Difference) -> RenderableType:
    """What landed, and what it did to the keys."""
    aside = f", {counted(found.put_aside, 'row')} put aside" if found.put_aside else ""
    lines: list[tuple[str, str]] = [("landed", f"{counted(found.landed, 'row')}{aside}")]
    if found.added is not None:
        key = ", ".join(found.key)
        lines += [
            ("added", f"{number(found.added)} by {key}"),
            ("changed", number(found.changed) + (f": {others(found)}" if found.columns else "")),
            ("deleted", number(found.deleted)),
        ]
    return screen.pairs((name, Text(said)) for name, said in lines)


def others(found: Difference) -> str:
    """The columns that are others in the changed rows, with how many."""
    named = list(found.columns.items())
    more = f" and {counted(len(named) - SHOWN, 'column')} more" if len(named) > SHOWN else ""
    return ", ".join(f"{name} in {number(count)}" for name, count in named[:SHOWN]) + more


def columns(found: Difference) -> RenderableType:
    """Columns that came, went or changed their type."""
    table = Grid("column", "before", "after")
    for one in found.schema:
        table.add(one.column, one.before or "not there", one.after or "not there")
    return table
