"""`tidemill demo`: the story of a simulated shop, told in the terminal as it happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import monotonic

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.text import Text

from tidemill.app.demo.story import run_demo
from tidemill.app.demo.told import Chapter, Day, End, Gauge, Line, Record, Way
from tidemill.interfaces.cli import screen
from tidemill.interfaces.cli.figure import moment, number
from tidemill.interfaces.cli.grid import Grid
from tidemill.tell.words import sentence

FOLDER = "tidemill-demo"
ZONE = "Asia/Seoul"
ROUNDS_A_SECOND = 8
MARKS: Mapping[str, tuple[str, str]] = {
    "good": ("✓", "good"),
    "bad": ("✗", "bad"),
    "look": ("▲", "unsure"),
    "": ("·", "quiet"),
}
BAR = 24
SPARKS = "▁▂▃▄▅▆▇█"
SPARK_WIDTH = 24


@click.command("demo")
@click.option("--into", metavar="FOLDER", help=f"A new or empty folder for the demo's project (else ./{FOLDER}).")
def command(*, into: str | None) -> None:
    """Shows the whole loop on this machine in about three minutes, on a shop that is simulated.

    From nothing to a first model; served; watched; a mistake refused; customers change, a new version earns its place;
    one that fails live is taken out. The folder stays, to look around and to go on.
    """
    folder = Path(into) if into else vacant(Path(FOLDER))
    with told(Teller()) as teller:
        run_demo(folder, teller)
    screen.show(*teller.ending())


def vacant(folder: Path) -> Path:
    """The folder, or the first of that name with a number that is not there yet."""
    names = (folder if n == 1 else folder.with_name(f"{folder.name}-{n}") for n in count(1))
    return next(name for name in names if not name.exists() or not any(name.iterdir()))


class Teller:
    """Hears the demo's records: what stays is printed, what goes on is drawn below it until it is over."""

    def __init__(self) -> None:
        self.console: Console = screen.console()
        self.began = monotonic()
        self.chapters = 0
        self.way: Way | None = None
        self.day: Day | None = None
        self.end: End | None = None
        self.spinner = Spinner("dots", style="live")

    def __call__(self, record: Record) -> None:
        """Takes one record in."""
        match record:
            case Chapter():
                self.chapters += 1
                self.console.print(self.heading(record))
            case Line():
                self.console.print(line(record))
            case Way():
                self.way = record if record.stage else None
            case Day():
                self.day = record
            case End():
                self.end = record

    def heading(self, chapter: Chapter) -> RenderableType:
        """A chapter's title with its number, and how long the demo has taken so far."""
        seconds = int(monotonic() - self.began)
        title = f"{self.chapters}  {sentence(chapter.code, chapter.fields)}"
        return Group(Text(), Text.assemble((title, "name"), (f"   {seconds // 60}:{seconds % 60:02}", "quiet")))

    def __rich__(self) -> RenderableType:
        parts: list[RenderableType] = []
        if self.way is not None:
            parts.append(self.walking(self.way))
        if self.day is not None:
            parts += [Text(), *today(self.day)]
        return Group(*(Padding(part, (0, 0, 0, 3), expand=False) for part in parts)) if parts else self.spinner

    def walking(self, way: Way) -> RenderableType:
        """A bar for the run that goes on, with the stage that it is at."""
        row = Grid("", "", "", headless=True)
        bar = ProgressBar(total=way.total, completed=way.done, width=BAR, complete_style="live", finished_style="live")
        row.add(self.spinner, bar, Text(f"{way.stage} {way.subject}", style="live"))
        return row

    def ending(self) -> Iterator[RenderableType]:
        """What happened, with the shop's times, and where to look."""
        if self.end is None:
            return
        table = Grid("", "", ".", headless=True)
        for one in self.end.lines:
            table.add(when(one.at_us), mark(one.mark), Text(sentence(one.code, one.fields)))
        yield screen.section("What happened, by the shop's clock", table)
        yield screen.next_commands((place.what, sentence(place.code, {})) for place in self.end.places)


@contextmanager
def told(teller: Teller) -> Iterator[Teller]:
    """Draws what goes on while the block works, where there is a terminal to draw on."""
    if not teller.console.is_terminal:
        yield teller
        return
    with Live(teller, console=teller.console, refresh_per_second=ROUNDS_A_SECOND, transient=True):
        yield teller


def line(said: Line) -> RenderableType:
    """A line with its sign, and with the shop's time where it has one."""
    row = Grid("", "", ".", headless=True)
    row.add(when(said.at_us), mark(said.mark), Text(sentence(said.code, said.fields)))
    return Padding(row, (0, 0, 0, 3), expand=False)


def when(at_us: int | None) -> Text:
    """The day and minute of the shop."""
    return Text("" if at_us is None else f"{moment(at_us, ZONE):%d %b %H:%M}", style="quiet")


def mark(kind: str) -> Text:
    """Good, bad or worth a look, as a sign."""
    sign, style = MARKS[kind]
    return Text(sign, style=style)


def today(day: Day) -> Iterator[RenderableType]:
    """The shop now: the day, who answers, what sells, and the monitors beside their bounds."""
    bought = "" if day.bought is None else f", {day.bought:.0%} bought what they saw"
    p99 = "" if day.p99_ms is None else f", p99 {number(day.p99_ms, 0)} ms"
    yield Text.assemble(
        (f"{moment(day.at_us, ZONE):%A %d %B}", "name"), f"   {number(day.asked)} customers asked{bought}{p99}"
    )
    if day.arms:
        yield Text("   ").join(arm(name, share, first=not place) for place, (name, share) in enumerate(day.arms))
    table = Grid("", ">", "", headless=True)
    for gauge in day.gauges:
        style = "bad" if gauge.outcome == "failed" else ""
        table.add(Text(gauge.check, style="quiet"), Text(number(gauge.values[-1]), style=style), spark(gauge))
    yield table


def arm(name: str, share: float, *, first: bool) -> Text:
    """A version with its share of the customers, as a bar."""
    style = "good" if first else "unsure"
    return Text.assemble((f"{name} ", "name"), ("█" * max(round(share * BAR), 1), style), f" {share:.0%}")


def spark(gauge: Gauge) -> Text:
    """The last readings as a row of bars, on one scale with their bound."""
    values = gauge.values[-SPARK_WIDTH:]
    scale: Sequence[float] = (*values, *(() if gauge.bound is None else (gauge.bound,)), 0.0)
    low, high = min(scale), max(scale)
    places = [round((value - low) / (high - low or 1.0) * (len(SPARKS) - 1)) for value in values]
    return Text("".join(SPARKS[place] for place in places), style="bad" if gauge.outcome == "failed" else "live")
