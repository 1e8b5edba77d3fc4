"""Pictures of the first look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from tidemill.app.attempt.record import Attempt, Stretch
from tidemill.interfaces.report.attempt_words import NAMES, every_text, figure
from tidemill.interfaces.report.column import day
from tidemill.measure.estimate import Interval as Bounds
from tidemill.tell.draw import number
from tidemill.tell.draw.axis import Axis
from tidemill.tell.draw.bars import Bar, bars
from tidemill.tell.draw.forest import Interval, forest
from tidemill.tell.draw.frame import Bound, Told, Tone
from tidemill.tell.draw.lines import Line, lines

GUESS = Bound(value=0.5, text="guessing")
FRESH = Bound(value=0.0, text="as good as fresh", good=True, side="right")
STRONGEST = 10
"""Columns whose strength is shown."""
UNEVEN = 10
"""Times as long as usual a stretch may be before time is no good axis: most of it would be empty."""


def honesty(attempt: Attempt) -> str:
    """The recipe's figure asked in every way, and the rate alone."""
    told, way = attempt.honesty, attempt.ways[attempt.again]
    rows = []
    if told.with_leaks is not None:
        leaks = ", ".join(attempt.chosen.leaks)
        rows.append(interval("Random split, leaks left in", told.with_leaks, f"with {leaks}", "bad"))
    tone: Tone = "bad" if attempt.said[0].code == "finding.flattered" else "ink"
    rows.append(interval("Random split", told.random, "learns from the future too", tone))
    rows.append(interval("In time order, trained once", told.in_time, "older half, then newer half", "champ"))
    if way.every:
        rows.append(interval("In time order, trained again", way.pooled.interval(), every_text(attempt, way), "ok"))
    rate = "rate" if attempt.metric == "roc_auc" else "mean"
    rows.append(
        interval(
            f"No model, only the {rate} so far", told.rate_alone, f"of the last {number.count(told.rate_rows)}", "ink"
        )
    )
    title = Told(title=f"{NAMES[attempt.metric]} of the same recipe, asked in different ways")
    return forest(title, rows, x=Axis(name=NAMES[attempt.metric]), bound=guess(attempt)) + inside(attempt)


def inside(attempt: Attempt) -> str:
    """The same inside stretches of time, where no rate can be followed; nothing for errors, the same there."""
    if attempt.metric != "roc_auc":
        return ""
    never, way = attempt.ways[0], attempt.ways[attempt.again]
    rows = [
        interval(
            "Inside stretches, trained once",
            never.inside.interval(),
            "no rate of the day to follow",
            "champ",
            rows=False,
        ),
        interval("Inside stretches, trained again", way.inside.interval(), every_text(attempt, way), "ok", rows=False),
    ]
    title = Told(title="AUC inside stretches of time, mean over the stretches")
    return forest(title, rows, x=Axis(name="AUC inside stretches"), bound=GUESS)


def interval(name: str, bounds: Bounds, note: str, tone: Tone, *, rows: bool = True) -> Interval:
    """A row of a forest."""
    n = bounds.n if rows else None
    return Interval(name=name, value=bounds.value, low=bounds.low, high=bounds.high, n=n, note=note, tone=tone)


def guess(attempt: Attempt) -> Bound | None:
    """The AUC of a coin."""
    return GUESS if attempt.metric == "roc_auc" else None


def alone(attempt: Attempt) -> str:
    """How well each column alone orders the outcomes; beyond the bound it leaks."""
    told = [one for one in attempt.strengths if one.value is not None][:STRONGEST]
    if not told:
        return ""
    start = 0.5 if told[0].yes_no else 0.0
    rows = [
        Bar(
            name=one.column, value=max((one.value or 0.0) - start, 0.0), tone="bad" if one.suspect else "tide",
            text=f"{figure(one.value)}{' leaks' if one.suspect else ''}",
        )
        for one in told
    ]  # fmt: skip
    measure = "AUC" if told[0].yes_no else "rank correlation"
    title = Told(
        title=f"{measure} of each column alone, median inside stretches of time; it leaks from {told[0].bound} on"
    )
    return bars(title, rows, most=1.0 - start, bound=told[0].bound - start)


def over_time(attempt: Attempt, zone: tzinfo) -> str:
    """The metric in each stretch, of the model trained once and of those trained again."""
    x, axis = places(attempt, zone)
    never = Line(name="trained once", x=x, y=[one.never for one in attempt.stretches])
    again = Line(name=again_name(attempt), x=x, y=[one.again for one in attempt.stretches], tone="chall")
    metric = NAMES[attempt.metric]
    heads = ("from", "rows", "once", "again")
    rows = [
        (began(attempt, one, zone), number.count(one.rows), figure(one.never), figure(one.again))
        for one in attempt.stretches
    ]
    told = Told(title=f"{metric} in each stretch of time", heads=heads, rows=tuple(rows))
    bounds = [Bound(value=0.5, text="guessing")] if attempt.metric == "roc_auc" else []
    low = 0.0 if attempt.metric == "mae" else None
    return lines(told, [again, never], x=axis, y=Axis(name=metric, low=low), bounds=bounds)


def rates(attempt: Attempt, zone: tzinfo) -> str:
    """What happened, and what was said would happen."""
    x, axis = places(attempt, zone)
    made = [
        Line(name="actual", x=x, y=[one.actual for one in attempt.stretches], tone="ink"),
        Line(
            name=f"predicted, {again_name(attempt)}", x=x, y=[one.again_said for one in attempt.stretches], tone="chall"
        ),
        Line(name="predicted, trained once", x=x, y=[one.never_said for one in attempt.stretches], tone="champ"),
    ]
    event = attempt.target.kind == "event"
    show = number.share if event else number.amount
    heads = ("from", "actual", "once", "again")
    rows = [
        (began(attempt, one, zone), show(one.actual), show(one.never_said), show(one.again_said))
        for one in attempt.stretches
    ]
    told = Told(title="Predicted beside actual in each stretch of time", heads=heads, rows=tuple(rows))
    y = Axis(name="share that is yes", kind="share") if event else Axis(name=f"mean {attempt.target.column}")
    return lines(told, made, x=axis, y=y)


def aged(attempt: Attempt) -> str:
    """The loss of quality with age."""
    if len(attempt.ages) < 2:
        return ""
    bounds = [one.lost.interval() for one in attempt.ages]
    x = [one.blocks * attempt.block_rows for one in attempt.ages]
    line = Line(
        name="worse than fresh", x=x, y=[one.value for one in bounds], low=[one.low for one in bounds],
        high=[one.high for one in bounds], tone="bad",
    )  # fmt: skip
    metric = NAMES[attempt.metric]
    rows = [
        (number.count(at), figure(one.value), figure(one.low), figure(one.high))
        for at, one in zip(x, bounds, strict=True)
    ]
    told = Told(title=f"{metric} lost with age", heads=("rows old", "lost", "from", "to"), rows=tuple(rows))
    y = Axis(name=f"{metric} worse than a fresh model")
    return lines(told, [line], x=Axis(name="rows since it was trained", low=0.0), y=y, height=170, bounds=[FRESH])


def again_name(attempt: Attempt) -> str:
    """The way that stands beside the model trained once."""
    return f"trained {every_text(attempt, attempt.ways[attempt.again])}"


def places(attempt: Attempt, zone: tzinfo) -> tuple[Sequence[float], Axis]:
    """Where each stretch stands: in the middle of its time, or of its rows where rows come in an order or in spells."""
    stretches = attempt.stretches
    lengths = sorted(one.last_us - one.first_us for one in stretches)
    if attempt.timing.kind == "order" or lengths[-1] > UNEVEN * lengths[len(lengths) // 2]:
        x = [one.first_row + one.rows / 2 for one in stretches]
        name = f"row, in the order of {attempt.timing.column}"
        if attempt.timing.kind != "order":
            name += f", {day(stretches[0].first_us, zone)} to {day(stretches[-1].last_us, zone)}"
        return x, Axis(name=name, low=stretches[0].first_row, high=attempt.rows)
    x = [(one.first_us + one.last_us) / 2 for one in attempt.stretches]
    return x, Axis(name=attempt.timing.column, kind="time", zone=zone)


def began(attempt: Attempt, one: Stretch, zone: tzinfo) -> str:
    """When or where a stretch begins."""
    return number.count(one.first_row) if attempt.timing.kind == "order" else day(one.first_us, zone)
