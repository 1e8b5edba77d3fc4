"""`tidemill loop`: turns the loop until it is stopped, and says what each turn did."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from threading import Event

import click
from rich.text import Text

from tidemill.app.turn import turn_until
from tidemill.interfaces.cli import option, screen
from tidemill.interfaces.cli.desk import opened
from tidemill.interfaces.cli.figure import when
from tidemill.interfaces.cli.log import logged
from tidemill.loop.tick import Turn
from tidemill.tell.words import sentence

EVERY_S = 2.0
STEP = "step "


@click.command("loop")
@option.file
@option.environment
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    default=EVERY_S,
    show_default=True,
    help="Seconds of the machine between two turns.",
)
@click.option("--parent", type=int, hidden=True, help="End when the process of this number is no longer the parent.")
def command(*, file: str | None, env: str | None, every: float, parent: int | None) -> None:
    """Turns the loop alone, until SIGTERM or Ctrl-C; `tidemill up` does it beside the server.

    A turn reads the sources, lands what the server logged, reads the monitors, moves releases as their numbers allow,
    starts runs that a trigger asks for, and sends alerts. Where another process turns the loop, this one stands by.
    """
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with opened(file, env) as desk, logged(desk.settings.home):
        teller = Teller()

        def told(turn: Turn) -> None:
            for line in teller.news(turn):
                screen.show(Text.assemble((f"{when(desk.now_us(), desk.zone)}  ", "quiet"), line))
            if parent is not None and os.getppid() != parent:
                stop.set()

        turn_until(stop, desk.settings, desk.found, every_s=every, told=told)


class Teller:
    """Says what happened, one line each. A quiet turn says nothing; what stays as it is is said once."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def news(self, turn: Turn) -> Iterator[Text]:
        """The lines that were not said before."""
        for version in turn.versions:
            yield Text(sentence("event.extracted", {"version": version.name, "rows": version.new_rows}))
        for firing in turn.fired:
            fields = {"model": firing.model, "trigger": firing.trigger, **firing.evidence}
            yield Text(sentence("event.triggered", fields))
        for run in turn.runs:
            yield Text.assemble(f"run of {run.model}: ", screen.mark(run.state), f"  {run.version or ''}")
        for decision in turn.decisions:
            if self._is_new(decision.subject, sentence(decision.code, decision.fields)):
                yield Text(self._said[decision.subject])
        for step in [step for step in self._said if step.startswith(STEP) and step[len(STEP) :] not in turn.troubles]:
            del self._said[step]
        for step, code in turn.troubles.items():
            if self._is_new(STEP + step, code):
                yield Text.assemble(("▲ ", "unsure"), f"{step}: {code}; the log has the details")

    def _is_new(self, subject: str, said: str) -> bool:
        if self._said.get(subject) == said:
            return False
        self._said[subject] = said
        return True
