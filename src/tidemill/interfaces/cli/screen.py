"""How things look in a terminal: colours with a sign and a word beside them, tables that fit, JSON for machines."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO, cast

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text
from rich.theme import Theme

from tidemill.facts.codec import plain
from tidemill.interfaces.cli.beside import Beside
from tidemill.interfaces.cli.grid import Grid

THEME = Theme(
    {
        "good": "#17a398",
        "unsure": "#d18b00",
        "bad": "#e4572e bold",
        "live": "#3f8efc",
        "quiet": "bright_black",
        "name": "bold",
        "head": "bright_black",
        "command": "#3f8efc",
    }
)
"""States are told by a sign and a word; the colour only helps."""

SIGNS: Mapping[str, tuple[str, str]] = {
    "passed": ("✓", "good"),
    "failed": ("✗", "bad"),
    "refused": ("✗", "bad"),
    "undecided": ("▲", "unsure"),
    "interrupted": ("▲", "unsure"),
    "running": ("◐", "live"),
    "champion": ("●", "good"),
    "canary": ("◐", "live"),
    "shadow": ("◌", "live"),
    "validated": ("○", "live"),
    "rolled_back": ("↶", "bad"),
    "superseded": ("○", "quiet"),
    "firing": ("▲", "unsure"),
    "resolved": ("✓", "good"),
    "info": ("·", "quiet"),
    "warning": ("▲", "unsure"),
    "critical": ("✗", "bad"),
    "waiting": ("○", "quiet"),
    "reused": ("↺", "quiet"),
    "done": ("✓", "good"),
}
UNKNOWN = ("·", "quiet")
WIDTH_OF_A_PIPE = 120


class Screen(Console):
    """A console whose pipe may break like any file: nothing is decided here about how the process ends."""

    def on_broken_pipe(self) -> None:
        """Raises BrokenPipeError."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def console(*, stderr: bool = False) -> Console:
    """Standard output; or standard error, for progress, which may be gone. No terminal, no COLUMNS: 120 wide.

    Texts are shown to the letter: a `[x]` or `:x:` in a name or in an error's words is no markup.
    """
    stream = cast("TextIO", Beside(sys.stderr)) if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH_OF_A_PIPE
    return Screen(theme=THEME, highlight=False, markup=False, emoji=False, width=width, file=stream)


def show(*parts: RenderableType) -> None:
    """Writes the parts below one another."""
    console().print(Group(*parts))


def show_json(document: object) -> None:
    """Writes facts, or anything made of them, as JSON."""
    sys.stdout.write(json.dumps(plain(document), ensure_ascii=False, indent=2) + "\n")


def mark(state: str, said: str = "") -> Text:
    """A state's sign and word in its colour."""
    sign, style = SIGNS.get(state, UNKNOWN)
    return Text(f"{sign} {said or state.replace('_', ' ')}", style=style)


def section(title: str, *parts: RenderableType) -> RenderableType:
    """A titled block, set off by a line above and indented by two."""
    return Group(Text(), Text(title, style="name"), *(inside(part) for part in parts))


def inside(part: RenderableType) -> RenderableType:
    """The part, indented by two."""
    return Padding(part, (0, 0, 0, 2), expand=False)


def chapter(title: str) -> RenderableType:
    """A line across the screen with a title in it."""
    return Group(Text(), Rule(Text(title, style="name"), align="left", style="quiet"))


def pairs(said: Iterable[tuple[str, RenderableType]]) -> Grid:
    """Names and what they are, one pair a line."""
    table = Grid("", ".", headless=True)
    for name, value in said:
        table.add(Text(name, style="head"), value)
    return table


def listing(found: Sequence[object], table: RenderableType, *, as_json: bool, empty: tuple[str, str]) -> None:
    """A list as JSON or as its table; an empty one says so, and which command fills it."""
    if as_json:
        show_json(found)
    elif found:
        show(table)
    else:
        show(Text.assemble(empty[0], "  ", (empty[1], "command")))


def next_commands(commands: Iterable[tuple[str, str]]) -> RenderableType:
    """What a person may do next: command and what for."""
    table = Grid("", ".", headless=True)
    for command, why in commands:
        table.add(Text(command, style="command"), Text(why, style="quiet"))
    return section("Next", table)
