"""`tidemill status`: who answers, who wants to, how good it is, what is wrong, and what happened last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click
from rich.console import RenderableType
from rich.text import Text

from tidemill.app.inspect import ModelState, Status, status
from tidemill.facts.event import Event
from tidemill.facts.release import Release
from tidemill.facts.signal import Reading
from tidemill.interfaces.cli import alerts, datasets, option, screen
from tidemill.interfaces.cli.desk import opened
from tidemill.interfaces.cli.figure import figure, number, when
from tidemill.interfaces.cli.grid import Grid
from tidemill.tell.words import sentence


@click.command("status")
@option.file
@option.environment
@option.as_json
def command(*, file: str | None, env: str | None, as_json: bool) -> None:
    """Shows the system as it is now: models, monitors, data, open alerts, and the last lines of the diary."""
    with opened(file, env) as desk:
        found = status(desk.system, desk.ledger, desk.tables, now_us=desk.now_us())
        if as_json:
            screen.show_json(found)
        else:
            screen.show(*page(found, desk.zone))


def page(found: Status, zone: str) -> Iterator[RenderableType]:
    """All of it, what matters most first."""
    yield Text.assemble((found.system, "name"), (f"  {when(found.at_us, zone)} {zone}", "quiet"))
    yield screen.section("Models", models(found.models, zone))
    for model in found.models:
        for line in (model.refused, model.paused):
            if line is not None:
                yield screen.inside(screen.mark("undecided", sentence(line.code, line.fields)))
    for model in found.models:
        if model.readings:
            name = model.champion.name if model.champion else model.model
            yield screen.section(f"Monitors of {name}", monitors(model.readings, zone))
    if found.alerts:
        yield screen.section("Open alerts", alerts.table(found.alerts, zone))
    if found.datasets:
        yield screen.section("Data", datasets.table(found.datasets, zone))
    if found.events:
        yield screen.section("What happened last", diary(found.events, zone))
    if not any(model.champion for model in found.models):
        yield screen.next_commands([("tidemill run", "one pass of the eight stages: nobody answers yet")])


def models(found: Iterable[ModelState], zone: str) -> RenderableType:
    """One line a model."""
    rows = Grid("model", "answers", "?wants to", "last run", "?since", "?ended")
    for one in found:
        champion, challenger, run = one.champion, one.challenger, one.run
        rows.add(
            one.model,
            answering(one),
            wanting(challenger) if challenger else "",
            screen.mark(run.state) if run else Text("none", style="quiet"),
            when(champion.step_since_us, zone) if champion else "",
            when(run.ended_us, zone) if run and run.ended_us else "",
        )
    return rows


def answering(one: ModelState) -> Text:
    """The champion, or what answers in its place where it cannot be loaded."""
    name = one.champion.name if one.champion else ""
    if one.refused is not None:
        name = str(one.refused.fields.get("answers") or "")
    sign = "champion" if one.refused is None else "undecided"
    return screen.mark(sign, name) if name else Text("nobody", style="unsure")


def wanting(challenger: Release) -> Text:
    """The challenger with its share of traffic."""
    share = f", {challenger.share:.0%}" if challenger.state == "canary" else ", shadow"
    return screen.mark(challenger.state, challenger.name + share)


def monitors(found: Iterable[Reading], zone: str) -> RenderableType:
    """The newest reading of each monitor."""
    rows = Grid(".check", "value", ">bound", "verdict", ">answers", "?until")
    for one in found:
        value = figure(one.value, one.low, one.high)
        rows.add(
            one.monitor, value, number(one.bound), screen.mark(one.outcome), number(one.n), when(one.until_us, zone)
        )
    return rows


def diary(found: Iterable[Event], zone: str) -> RenderableType:
    """Lines of the diary in words; a person's name where a person did it."""
    rows = Grid("", ".", headless=True)
    for event in found:
        by = "" if event.by == "loop" else f"  {event.by}"
        said = Text.assemble(sentence(event.code, event.fields), (by, "quiet"))
        rows.add(Text(when(event.at_us, zone), style="quiet"), said)
    return rows
