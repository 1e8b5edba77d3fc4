"""Values that stand far from the rest of their column, and rows that pile up at one of its ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tidemill.measure.column import Column
from tidemill.measure.ruler import Ruler, ruler, width
from tidemill.measure.spread import Spread, of_values, spread

WORST = 5
FEWEST = 30
"""Rows below which nothing stands apart."""
FEWEST_VALUES = 10
"""Distinct values up to which a number is a code or a flag: none of its values stands apart."""
PILE_ROWS = 5
PILE_RATIO = 3.0
PILE_REACH = 2.5
NEIGHBOURS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """One row that stands apart: its place in the column, its value, and how many ranges it lies from the median."""

    row: int
    value: float
    distance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outliers:
    """Rows of a column outside `low` to `high`: how many on each side, and the worst five of each, the farthest first.

    The bounds are the median +- 5 interquartile ranges on the `raw` scale, or +- 4 on the `log` scale (sign-symmetric:
    asinh) of a skewed or heavy-tailed column. A side with 0.5 % of the rows and more beyond its bound counts none.
    `max_ratio`: the largest size over the 99.9 % quantile of sizes; above 10, one row rules every sum. A value that
    half of the rows share, and codes, are left out of all this; `n` rows are in.
    """

    low: float
    high: float
    scale: Literal["raw", "log"]
    below: int
    above: int
    worst: tuple[Worst, ...]
    max_ratio: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """The lowest or highest value, far from the rest, on which more rows stand than on the values beside it.

    A sentinel (999 for never), a sensor at its limit, a cap. `beside`: mean rows on each of the three nearest values.
    """

    end: Literal["lowest", "highest"]
    value: float
    rows: int
    beside: float
    distance: float
    first_row: int


def outliers(column: Column, ordered: Spread | None = None, codes: Sequence[float] = ()) -> Outliers | None:
    """The rows that stand apart; None where none does, or where the column is no amount (text, a flag, a code).

    `ordered`: the column's spread, where it is at hand. `codes`: values of the column that are no amounts.
    """
    judged = amounts(column, ordered)
    for code in codes:
        judged = judged.without(int(np.searchsorted(judged.values, code)))
    usual, none = judged.usual(), [*codes]
    if usual is not None:
        none.append(float(judged.values[usual]))
        judged = judged.without(usual)
    if judged.rows < FEWEST or len(judged.values) <= FEWEST_VALUES:
        return None
    rule = ruler(judged)
    low, high = rule.beyond(judged, -1), rule.beyond(judged, 1)
    if not (low or high):
        return None
    largest = max(abs(float(judged.values[0])), abs(float(judged.values[-1])))
    common = float(judged.sizes().quantiles((0.999,))[0])
    return Outliers(
        low=rule.bound(-1),
        high=rule.bound(1),
        scale=rule.scale,
        below=int(judged.up_to(low)),
        above=judged.rows - int(judged.up_to(len(judged.values) - high)),
        worst=_worst(column, judged, (low, high), rule, none),
        max_ratio=largest / common if common > 0 else None,
        n=judged.rows,
    )


def piles(column: Column, ordered: Spread | None = None) -> tuple[Pile, ...]:
    """Piles at the ends: five rows or more, three times those beside, 2.5 ranges from the median of all other rows.

    `ordered`: the column's spread, where it is at hand.
    """
    told = amounts(column, ordered)
    if told.rows < FEWEST or len(told.values) <= FEWEST_VALUES:
        return ()
    found = []
    ends: tuple[tuple[Literal["lowest", "highest"], int, slice], ...] = (
        ("lowest", 0, slice(1, NEIGHBOURS + 1)),
        ("highest", -1, slice(-NEIGHBOURS - 1, -1)),
    )
    for end, i, near in ends:
        value, rows, beside = float(told.values[i]), int(told.counts[i]), float(told.counts[near].mean())
        if rows < max(PILE_ROWS, PILE_RATIO * beside):
            continue
        rest = told.without(i)
        distance = abs(value - rest.median()) / width(rest)
        if distance >= PILE_REACH:
            first = int(np.flatnonzero(~column.null & (column.values == value))[0])
            pile = Pile(end=end, value=value, rows=rows, beside=beside, distance=distance, first_row=first)
            found.append(pile)
    return tuple(found)


def amounts(column: Column, ordered: Spread | None) -> Spread:
    """The finite numbers; none of text, flags and times."""
    if column.kind != "number":
        return of_values(np.zeros(0))
    return (spread(column) if ordered is None else ordered).amounts()


def _worst(
    column: Column, judged: Spread, beyond: tuple[int, int], rule: Ruler, none: Sequence[float]
) -> tuple[Worst, ...]:
    """The five rows of each side that lie farthest beyond its bound, the farthest first."""
    found: list[Worst] = []
    values = column.numbers()
    for side, count in zip((-1, 1), beyond, strict=True):
        if not count:
            continue
        apart = values <= judged.values[count - 1] if side < 0 else values >= judged.values[-count]
        places = np.flatnonzero(apart & np.isfinite(values) & ~np.isin(values, none))
        distance = np.abs(rule.distance(values[places]))
        order = np.argsort(-distance, kind="stable")[:WORST]
        found += [Worst(row=int(places[i]), value=float(values[places[i]]), distance=float(distance[i])) for i in order]
    return tuple(sorted(found, key=lambda one: one.distance, reverse=True))
