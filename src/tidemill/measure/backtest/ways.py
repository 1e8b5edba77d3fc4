"""Ways to retrain, beside each other: from which rows, how often, what it is worth, and which is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from tidemill.measure.arrays import Floats
from tidemill.measure.backtest.backtest import NEVER, Backtest
from tidemill.measure.compare import estimate
from tidemill.measure.estimate import Estimate, unknown
from tidemill.measure.score import score
from tidemill.spec.check import HIGHER_IS_BETTER, MetricName

CADENCES = (1, 2, 4, 10)
"""Blocks between two trainings."""
FEWEST = 3
"""Blocks below which no error of a mean is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way: `window` rows (None: all) learnt from, trained again every so many blocks (0: never).

    `pooled`: the metric over all rows. `inside`: its mean over blocks, what is known beside the rate of the day.
    `gain`: how much better inside blocks than never to retrain. `loss`: the mean loss over blocks (log loss, mean
    absolute error), which ranking and rate both enter; `saved`: how much less than without retraining. Differences are
    paired by block, above 0 is better.
    """

    window: int | None
    every: int
    trainings: int
    pooled: Estimate
    inside: Estimate
    gain: Estimate
    loss: Estimate
    saved: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """By what ways are judged: the metric that a person reads, and the loss that decides."""

    metric: MetricName
    loss: MetricName


YES_NO = Judge(metric="roc_auc", loss="log_loss")
NUMBER = Judge(metric="mae", loss="mae")


def ways(past: Backtest, outcome: Floats, judge: Judge, *, seed: int) -> tuple[Way, ...]:
    """Never to retrain first, then each window with each cadence that there are blocks for."""
    blocks = len(past.course.blocks)
    never = past.answers(None, NEVER)
    plans: list[tuple[int | None, int]] = [(None, NEVER)]
    plans += [(window, every) for window in past.course.windows for every in CADENCES if every < max(blocks, 2)]
    return tuple(way(past, outcome, judge, plan, never, seed=seed) for plan in plans)


def way(
    past: Backtest, outcome: Floats, judge: Judge, plan: tuple[int | None, int], never: Floats, *, seed: int
) -> Way:
    """One way with its figures."""
    window, every = plan
    answers = past.answers(window, every)
    future = outcome[past.course.future]
    metric, loss = (by_block(name, past, outcome, answers) for name in (judge.metric, judge.loss))
    before, loss_before = (by_block(name, past, outcome, never) for name in (judge.metric, judge.loss))
    sign = 1.0 if judge.metric in HIGHER_IS_BETTER else -1.0
    blocks = len(past.course.blocks)
    return Way(
        window=window,
        every=every,
        trainings=1 if every == NEVER else -(-blocks // every),
        pooled=estimate(judge.metric, future, answers, seed=seed),
        inside=mean(metric),
        gain=mean(sign * (metric - before)),
        loss=mean(loss),
        saved=mean(loss_before - loss),
    )


def by_block(metric: MetricName, past: Backtest, outcome: Floats, answers: Floats) -> Floats:
    """The metric in each block, NaN where it means nothing there; `answers` are of all rows after the first."""
    first = past.course.first
    found = []
    for block in past.course.blocks:
        one = score(metric, outcome[block], answers[block.start - first : block.stop - first]).value
        found.append(np.nan if one is None else one)
    return np.array(found)


def mean(values: Floats) -> Estimate:
    """The mean of what is known with its error, by Student's t over the blocks; no error for fewer than 3."""
    known = values[~np.isnan(values)]
    n = len(known)
    if n == 0:
        return unknown("empty", 0)
    se = float(known.std(ddof=1)) / sqrt(n) if n >= FEWEST else None
    value, df = float(known.mean()), float(max(n - 1, 1))
    return Estimate(value=value, se=se, df=df, n=n, support=n, reason="too-few" if se is None else None)


def best(found: Sequence[Way]) -> Way:
    """The way with the least loss."""
    return min(found, key=lambda one: float("inf") if one.loss.value is None else one.loss.value)


def enough(found: Sequence[Way], past: Backtest, outcome: Floats, judge: Judge) -> Way:
    """The way with the fewest trainings whose loss is within one standard error of the best (Breiman and others 1984).

    Never to retrain where no way is shown to lose less (95 %).
    """
    never, top = found[0], best(found)
    low = top.saved.lower(0.95)
    if low is None or low <= 0:
        return never
    least = by_block(judge.loss, past, outcome, past.answers(top.window, top.every))

    def near(one: Way) -> bool:
        more = mean(by_block(judge.loss, past, outcome, past.answers(one.window, one.every)) - least)
        return one == top or (more.value is not None and more.se is not None and more.value <= more.se)

    return min((one for one in found if near(one)), key=lambda one: (one.trainings, one.loss.value or 0.0))
