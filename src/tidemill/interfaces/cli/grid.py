"""A table that fits: long texts fold, and where that is not enough the least needed columns stay away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table

GAP = 2
FOLDED = 22
"""A column that may fold is thought to be content with so many letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`folds`: its texts may take several lines. `spared`: it stays away where the table would not fit."""

    name: str
    right: bool = False
    folds: bool = False
    spared: bool = False


class Grid:
    """Rows under names. In a name `>` before it means numbers (they stand right), `.` folds, `?` may be spared."""

    def __init__(self, *names: str, headless: bool = False) -> None:
        self.columns = [column(name) for name in names]
        self.headless = headless
        self.rows: list[list[RenderableType]] = []

    def add(self, *cells: RenderableType) -> None:
        """One line; a cell for each name."""
        self.rows.append(list(cells))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.table(self.chosen(console, options))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self.table(self.chosen(console, options)))

    def chosen(self, console: Console, options: ConsoleOptions) -> list[int]:
        """Places of the columns that are shown: all that are not empty, less the last spared ones until it fits."""
        widths = [self.width(place, console, options) for place in range(len(self.columns))]
        shown = [place for place, one in enumerate(self.columns) if not one.spared or self.said(place)]
        while sum(widths[place] + GAP for place in shown) - GAP > options.max_width:
            spared = [place for place in shown if self.columns[place].spared]
            if not spared:
                break
            shown.remove(spared[-1])
        return shown

    def said(self, place: int) -> bool:
        """Whether any line has something there."""
        return any(str(row[place]) for row in self.rows)

    def width(self, place: int, console: Console, options: ConsoleOptions) -> int:
        """Letters that the column wants."""
        one = self.columns[place]
        cells = [row[place] for row in self.rows] + ([] if self.headless else [one.name])
        wanted = max((Measurement.get(console, options, cell).maximum for cell in cells), default=0)
        return min(wanted, FOLDED) if one.folds else wanted

    def table(self, shown: Sequence[int]) -> Table:
        """The shown columns as rich's table."""
        table = Table(
            box=None, header_style="head", pad_edge=False, padding=(0, GAP, 0, 0), show_header=not self.headless
        )
        for place in shown:
            one = self.columns[place]
            table.add_column(
                one.name,
                justify="right" if one.right else "left",
                no_wrap=not one.folds,
                overflow="fold",
                min_width=min(FOLDED, 12) if one.folds and not self.headless else None,
            )
        for row in self.rows:
            table.add_row(*(row[place] for place in shown))
        return table


def column(name: str) -> Column:
    """A column from its name with its signs."""
    signs = name[: len(name) - len(name.lstrip(">.?"))]
    return Column(name=name.lstrip(">.?"), right=">" in signs, folds="." in signs, spared="?" in signs)
