"""What the trainings of an attempt give: honest beside flattering figures, ways to retrain, ageing, stretches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidemill.app.attempt.record import Honesty, Stretch
from tidemill.measure.backtest.age import Age, ages
from tidemill.measure.backtest.backtest import NEVER, Backtest, backtest
from tidemill.measure.backtest.course import Course, course, shuffled_halves
from tidemill.measure.backtest.ways import NUMBER, YES_NO, Judge, Way, best, by_block, enough, ways
from tidemill.measure.baseline import constant, rolling_rate
from tidemill.measure.compare import estimate

if TYPE_CHECKING:
    from tidemill.app.attempt.fitting import Recipe
    from tidemill.measure.arrays import Floats
    from tidemill.measure.estimate import Interval
    from tidemill.ports.context import Progress

ROLLING = 1_000
"""Outcomes whose rate stands beside the models."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figures:
    """All of them. `best`: the way with the least loss; `enough`: the cheapest that is about as good."""

    cooked: Recipe
    course: Course
    past: Backtest
    judge: Judge
    honesty: Honesty
    ways: tuple[Way, ...]
    best: Way
    enough: Way
    ages: tuple[Age, ...]

    @property
    def again(self) -> Way:
        """The way to retrain that stands beside never to: the one that is enough, else the one with the least loss."""
        return self.enough if self.enough.every else best(self.ways[1:] or self.ways)

    @property
    def block_rows(self) -> int:
        """Rows of a block, about."""
        return round((self.course.rows - self.course.first) / len(self.course.blocks))

    @property
    def trainings(self) -> int:
        """Models trained in all."""
        return len(self.past.scores) + (2 if self.honesty.with_leaks is None else 3)


def figured(cooked: Recipe, *, seed: int, progress: Progress) -> Figures:
    """Trains and measures. DataError `too-few-to-try`, `too-few-of-a-kind`; ModelError from the recipe."""
    yes_no = cooked.kind == "binary"
    judge = YES_NO if yes_no else NUMBER
    plan = course(cooked.y, yes_no=yes_no)
    total = len(plan.blocks) * len(plan.windows)
    past = backtest(plan, cooked.fit, lambda done, _: progress("trainings", done, total + 2))
    found = ways(past, cooked.y, judge, seed=seed)
    top = best(found)
    honesty = honest(cooked, past, judge, seed=seed)
    progress("trainings", total + 2, total + 2)
    return Figures(
        cooked=cooked,
        course=plan,
        past=past,
        judge=judge,
        honesty=honesty,
        ways=found,
        best=top,
        enough=enough(found, past, cooked.y, judge),
        ages=tuple(ages(past, cooked.y, judge.metric, top.window)),
    )


def honest(cooked: Recipe, past: Backtest, judge: Judge, *, seed: int) -> Honesty:
    """The four figures; the random split learns from as many rows as the one in time order."""
    y, plan = cooked.y, past.course
    learnt, asked = shuffled_halves(plan.rows, seed)

    def figure(outcome: Floats, answers: Floats) -> Interval:
        return estimate(judge.metric, outcome, answers, seed=seed).interval()

    rate_rows = min(ROLLING, plan.first)
    yes_no = cooked.kind == "binary"
    start = constant(y[: plan.first], yes_no=yes_no)
    times = cooked.asked_us
    alone = rolling_rate(y, times, times[plan.future], last=rate_rows, start=start)
    leaks = len(cooked.columns) > cooked.honest
    return Honesty(
        random=figure(y[asked], cooked.fit(learnt)(asked)),
        with_leaks=figure(y[asked], cooked.fit(learnt, leaks=True)(asked)) if leaks else None,
        in_time=figure(y[plan.future], past.answers(None, NEVER)),
        rate_alone=figure(y[plan.future], alone),
        rate_rows=rate_rows,
    )


def stretches(figures: Figures, each: int) -> Iterator[Stretch]:
    """Each block: what happened, and what a model trained once and those trained again said."""
    past, y, asked, way = figures.past, figures.cooked.y, figures.cooked.asked_us, figures.again
    never, again = past.answers(None, NEVER), past.answers(way.window, way.every)
    told = [by_block(figures.judge.metric, past, y, answers) for answers in (never, again)]
    first = past.course.first
    for place, block in enumerate(past.course.blocks):
        part = slice(block.start - first, block.stop - first)
        yield Stretch(
            first_row=block.start * each,
            rows=(block.stop - block.start) * each,
            first_us=int(asked[block.start]),
            last_us=int(asked[block.stop - 1]),
            actual=float(y[block].mean()),
            never_said=float(never[part].mean()),
            again_said=float(again[part].mean()),
            never=known(told[0][place]),
            again=known(told[1][place]),
        )


def known(value: float) -> float | None:
    """The value, None for NaN."""
    return None if value != value else float(value)  # noqa: PLR0124 - NaN is not itself.
