"""`tidemill pause`: a person holds the loop."""

from __future__ import annotations

import click

from tidemill.app import control
from tidemill.app.settings import person
from tidemill.interfaces.cli import hand, option
from tidemill.interfaces.cli.desk import opened


@click.command("pause")
@click.argument("model", required=False)
@hand.reason
@option.file
@option.environment
@option.as_json
def command(*, model: str | None, reason: str, file: str | None, env: str | None, as_json: bool) -> None:
    """Holds promotions and retraining of MODEL, or of the whole system; harm still rolls back.

    Until `tidemill resume`. Serving, monitoring and roll-backs go on.
    """
    with opened(file, env) as desk:
        control.pause(hand.of(desk, reason), desk.named(model) or "")
        fields = {"model": model or desk.system.name, "who": person(), "reason": reason}
        hand.done("event.paused", fields, as_json=as_json)
