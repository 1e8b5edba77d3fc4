"""`tidemill resume`: a person lets the loop go on."""

from __future__ import annotations

import click

from tidemill.app import control
from tidemill.app.settings import person
from tidemill.interfaces.cli import hand, option
from tidemill.interfaces.cli.desk import opened


@click.command("resume")
@click.argument("model", required=False)
@hand.reason
@option.file
@option.environment
@option.as_json
def command(*, model: str | None, reason: str, file: str | None, env: str | None, as_json: bool) -> None:
    """Lets MODEL, or the whole system, go on after a pause, or after failed runs stopped retraining.

    What was due meanwhile is done at the next turn.
    """
    with opened(file, env) as desk:
        control.resume(hand.of(desk, reason), desk.named(model) or "")
        fields = {"model": model or desk.system.name, "who": person(), "reason": reason}
        hand.done("event.resumed", fields, as_json=as_json)
