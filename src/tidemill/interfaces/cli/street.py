"""The stages of a run while it goes: waiting, running with how far it is, done, or taken from an earlier run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from rich.console import RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.text import Text

from tidemill.interfaces.cli import screen
from tidemill.interfaces.cli.figure import number, span
from tidemill.interfaces.cli.grid import Grid
from tidemill.loop.run import WAIT

BAR = 24
ROUNDS_A_SECOND = 8
SAYS_MUCH_S = 1.0
"""A rate over less time than that says little."""


@dataclass(slots=True, kw_only=True)
class Stretch:
    """One stage on one subject, as far as it was heard of. `state`: waiting, running, done, reused."""

    stage: str
    subject: str
    state: str = "waiting"
    began: float = 0.0
    took_s: float = 0.0
    what: str = ""
    done: int = 0
    total: int | None = None

    @property
    def so_far(self) -> str:
        """What is done of it by now, or who does it."""
        if self.stage == WAIT:
            return "another process runs it"
        if not self.what or not self.done:
            return ""
        return f"{number(self.done)} {self.what}{self.rate}"

    @property
    def rate(self) -> str:
        """How many rows a second are read, once that can be said."""
        seconds = self.took_s or monotonic() - self.began
        if self.stage != "extract" or seconds < SAYS_MUCH_S:
            return ""
        return f", {number(round(self.done / seconds))} a second"


class Street:
    """Hears a run's progress (`stage/subject/what`, see tidemill.loop.stage) and shows it.

    Steps that another process takes, whose run is waited for, are not shown. `changed`: hears of what began or ended.
    """

    def __init__(self, steps: Sequence[tuple[str, str]], changed: Callable[[Stretch], None] = lambda _: None) -> None:
        self.stretches = {step: Stretch(stage=step[0], subject=step[1]) for step in steps}
        self.spinner = Spinner("dots", style="live")
        self.changed = changed

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Takes one report in; what is about no stage is left."""
        stage, _, rest = what.partition("/")
        subject, _, word = rest.rpartition("/")
        if not subject:
            return
        if stage == WAIT:
            self.stretches = {step: one for step, one in self.stretches.items() if one.state != "waiting"}
        one = self.stretches.setdefault((stage, subject), Stretch(stage=stage, subject=subject))
        if word == "begun":
            one.state, one.began = "running", monotonic()
            self.changed(one)
        elif word in {"done", "reused"}:
            one.state, one.took_s = word, monotonic() - one.began if one.began else 0.0
            self.changed(one)
        else:
            one.what, one.done, one.total = word, done, total

    @property
    def has_begun(self) -> bool:
        """Whether this process has taken a step itself."""
        return any(one.state != "waiting" for (stage, _), one in self.stretches.items() if stage != WAIT)

    def __rich__(self) -> RenderableType:
        rows = Grid("", "stage", "of", ".", headless=True)
        for one in self.stretches.values():
            style = "quiet" if one.state in {"waiting", "reused"} else ""
            rows.add(self.sign(one), Text(one.stage, style=style), Text(one.subject, style=style), self.told(one))
        return rows

    def sign(self, one: Stretch) -> RenderableType:
        """The state as a sign; what runs turns."""
        if one.state == "running":
            return self.spinner
        sign, style = screen.SIGNS[one.state]
        return Text(sign, style=style)

    def told(self, one: Stretch) -> RenderableType:
        """How far it is, or how long it took."""
        if one.state == "running":
            seconds = span((monotonic() - one.began) * 1000)
            if one.total:
                return bar(one, seconds)
            said = one.so_far
            return Text(f"{said}, {seconds}" if said else seconds, style="live")
        return Text(outcome(one), style="quiet")


def bar(one: Stretch, seconds: str) -> RenderableType:
    """A bar with what it counts."""
    rows = Grid("", "", headless=True)
    line = ProgressBar(total=one.total, completed=one.done, width=BAR, complete_style="live", finished_style="live")
    rows.add(line, Text(f"{number(one.done)} of {number(one.total)} {one.what}, {seconds}", style="live"))
    return rows


def outcome(one: Stretch) -> str:
    """What to say of a stage in a line of its own."""
    if one.state == "reused":
        return "unchanged, taken from an earlier run"
    if one.state == "running":
        return one.so_far
    if one.state != "done":
        return ""
    took = span(one.took_s * 1000)
    return f"{one.so_far}, {took}" if one.rate else took


@contextmanager
def walked(street: Street) -> Iterator[Street]:
    """Shows the street on standard error while the block works: live in a terminal, else lines of what came of it."""
    console = screen.console(stderr=True)
    if console.is_terminal:
        with Live(
            street, console=console, refresh_per_second=ROUNDS_A_SECOND, redirect_stdout=False, redirect_stderr=False
        ):
            yield street
        return

    def line(one: Stretch) -> None:
        if one.state != "running" or one.stage == WAIT:
            console.print(Text(f"{screen.SIGNS[one.state][0]} {named(one)}  {outcome(one)}"))

    street.changed = line
    yield street


def named(one: Stretch) -> str:
    """The step in a line of its own."""
    return f"{one.stage} {one.subject}"
