"""Evidence from a canary's events that may be looked at after every one of them: which arm has too many, or too few?

Each event (an error, a conversion; one per entity) came from the challenger or the champion. If the challenger had
`share` of the exposures at that moment and its rate of events is `ratio` times the champion's, the event is the
challenger's with chance share ratio / (share ratio + 1 - share), however often events come. So the order of arms alone
tells the ratio, and rates that change with the day do not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log

import numpy as np

from tidemill.measure.arrays import Bools, Floats
from tidemill.measure.estimate import Interval

FACTORS = (1.05, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
"""How many times off the ratio may be; evidence is spread evenly over them, so that none has to be guessed."""
WIDEST = 1e4


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """An e-value: how many times over one's stake a bet against the assumption has won after these events.

    If the assumption holds, the chance of ever seeing 1 / alpha or more is at most alpha (Ville 1939): 20 is 5 %, 200
    is half a percent. `peak` is the largest that was seen on the way.
    """

    value: float
    peak: float
    events: int


def above(challenger: Bools, share: Floats, *, ratio: float = 1.0) -> Evidence:
    """Evidence against: the challenger's rate of events is at most `ratio` times the champion's; events in order."""
    return _evidence(_path(challenger, share, ratio, ratio * np.array(FACTORS)))


def below(challenger: Bools, share: Floats, *, ratio: float = 1.0) -> Evidence:
    """Evidence against: the challenger's rate of events is at least `ratio` times the champion's; events in order."""
    return _evidence(_path(challenger, share, ratio, ratio / np.array(FACTORS)))


def rate_ratio(challenger: Bools, share: Floats, *, confidence: float = 0.95) -> Interval:
    """The ratio of the arms' rates of events with bounds that hold at all looks together; None where there is none.

    The bounds are the ratios against which evidence stands at 2 / (1 - confidence) (a confidence sequence).
    """
    n, mine = len(challenger), int(challenger.sum())
    against = np.log(2.0 / (1.0 - confidence))
    factors = np.array(FACTORS)

    def too_low(ratio: float) -> bool:
        return n > 0 and float(_path(challenger, share, ratio, ratio * factors)[-1]) >= against

    def too_high(ratio: float) -> bool:
        return n > 0 and float(_path(challenger, share, ratio, ratio / factors)[-1]) >= against

    def expects_more(ratio: float) -> bool:
        return float(_chance(share, ratio).sum()) >= mine

    low = _border(lambda ratio: not too_low(ratio)) if too_low(1.0 / WIDEST) else None
    high = _border(too_high) if too_high(WIDEST) else None
    value = _border(expects_more) if 0 < mine < n else None
    return Interval(
        value=value,
        low=low,
        high=high,
        n=n,
        confidence=confidence,
        reason=None if low is not None and high is not None else "too-few",
    )


def _border(holds: Callable[[float], bool]) -> float:
    """The ratio from which on it holds, by halving on the log scale."""
    low, high = -log(WIDEST), log(WIDEST)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(exp(middle)) else (middle, high)
    return exp(high)


def _chance(share: Floats, ratio: float | Floats) -> Floats:
    chance: Floats = share * ratio / (share * ratio + 1.0 - share)
    return chance


def _path(challenger: Bools, share: Floats, ratio: float, others: Floats) -> Floats:
    """Log e-value after each event: the mean of the likelihood ratios of the other ratios to the assumed one.

    Under a ratio beyond the assumed one, on the far side of the others, each factor's mean is at most 1: the test holds
    for all of the one-sided assumption. (A mixture martingale, Robbins 1970.)
    """
    assumed = _chance(share, ratio)[:, None]
    other = _chance(share[:, None], others[None, :])
    won = np.where(challenger[:, None], np.log(other / assumed), np.log((1.0 - other) / (1.0 - assumed)))
    total = np.cumsum(won, axis=0)
    top = total.max(axis=1, keepdims=True)
    path: Floats = np.log(np.exp(total - top).mean(axis=1)) + top[:, 0]
    return path


def _evidence(path: Floats) -> Evidence:
    if not len(path):
        return Evidence(value=1.0, peak=1.0, events=0)
    most = 700.0
    return Evidence(
        value=float(np.exp(min(path[-1], most))), peak=float(np.exp(min(max(path.max(), 0.0), most))), events=len(path)
    )
