"""Facts in a terminal: verdicts as a shape, a colour and a word; small histograms from block signs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tidemill.tell.draw.icon import State

BLOCKS = " ▁▂▃▄▅▆▇█"
SHAPES: dict[State, tuple[str, str]] = {
    "ok": ("●", "green"), "warn": ("▲", "yellow"), "bad": ("✖", "red"), "run": ("◐", "cyan"), "none": ("○", "dim"),
}  # fmt: skip
"""A state's sign and colour."""


def said(state: State, sentence: str, aside: str = "") -> RenderableType:
    """A sentence behind the sign of its state, what goes with it dimmed below."""
    shape, colour = SHAPES[state]
    lines = Table.grid(padding=(0, 1, 0, 0))
    lines.add_column(width=1)
    lines.add_column()
    lines.add_row(Text(shape, style=colour), Text(sentence))
    if aside:
        lines.add_row("", Text(aside, style="dim"))
    return lines


def head(title: str, lead: str) -> RenderableType:
    """The title with what it is about."""
    return Group(Text(title, style="bold"), Text(lead, style="dim"), Text())


def indented(parts: Sequence[RenderableType]) -> RenderableType:
    """The parts under each other, moved in."""
    return Padding(Group(*parts), (0, 0, 0, 2))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[int] = ()) -> Table:
    """A table without lines; columns at the places in `numbers` stand at the right."""
    made = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for place, name in enumerate(heads):
        made.add_column(
            name, justify="right" if place in numbers else "left", overflow="fold", no_wrap=place in numbers
        )
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def blocks(values: Sequence[float], width: int = 24, *, low: float = 0.0) -> str:
    """A histogram or a line of block signs; values are added up where they are more than the signs."""
    if not values:
        return ""
    per = -(-len(values) // width)
    summed = [sum(values[start : start + per]) for start in range(0, len(values), per)]
    reach = (max(summed) - low) or 1.0
    return "".join(BLOCKS[min(8, max(1 if value > low else 0, round(8 * (value - low) / reach)))] for value in summed)
