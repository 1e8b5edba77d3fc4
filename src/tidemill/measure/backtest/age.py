"""How a model ages: what it loses, on the same rows, to one that was just trained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tidemill.measure.arrays import Floats
from tidemill.measure.backtest.backtest import Backtest
from tidemill.measure.backtest.ways import FEWEST, mean
from tidemill.measure.estimate import Estimate
from tidemill.measure.score import score
from tidemill.spec.check import HIGHER_IS_BETTER, MetricName


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """Models so many blocks old: how much worse they are than fresh ones (above 0), over the blocks that had both."""

    blocks: int
    lost: Estimate


def ages(past: Backtest, outcome: Floats, metric: MetricName, window: int | None) -> Iterator[Age]:
    """From fresh (0, by definition nothing) to the oldest age that three blocks have seen."""
    blocks = range(len(past.course.blocks))
    sign = 1.0 if metric in HIGHER_IS_BETTER else -1.0
    for age in blocks:
        pairs = [(block - age, block) for block in blocks if block >= age]
        if len(pairs) < FEWEST:
            return
        fresh = figures(past, outcome, metric, window, [(block, block) for _, block in pairs])
        yield Age(blocks=age, lost=mean(sign * (fresh - figures(past, outcome, metric, window, pairs))))


def figures(
    past: Backtest, outcome: Floats, metric: MetricName, window: int | None, pairs: list[tuple[int, int]]
) -> Floats:
    """The metric of the model before each moment on each block, NaN where it means nothing."""
    found = []
    for moment, block in pairs:
        one = score(metric, outcome[past.course.blocks[block]], past.on_block(window, moment, block)).value
        found.append(np.nan if one is None else one)
    return np.array(found)
