"""The numbers of a system file that only figures can tell: how far back, how often, what is held out, which floor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor, log10
from typing import TYPE_CHECKING

from tidemill.app.attempt.record import about
from tidemill.measure.backtest.course import rarer_rows
from tidemill.measure.compare import estimate
from tidemill.measure.estimate import Interval

if TYPE_CHECKING:
    from tidemill.app.attempt.figures import Figures

TESTED = 300
TESTED_RARER = 30
"""Rows, and rows of the rarer outcome, that the held-out part should have."""
LEAST, MOST = 0.1, 0.3
"""Shares that may be held out."""
VALID = 0.1
"""Share that a training function may look at while it learns."""
LEARNT = 1_000
"""Rows that a version should have, however short the window that was best."""
ROOM = 0.02
"""AUC that is left as room below the interval of what the newest rows show."""
ERROR_ROOM = 0.25
"""Share of an error that is left as room above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`history`: newest rows to learn from (None: all). `test`: share of them that is held out.

    `every`: new rows that start a retraining (None: only drift and the gap do). `floor`: what AUC must reach, or the
    error may be at most (None: the newest rows do not show more than a coin). `margin`: how much worse than the
    champion the loss may be. `newest`: what the newest rows show (None: nothing was measured).
    """

    history: int | None = None
    test: float = LEAST
    every: int | None = None
    floor: float | None = None
    margin: float = 0.005
    newest: Interval | None = None


def planned(figures: Figures, each: int, *, seed: int) -> Plan:
    """The plan; of every `each` rows of the table one was used."""
    way = figures.enough if figures.enough.every else figures.ways[0]
    rows = figures.course.rows * each
    window = None if way.window is None else max(about(way.window * each), LEARNT)
    history = None if window is None or window >= rows else window
    test = held_out(figures, history or rows)
    every = about(way.every * figures.block_rows * each) or None
    tested, validated = (round(share * (history or rows) / each) for share in (test, VALID))
    newest = of_newest(figures, way.window, tested, validated, seed=seed)
    plan = Plan(history=history, test=test, every=every, newest=newest)
    if figures.judge.metric != "mae":
        return replace(plan, floor=floored((newest.low or 0.0) - ROOM))
    error = newest.high or newest.value or 0.0
    return replace(plan, floor=raised((1 + ERROR_ROOM) * error), margin=raised(0.01 * error))


def of_newest(figures: Figures, window: int | None, tested: int, validated: int, *, seed: int) -> Interval:
    """What a model that learnt from the rows before the validated and the tested ones is worth on the latter."""
    blocks = len(figures.course.blocks)
    moment = max(blocks - ceil((tested + validated) / figures.block_rows), 0)
    said = figures.past.scores[window, moment][-tested:]
    return estimate(figures.judge.metric, figures.cooked.y[-len(said) :], said, seed=seed).interval()


def held_out(figures: Figures, rows: int) -> float:
    """The share to hold out, so that something can be told on it."""
    rate = 1.0
    if figures.judge.metric != "mae":
        newest = figures.cooked.y[figures.course.future]
        rate = max(rarer_rows(newest) / len(newest), 1e-6)
    wanted = max(TESTED / rows, TESTED_RARER / (rate * rows))
    return min(MOST, max(LEAST, ceil(20 * wanted) / 20))


def floored(value: float) -> float | None:
    """Rounded down to five hundredths; None below a half, which a coin reaches."""
    return None if value < 0.5 else floor(value * 20) / 20


def raised(value: float) -> float:
    """Rounded up to two digits."""
    if value <= 0:
        return 0.0
    step = 10.0 ** (floor(log10(value)) - 1)
    return float(f"{ceil(value / step) * step:.2g}")
