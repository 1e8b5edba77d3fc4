"""Tables fit: what may fold folds, what may be spared stays away, empty spared columns are left out."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tidemill.interfaces.cli import screen
from tidemill.interfaces.cli.grid import Grid

TEXT = "a rather long text that may take several lines"


def drawn(grid: Grid, width: int) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=width, theme=screen.THEME).print(grid)
    return [line.rstrip() for line in text.getvalue().splitlines()]


def grid() -> Grid:
    made = Grid("name", ">rows", ".what", "?since", ">?size", "?never")
    made.add("loans", "1,200", TEXT, "2026-11-25", "12 MiB", "")
    return made


def test_where_there_is_room_everything_stands_in_one_line() -> None:
    head, line = drawn(grid(), 120)
    assert head.split() == ["name", "rows", "what", "since", "size"]
    assert line.endswith("12 MiB")
    assert head.index("rows") + 4 == line.index("1,200") + 5


@pytest.mark.parametrize(("width", "shown"), [(52, {"since"}), (40, set())])
def test_the_last_columns_that_may_be_spared_go_first(width: int, shown: set[str]) -> None:
    lines = drawn(grid(), width)
    assert {"since", "size"} & set(lines[0].split()) == shown
    assert max(map(len, lines)) <= width
    assert set(TEXT.split()) <= set(" ".join(lines[1:]).split())


def test_without_a_head_only_lines_are_drawn() -> None:
    made = Grid("", ".", headless=True)
    made.add("id", "w0.1-8")
    assert drawn(made, 40) == ["id  w0.1-8"]
