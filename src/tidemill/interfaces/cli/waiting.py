"""A line that turns while something is read, on standard error; gone when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from tidemill.interfaces.cli import screen
from tidemill.interfaces.cli.figure import number
from tidemill.ports.context import Progress as Heard


class Count(ProgressColumn):
    """How many of how many."""

    def render(self, task: Task) -> Text:
        if not task.completed:
            return Text("")
        of = "" if task.total is None else f" of {number(task.total)}"
        return Text(f"{number(task.completed)}{of} {task.fields['what']}", style="quiet")


@contextmanager
def waiting(said: str) -> Iterator[Heard]:
    """Shows what is said, and how far it is, while the block works; what it gives hears of progress."""
    parts = (
        SpinnerColumn(style="live"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        Count(),
        TimeElapsedColumn(),
    )
    with Progress(*parts, console=screen.console(stderr=True), transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(said, total=None, what="")

        def heard(what: str, done: int, total: int | None) -> None:
            progress.update(task, completed=done, total=total, what=what.rpartition("/")[2])

        yield heard
