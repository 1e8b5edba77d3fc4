"""Rows beside the rows of another run: which are gone, and which columns hold another value in which of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tidemill.measure.arrays import Bools, Floats, Ints

RELATIVE, OF_LARGEST = 1e-6, 1e-12
"""Numbers nearer than this, relative to themselves or to the column's largest, are equal: sums of other groups of rows
round otherwise (a running mean of numbers from 1e-5 to 1e5 was seen to move by 4e-12 of itself)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changes:
    """Of `rows` rows, by place: those that are `gone`, and per column those whose value is another one, most first."""

    rows: int
    gone: Ints
    columns: Mapping[str, Ints] = field(default_factory=dict)

    @property
    def some(self) -> bool:
        """Whether there is any."""
        return bool(len(self.gone) or self.columns)


def changes(identity: Ints, columns: Mapping[str, Floats | Ints], rows: int) -> Changes:
    """What the first `rows` rows do not share with the others, which come from another run.

    `identity` (from 0 on, without gaps) is equal for what is the same row in both runs; where several rows are, they
    count together. Each column is codes (equal for equal values) or numbers, NaN for none. A row that is not gone has
    another value where no row of its identity in the other run has an equal one; rows that only the other run has say
    nothing.
    """
    first, again = identity[:rows], identity[rows:]
    names = int(identity.max(initial=-1)) + 1
    times = np.bincount(again, minlength=names)[first]
    twin = np.zeros(names, np.int64)
    twin[again] = np.arange(rows, len(identity))
    alone, several = np.flatnonzero(times == 1), np.flatnonzero(times > 1)
    crowd = np.flatnonzero(np.isin(again, first[several])) + rows if len(several) else several
    found = {}
    for name, values in columns.items():
        slack = _slack(values)
        apart = alone[~_near(values[alone], values[twin[first[alone]]], slack)]
        if len(several):
            places = np.concatenate([several, crowd])
            unmet = several[~_met(identity[places], values[places], len(several), slack)]
            apart = np.sort(np.concatenate([apart, unmet]))
        if len(apart):
            found[name] = apart
    most_first = sorted(found, key=lambda name: -len(found[name]))
    gone = np.flatnonzero(_turn(first, names) >= times)
    return Changes(rows=rows, gone=gone, columns={name: found[name] for name in most_first})


def _turn(names: Ints, most: int) -> Ints:
    """How many rows of the same name come before each row; names are below `most`."""
    turn = np.zeros(len(names), np.int64)
    if np.bincount(names, minlength=most).max(initial=0) > 1:
        order = np.argsort(names, kind="stable")
        begins = np.flatnonzero(np.diff(names[order], prepend=-1))
        turn[order] = np.arange(len(names)) - np.repeat(begins, np.diff(begins, append=len(names)))
    return turn


def _met(names: Ints, values: Floats | Ints, rows: int, slack: float) -> Bools:
    """Whether each of the first `rows` has a near value among the others of its name: beside it in order of value."""
    order = np.lexsort((values, names))
    places = np.arange(len(order))
    other = order >= rows
    before = np.maximum.accumulate(np.where(other, places, -1))
    after = np.minimum.accumulate(np.where(other, places, len(order))[::-1])[::-1]
    met = np.zeros(len(order), np.bool_)
    for beside in (before, after):
        there = (beside >= 0) & (beside < len(order))
        mine, its = order[there], order[beside[there]]
        met[mine] |= (names[mine] == names[its]) & _near(values[mine], values[its], slack)
    return met[:rows]


def _slack(values: Floats | Ints) -> float:
    """How far apart equal values may be beside their relative distance; codes not at all."""
    if values.dtype.kind != "f":
        return -np.inf
    return OF_LARGEST * float(np.abs(values[np.isfinite(values)]).max(initial=0.0))


def _near(one: Floats | Ints, other: Floats | Ints, slack: float) -> Bools:
    """Equal, for numbers but for rounding; NaN is equal to NaN."""
    with np.errstate(invalid="ignore"):
        near = np.abs(one - other) <= RELATIVE * np.maximum(np.abs(one), np.abs(other)) + slack
    near &= np.isfinite(one) & np.isfinite(other)
    met: Bools = near | (one == other) | (np.isnan(one) & np.isnan(other))
    return met
