"""Shares of rows that moved farther than they ever did before: of nulls, below a quantile, on one value."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from tidemill.measure.arrays import Bools, Floats
from tidemill.measure.blocks import equal_blocks
from tidemill.measure.column import Column

ERRORS = 5.0
"""Standard errors from which on chance is no explanation, in tables of hundreds of columns either."""
WINDOWS, FEWEST = 20, 100
"""Stretches of the rows before that show how restless a share is, and the rows that each has at least."""
BEYOND = 1.5
"""How many times as far as the farthest of these stretches a share must have moved."""
LEVELS = (0.05, 0.5, 0.95)
LEAST = 0.05
"""A move of a share that matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A share that was `was` and is `share`, moved by `errors` standard errors of a share as restless as it was."""

    was: float
    share: float
    errors: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileShift:
    """The quantile at `level` that moved farthest: where it was and is, and how the share below where it was moved."""

    level: float
    was: float
    now: float
    below: Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class TopShift:
    """The most frequent value before and now (codes of text); of each its share before and its share now."""

    was: float
    now: float
    was_shares: tuple[float, float]
    now_shares: tuple[float, float]


def shift(before: Bools, after: Bools, least: float = LEAST) -> Shift | None:
    """How the share of true rows moved, in the order of landing; None where it stayed, or as it was wont to move.

    Restlessness is the mean chi-square of the stretches before against all of them (at least 1: chance alone); besides,
    no stretch may have come as far.
    """
    n, m = len(before), len(after)
    if min(n, m) < FEWEST:
        return None
    was, share = float(before.mean()), float(after.mean())
    if share == was or abs(share - was) < least:
        return None
    blocks = equal_blocks(n, min(WINDOWS, n // max(FEWEST, min(m, n // 3))))
    apart = np.array([float(before[block].mean()) - was for block in blocks])
    size = np.array([block.stop - block.start for block in blocks])
    both = (was * n + share * m) / (n + m)
    phi = max(1.0, float(np.mean(apart**2 * size / max(both * (1 - both), 1 / n)))) if len(blocks) > 1 else 1.0
    errors = (share - was) / sqrt(phi * both * (1 - both) * (1 / n + 1 / m))
    far = abs(share - was) > BEYOND * float(np.abs(apart).max())
    return Shift(was=was, share=share, errors=errors) if abs(errors) >= ERRORS and far else None


def quantile_shift(before: Column, after: Column) -> QuantileShift | None:
    """Of the 5 %, the middle and the 95 % quantile the one that moved farthest by what lies below it; numbers only."""
    then, now = _finite(before), _finite(after)
    if min(len(then), len(now)) < FEWEST:
        return None
    found = []
    for level in LEVELS:
        mark = float(np.quantile(then, level))
        moved = shift(then <= mark, now <= mark) or shift(then < mark, now < mark)
        if moved is not None:
            found.append(QuantileShift(level=level, was=mark, now=float(np.quantile(now, level)), below=moved))
    told = [one for one in found if one.now != one.was]
    return max(told, key=lambda one: abs(one.below.errors), default=None)


def top_shift(before: Column, after: Column) -> TopShift | None:
    """Another most frequent value than before, where one of the two shares moved; words, flags and numbers."""
    was, now = _top(before), _top(after)
    if was is None or now is None or was == now:
        return None
    shares = [(_is(before, value), _is(after, value)) for value in (was, now)]
    if all(shift(then, here) is None for then, here in shares):
        return None
    told = [(float(then.mean()), float(here.mean())) for then, here in shares]
    return TopShift(was=was, now=now, was_shares=told[0], now_shares=told[1])


def _finite(column: Column) -> Floats:
    numbers = column.numbers()
    return numbers[np.isfinite(numbers)]


def _top(column: Column) -> float | None:
    """The most frequent value; None where there is none, or no value that a twentieth of the rows has."""
    values, counts = np.unique(column.present(), return_counts=True)
    if not len(counts) or counts.max() < LEAST * column.rows:
        return None
    return float(values[counts.argmax()])


def _is(column: Column, value: float) -> Bools:
    same: Bools = ~column.null & (column.values == value)
    return same
