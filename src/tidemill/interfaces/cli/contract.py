"""`tidemill contract`: what datasets promise; written from good rows, then kept by being there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click
from rich.console import RenderableType
from rich.text import Text

from tidemill.app.contract import Drawn, Stand, drawn, stand, stands, write
from tidemill.facts.data import Kept
from tidemill.facts.ids import dataset_ref
from tidemill.interfaces.cli import option, screen
from tidemill.interfaces.cli.desk import Desk, opened
from tidemill.interfaces.cli.grid import Grid
from tidemill.loop.contract import guarded
from tidemill.measure.contract.judge import bound_text
from tidemill.spec.contract.record import Contract
from tidemill.spec.declaration import Declaration

OUTCOMES = {"kept": "passed", "broken": "failed", "unmeasured": "undecided"}


@click.command("contract")
@click.argument("dataset", required=False)
@click.option("--diff", is_flag=True, help="What the newest rows would change in the contract; nothing is written.")
@option.file
@option.environment
@option.as_json
def command(*, dataset: str | None, diff: bool, file: str | None, env: str | None, as_json: bool) -> None:
    """Writes what the rows of DATASET promise into contracts/DATASET.toml, for people to review and commit.

    The newest version has the say, or the one named (events@v3, events@2026-11-01). A contract that is there is never
    written again: it is shown, with how the newest rows kept it. Without DATASET all of them are shown.
    """
    with opened(file, env) as desk:
        if diff:
            names = [dataset] if dataset else [each.dataset for each in desk.system.contracts]
            changes = [drawn(name, readable(name, desk), desk.tables, desk.now_us()) for name in names]
            show(changes, (diff_page(change) for change in changes), as_json=as_json)
        elif dataset is None:
            found = stands(desk.system, desk.ledger)
            show(found, (page(one) for one in found), as_json=as_json)
        else:
            one = written_or_shown(dataset, desk)
            show(one, [page(one)], as_json=as_json)


def readable(name: str, desk: Desk) -> Declaration:
    """The system, whose contract of that dataset can be read. ContractError `file-unread`."""
    for source in desk.system.roots:
        if source.dataset == dataset_ref(name).dataset:
            guarded(desk.system, source)
    return desk.system


def written_or_shown(name: str, desk: Desk) -> Stand:
    """The contract as it stands, or written now."""
    dataset = dataset_ref(name).dataset
    system = readable(name, desk)
    for source in system.roots:
        if source.dataset == dataset and system.contract(dataset) is not None:
            return stand(source, system, desk.ledger)
    return write(name, system, desk.found.folder, desk.tables, desk.now_us())


def show(found: object, parts: Iterable[RenderableType], *, as_json: bool) -> None:
    """As JSON or as its page."""
    if as_json:
        screen.show_json(found)
    else:
        screen.show(*parts)


def page(one: Stand) -> RenderableType:
    """One dataset: its rules, and how they were kept."""
    if one.contract is None:
        said = Text.assemble("no contract: only `expect` is kept  ", (f"tidemill contract {one.dataset}", "command"))
        return screen.section(one.dataset, said)
    if one.contract.flaws:
        said = Text.assemble(f"{one.contract.file} cannot be read  ", ("tidemill check", "command"))
        return screen.section(one.dataset, said)
    kept = {rule.rule: rule for rule in one.report.rules} if one.report else {}
    head = list(heading(one))
    return screen.section(one.dataset, *head, rules(one.contract, kept))


def heading(one: Stand) -> Iterator[Text]:
    """Where it stands, and what was judged by it."""
    if one.written:
        yield Text.assemble(("✓ ", "good"), f"{one.written} is written from {one.version}. Read it and commit it.")
    elif one.contract is not None:
        judged = f"; {one.version} was judged by it" if one.version else "; no rows were judged by it yet"
        yield Text(f"{one.contract.file}, made from {one.contract.seen or 'no version'}{judged}", style="quiet")


def rules(contract: Contract, kept: dict[str, Kept]) -> Grid:
    """A line for each rule."""
    rows = Grid("rule", "promised", "else", "?newest rows", ">?measured", ">?rows")
    for rule in contract.rules:
        found = kept.get(rule.name)
        state = screen.mark(OUTCOMES[found.outcome], found.outcome) if found else Text("")
        value = "" if found is None or found.value is None else measured(found.value)
        broken = f"{found.rows:,}" if found and found.rows else ""
        rows.add(rule.name, Text(bound_text(rule), overflow="ellipsis"), rule.severity, state, value, broken)
    return rows


def measured(value: object) -> str:
    """What was measured, in few signs."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def diff_page(found: Drawn) -> RenderableType:
    """What would change."""
    if not found.moves:
        return screen.section(
            found.dataset, Text(f"{found.version} would change nothing in {found.file}", style="quiet")
        )
    rows = Grid("rule", "promised", "the rows of " + found.version, "else")
    for move in found.moves:
        rows.add(move.rule, said(move.before), said(move.after), move.breaks)
    return screen.section(found.dataset, rows)


def said(bound: str | None) -> Text:
    """A bound, or that there is none."""
    return Text("not promised", style="quiet") if bound is None else Text(bound)
