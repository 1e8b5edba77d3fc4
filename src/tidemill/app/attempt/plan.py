"""The numbers of a system file that only figures can tell: how far back, how often, what is held out, which floor."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10, sqrt
from typing import TYPE_CHECKING

from tidemill.app.attempt.record import about
from tidemill.measure.backtest.course import rarer_rows

if TYPE_CHECKING:
    from tidemill.app.attempt.figures import Figures

TESTED = 300
TESTED_RARER = 30
"""Rows, and rows of the rarer outcome, that the held-out part should have."""
LEAST, MOST = 0.1, 0.3
"""Shares that may be held out."""
LEARNT = 1_000
"""Rows that a version should have, however short the window that was best."""
SURE = 2.5
"""Standard errors between what is expected and what is asked for."""
ROOM = 0.03
"""AUC that is left as room below what was measured, and share of an error above it."""
ERROR_ROOM = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`history`: newest rows to learn from (None: all). `test`: share of them that is held out.

    `every`: new rows that start a retraining (None: only drift and the gap do). `floor`: what AUC must reach, or the
    error may be at most (None: nothing that so few rows could show). `margin`: how much worse than the champion the
    loss may be.
    """

    history: int | None = None
    test: float = LEAST
    every: int | None = None
    floor: float | None = None
    margin: float = 0.005


def planned(figures: Figures, each: int) -> Plan:
    """The plan; of every `each` rows of the table one was used."""
    way = figures.enough if figures.enough.every else figures.ways[0]
    rows = figures.course.rows * each
    window = None if way.window is None else max(about(way.window * each), LEARNT)
    history = None if window is None or window >= rows else window
    test = held_out(figures, history or rows)
    every = about(way.every * figures.block_rows * each) or None
    inside = figures.best.inside.value or 0.0
    if figures.judge.metric == "mae":
        high = figures.best.inside.interval().high or inside
        return Plan(
            history=history, test=test, every=every, floor=raised((1 + ERROR_ROOM) * high), margin=raised(0.01 * inside)
        )
    rarer = rarer_rows(figures.cooked.y[-round(test * (history or rows) / each) :]) * each
    shown = inside - ROOM - SURE * 0.5 / sqrt(max(rarer, 1))
    return Plan(history=history, test=test, every=every, floor=floored(shown))


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
