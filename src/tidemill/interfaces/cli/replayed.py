"""How a replay looks: three curves side by side, drawn by period, and every turn with its verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from tidemill.interfaces.cli import screen
from tidemill.interfaces.cli.figure import counted, number, when
from tidemill.interfaces.cli.grid import Grid
from tidemill.interfaces.report import replay_verdict
from tidemill.interfaces.report.page import Verdict
from tidemill.interfaces.report.reason import because
from tidemill.loop.replay.record import CURVES, Replayed, Turn
from tidemill.spec.check import HIGHER_IS_BETTER

BLOCKS = "▁▂▃▄▅▆▇█"
GAP = "·"
WIDEST = 48
"""Periods that are drawn; longer curves are drawn at their newest."""
SIGNS = {"first": "passed", "promoted": "passed", "refused": "refused", "undecided": "undecided", "failed": "failed"}
STATES = {
    "ok": ("✓", "good"),
    "warn": ("▲", "unsure"),
    "bad": ("✗", "bad"),
    "run": ("◐", "live"),
    "none": ("·", "quiet"),
}
PARTS = {"pooled": "over all rows", "by-period": "mean by period", "in-blocks": "inside blocks of 1,000 rows"}


def page(found: Replayed) -> Iterator[RenderableType]:
    """One model's replay, top to bottom."""
    zone, period = found.zone, found.period
    span = f"{when(found.since_us, zone)} to {when(found.until_us, zone)}"
    yield screen.chapter(f"{found.model}, replayed {span}")
    yield said(replay_verdict.verdict(found))
    yield Text(summary(found))
    for metric in dict.fromkeys(figure.metric for figure in found.figures):
        yield screen.section(f"{metric} by {period}", drawn(found, metric))
    yield screen.section("Figures", totals(found))
    yield screen.section("Turns", turns(found.turns, zone))
    for name, count in found.truncated.items():
        yield screen.inside(Text(f"{number(count)} asks of {name} reach back before the first row.", style="quiet"))


def said(verdict: Verdict) -> RenderableType:
    """What came of it, with its sign; what it rests on stands back."""
    sign, style = STATES[verdict.state]
    return Text.assemble(
        (f"{sign} ", style), (verdict.sentence, "name"), (f" {verdict.why}" if verdict.why else "", "quiet")
    )


def summary(found: Replayed) -> str:
    """What the loop did, in one sentence."""
    became = Counter(turn.decision for turn in found.turns)
    let_in = became["first"] + became["promoted"]
    if not let_in:
        return f"Its gates let none of {counted(len(found.turns), 'version')} through: nothing would have answered."
    others = [f"{number(became[name])} {name}" for name in ("refused", "undecided", "failed") if became[name]]
    let = f"{counted(let_in, 'version')} {'was' if let_in == 1 else 'were'} let in"
    return f"{counted(len(found.turns), 'turn')}: {', '.join([let, *others])}."


def drawn(found: Replayed, metric: str) -> RenderableType:
    """The curves of one metric over the periods, on one scale."""
    periods = list(dict.fromkeys(figure.period for figure in found.figures))[-WIDEST:]
    told = {(one.curve, one.period): one.value for one in found.figures if one.metric == metric}
    known = [value for value in told.values() if value is not None]
    rows = Grid("", "", ">", ">", headless=True)
    for curve in CURVES:
        values = [told.get((curve, period)) for period in periods]
        first, last = ends(values)
        rows.add(curve, Text(line(values, known), style="live"), number(first), number(last))
    rows.add("", Text(f"{periods[0]} to {periods[-1]}" if periods else "", style="quiet"), "", "")
    return rows


def line(values: Sequence[float | None], known: Sequence[float]) -> str:
    """Block signs from the lowest known value to the highest; a dot where there is none."""
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    reach = (high - low) or 1.0
    top = len(BLOCKS) - 1
    return "".join(GAP if value is None else BLOCKS[round(top * (value - low) / reach)] for value in values)


def ends(values: Sequence[float | None]) -> tuple[float | None, float | None]:
    """The first and the last known value."""
    known = [value for value in values if value is not None]
    return (known[0], known[-1]) if known else (None, None)


def totals(found: Replayed) -> RenderableType:
    """Every total of every curve, and of what stands beside them; the best curve of each line stands out."""
    names = list(dict.fromkeys(score.against for score in found.totals))
    rows = Grid("metric", ".", *(f">{name}" if name in CURVES else f">?{name}" for name in names), ">?rows")
    for metric, part in dict.fromkeys((score.metric, score.part) for score in found.totals):
        values = {name: found.total(name, metric, part) for name in names}
        known = [value for name in CURVES if (value := values.get(name)) is not None]
        best = (max if metric in HIGHER_IS_BETTER else min)(known, key=abs, default=None)
        cells = [
            Text(number(value), style="good" if name in CURVES and value is not None and value == best else "")
            for name, value in values.items()
        ]
        answered = max((score.n for score in found.totals if (score.metric, score.part) == (metric, part)), default=0)
        rows.add(metric, Text(PARTS.get(part, part), style="quiet"), *cells, number(answered))
    return rows


def turns(found: Sequence[Turn], zone: str) -> RenderableType:
    """Why each version was trained, and what became of it."""
    rows = Grid("when", ".trigger", "decision", ".why")
    for turn in found:
        worst = next((one for one in turn.verdicts if one.outcome != "passed"), None)
        why = f"{worst.check}: {because(worst.reason, worst.fields)}" if worst else because(turn.reason, {})
        rows.add(when(turn.at_us, zone), turn.trigger, screen.mark(SIGNS[turn.decision], turn.decision), why)
    return rows
