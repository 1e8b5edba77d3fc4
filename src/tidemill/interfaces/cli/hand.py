"""What the commands of a person's hand share: whom they are about, the reason, and what they say when it is done."""

from __future__ import annotations

from collections.abc import Mapping

import click
from rich.text import Text

from tidemill.app.control import Hand
from tidemill.errors import SettingsError
from tidemill.interfaces.cli import screen
from tidemill.interfaces.cli.desk import Desk
from tidemill.tell.words import sentence

reason = click.option("-r", "--reason", required=True, metavar="TEXT", help="Why; it is recorded with your name.")


def of(desk: Desk, why: str) -> Hand:
    """The act on this desk's system."""
    return Hand(settings=desk.settings, found=desk.found, why=why)


def version(text: str, desk: Desk) -> tuple[str, int]:
    """Model and number of `ranker@7`. SettingsError `version-unread`, `model-unknown`."""
    model, _, ordinal = text.partition("@")
    if not ordinal.isdigit():
        raise SettingsError("version-unread", text=text)
    return str(desk.named(model)), int(ordinal)


def done(code: str, fields: Mapping[str, object], *, as_json: bool) -> None:
    """Says what was done, as the diary has it."""
    if as_json:
        screen.show_json({"code": code, "fields": fields, "says": sentence(code, fields)})
    else:
        screen.show(Text.assemble(("✓ ", "good"), (sentence(code, fields), "name")))
