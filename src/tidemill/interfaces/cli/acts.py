"""A command whose first word may name an act, which is then another command: `tidemill datasets diff`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click


class Acting(click.Command):
    """Does what it says itself, unless the first word is the name of one of its `acts`."""

    def __init__(self, *args: Any, acts: Mapping[str, click.Command], **named: Any) -> None:
        super().__init__(*args, **named)
        self.acts = acts

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if args and args[0] in self.acts:
            return self.acts[args[0]].make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)
