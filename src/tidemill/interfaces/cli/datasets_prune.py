"""`tidemill datasets prune`: takes away what nothing needs: versions, training sets, files of a dead process."""

from __future__ import annotations

from collections.abc import Iterator

import click
from rich.console import RenderableType
from rich.text import Text

from tidemill.app.context import open_blobs
from tidemill.app.retention import Kept, Pruning, planned, pruned
from tidemill.app.settings import person
from tidemill.errors import SettingsError
from tidemill.interfaces.cli import option, screen
from tidemill.interfaces.cli.desk import opened
from tidemill.interfaces.cli.figure import counted, number, size
from tidemill.interfaces.cli.grid import Grid
from tidemill.spec.duration import duration_us
from tidemill.spec.flaw import UnreadInt


@click.command("prune")
@click.option("--keep", default="30d", show_default=True, metavar="TIME", help="How far back every version stays.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@option.file
@option.environment
@option.as_json
def command(*, keep: str, dry_run: bool, yes: bool, file: str | None, env: str | None, as_json: bool) -> None:
    """Removes dataset versions and training sets older than TIME that nothing needs, and files of a dead extraction.

    The newest version of a dataset stays, and what made a model version that answers, wants to, would again after a
    roll-back, or is younger than TIME; so does what a run under way began with. It says what goes and asks.
    """
    keep_us = duration_us(keep)
    if isinstance(keep_us, UnreadInt):
        raise SettingsError("keep-unread", text=keep)
    with opened(file, env) as desk:
        now_us = desk.now_us()
        kept = Kept(ledger=desk.ledger, tables=desk.tables, blobs=open_blobs(desk.settings))
        plan = planned(kept, keep_us=keep_us, now_us=now_us)
        if not as_json:
            screen.show(*page(plan))
        if not dry_run and (plan.versions or plan.waste.files):
            if not yes:
                click.confirm("Take them away?", abort=True, err=True)
            plan = pruned(kept, keep_us=keep_us, now_us=now_us, system=desk.system.name, who=person())
            if not as_json:
                screen.show(Text.assemble(("✓ ", "good"), f"{said(plan)} removed"))
        if as_json:
            screen.show_json(plan)


def page(plan: Pruning) -> Iterator[RenderableType]:
    """What goes and what stays, by dataset, and why older versions stay."""
    if not plan.versions and not plan.waste.files:
        yield Text("Nothing to take away: every version is young or needed.")
        return
    table = Grid("dataset", ">goes", "?.from, to", ">stays", "?.older ones stay for")
    for one in plan.datasets:
        reasons = dict.fromkeys(reason for _, reason in one.needed)
        names = [name.rpartition("@")[2] for name in (one.gone[:1] + one.gone[-1:])]
        table.add(
            one.dataset,
            number(len(one.gone)),
            ", ".join(dict.fromkeys(names)),
            number(one.stay),
            ", ".join("comparison" if reason == "explored" else reason for reason in reasons),
        )
    yield table
    yield Text(f"{said(plan)}", style="name")


def said(plan: Pruning) -> str:
    """`3 versions, 12 files, 4.0 MiB`."""
    files = f"{counted(plan.waste.files, 'file')}, {size(plan.waste.bytes)}"
    return f"{counted(plan.versions, 'version')}, {files}"
