"""`tidemill promote`: a person makes a version champion."""

from __future__ import annotations

import click

from tidemill.app import control
from tidemill.interfaces.cli import hand, option
from tidemill.interfaces.cli.desk import opened


@click.command("promote")
@click.argument("version")
@hand.reason
@option.file
@option.environment
@option.as_json
def command(*, version: str, reason: str, file: str | None, env: str | None, as_json: bool) -> None:
    """Makes VERSION (ranker@7) champion now, whatever its evidence; a challenger that is live makes way.

    A version that its gates refused cannot be promoted.
    """
    with opened(file, env) as desk:
        decision = control.promote(hand.of(desk, reason), *hand.version(version, desk))
        hand.done(decision.code, decision.fields, as_json=as_json)
