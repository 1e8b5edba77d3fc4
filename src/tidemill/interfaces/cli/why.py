"""`tidemill why`: where an answer, a version, a run or a dataset comes from; or which part of a stage's key changed."""

from __future__ import annotations

from collections.abc import Iterable

import click
from rich.console import RenderableType

from tidemill.app import why
from tidemill.facts.run import STAGES
from tidemill.interfaces.cli import option, screen
from tidemill.interfaces.cli.behind import chain_page, stage_page
from tidemill.interfaces.cli.desk import Desk, opened


@click.command("why")
@click.argument("name")
@option.file
@option.environment
@option.as_json
def command(*, name: str, file: str | None, env: str | None, as_json: bool) -> None:
    """Shows what stands behind NAME, back to source rows and code, and each decision with its numbers.

    NAME is a prediction's id, a version or release (ranker@7), a model (its champion), a run (run_...), or a dataset
    version (events@v12, events@2026-11-01). Of a stage (extract, train, ...) it shows which part of its key changed, so
    that it ran again.
    """
    with opened(file, env) as desk:
        zone = desk.zone
        if name in STAGES:
            changes = why.of_stage(name, record_of(desk))
            show(changes, (stage_page(change, zone) for change in changes), as_json=as_json)
        else:
            chain = why.of(name, record_of(desk))
            show(chain, chain_page(chain, zone), as_json=as_json)


def record_of(desk: Desk) -> why.Record:
    """Where the questions go."""
    return why.Record(system=desk.system, ledger=desk.ledger, tables=desk.tables, journal=desk.journal)


def show(found: object, parts: Iterable[RenderableType], *, as_json: bool) -> None:
    """The answer as JSON or as its page."""
    if as_json:
        screen.show_json(found)
    else:
        screen.show(*parts)
