"""How a replay looks in a terminal: the verdict, three curves with their figures, and every turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from tidemill.interfaces.cli import screen
from tidemill.interfaces.cli.figure import counted, number, when
from tidemill.interfaces.cli.grid import Grid
from tidemill.interfaces.report.page import Verdict
from tidemill.interfaces.report.replay import Row, row, to_know
from tidemill.interfaces.report.replay_course import points
from tidemill.interfaces.report.replay_turns import set_off, stood_by
from tidemill.interfaces.report.replay_verdict import LET_IN, main_metric, verdict
from tidemill.loop.replay.calendar import LEAST
from tidemill.loop.replay.record import CURVES, ROLLING, Replayed, Turn
from tidemill.tell.draw.icon import State
from tidemill.tell.words import sentence

BLOCKS = "▁▂▃▄▅▆▇█"
GAP = "·"
WIDEST = 40
"""Periods that are drawn; longer curves are drawn at their newest."""
NEWEST = 12
"""Turns that are listed; the page has all."""
SIGNS = {
    "first": "passed",
    "promoted": "passed",
    "refused": "refused",
    "undecided": "undecided",
    "untested": "waiting",
    "failed": "failed",
}
STATES: dict[State, tuple[str, str]] = {
    "ok": ("✓", "good"),
    "warn": ("▲", "unsure"),
    "bad": ("✗", "bad"),
    "run": ("◐", "live"),
    "none": ("·", "quiet"),
}


def page(found: Replayed) -> Iterator[RenderableType]:
    """One model's replay, top to bottom."""
    span = f"{when(found.since_us + 1, found.zone)} to {when(found.until_us, found.zone)}"
    yield screen.chapter(f"{found.model}, replayed {span}")
    yield from said(verdict(found))
    yield Text(f"   {summary(found)}", style="quiet")
    metric = main_metric(found)
    if found.figures:
        yield screen.section(f"{metric} by {found.period}", curves(found, metric))
    yield screen.section("Turns", turns(found.turns, found.zone))
    yield screen.section("To know", *(Text(sentence(one.code, one.fields), style="quiet") for one in to_know(found)))


def said(judged: Verdict) -> Iterator[RenderableType]:
    """What came of it, with its sign; what it rests on stands back."""
    sign, style = STATES[judged.state]
    lines = Grid("", ".", headless=True)
    lines.add(Text(sign, style=style), Text(judged.sentence, style="name"))
    if judged.why:
        lines.add("", judged.why)
    yield lines


def summary(found: Replayed) -> str:
    """What became of the versions: `21 versions: 8 let in, 3 refused, 10 undecided`."""
    became = Counter("let in" if turn.decision in LET_IN else turn.decision for turn in found.turns)
    counts = [f"{number(n)} {name}" for name, n in became.items()]
    return f"{counted(len(found.turns), 'version')}: {', '.join(counts)}" if counts else "no versions"


def curves(found: Replayed, metric: str) -> RenderableType:
    """A line per curve: how it went from period to period on one scale, and its figures."""
    told = [row(found, metric, curve) for curve in (*reversed(CURVES), ROLLING)]
    drawn = [sparkline(found, metric, curve) for curve in reversed(CURVES)]
    rows = Grid("", "?", f">by {found.period}", ">?all rows", ">?in blocks", ">better than static", ">answers")
    for one, line in zip(told, [*drawn, ""], strict=True):
        rows.add(*cells(one, line))
    periods = list(dict.fromkeys(one.period for one in found.figures))[-WIDEST:]
    rows.add("", Text(f"{periods[0]} to {periods[-1]}", style="quiet"), "", "", "", "", "")
    return rows


def cells(one: Row, line: str) -> tuple[RenderableType, ...]:
    """A curve as a line of the table."""
    gain = Text.assemble(one.gain, (f" {one.ci}" if one.ci else "", "quiet"))
    return one.name, Text(line, style="live"), one.by_period, one.pooled, one.in_blocks, gain, one.n


def sparkline(found: Replayed, metric: str, curve: str) -> str:
    """Block signs from the lowest value of all curves to the highest; a dot where there are too few answers."""
    known = [value for name in CURVES for value in steady(found, metric, name) if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    reach, top = (high - low) or 1.0, len(BLOCKS) - 1
    values = steady(found, metric, curve)[-WIDEST:]
    return "".join(GAP if value is None else BLOCKS[round(top * (value - low) / reach)] for value in values)


def steady(found: Replayed, metric: str, curve: str) -> list[float | None]:
    """The curve's values, None where they rest on too few answers."""
    return [one.value if one.n >= LEAST else None for one in points(found, metric, curve)]


def turns(found: Sequence[Turn], zone: str) -> RenderableType:
    """The newest turns: what set each off, what became of it, and by which check."""
    rows = Grid("when", ".set off by", "?version", "decision", ".why")
    if len(found) > NEWEST:
        rows.add("", Text(f"{number(len(found) - NEWEST)} earlier: the page has all", style="quiet"), "", "", "")
    for turn in found[-NEWEST:]:
        decision = screen.mark(SIGNS[turn.decision], turn.decision)
        rows.add(when(turn.at_us + 1, zone), set_off(turn), turn.version, decision, stood_by(turn))
    return rows
