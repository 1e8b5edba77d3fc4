"""`tidemill rollback`: a person takes a version out of traffic."""

from __future__ import annotations

import click

from tidemill.app import control
from tidemill.interfaces.cli import hand, option
from tidemill.interfaces.cli.desk import opened


@click.command("rollback")
@click.argument("version", metavar="VERSION_OR_MODEL")
@hand.reason
@option.file
@option.environment
@option.as_json
def command(*, version: str, reason: str, file: str | None, env: str | None, as_json: bool) -> None:
    """Takes a version (ranker@7) out of traffic; of a model (ranker) its champion.

    Where it was champion, the version before it answers again. A challenger just leaves.
    """
    with opened(file, env) as desk:
        if "@" in version:
            model, ordinal = hand.version(version, desk)
            decision = control.roll_back(hand.of(desk, reason), model, ordinal)
        else:
            decision = control.roll_back(hand.of(desk, reason), str(desk.named(version)), None)
        hand.done(decision.code, decision.fields, as_json=as_json)
