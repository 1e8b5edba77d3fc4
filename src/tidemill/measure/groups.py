"""A column read as groups of rows: its words, its few numbers, or stretches of its many; null is one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.column import Column

FEW, STRETCHES = 20, 50
"""Distinct numbers up to which each is a group; where there are more, so many stretches of about equal rows are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """`code`: each row's group from 0 on; null is the last. `low`, `high`: the ends of what a group holds.

    They are values (a distance: microseconds from the moment asked), and of text codes into the column's labels; NaN
    where no row is in the group.
    `ordered`: neighbours may be joined.
    """

    kind: Literal["text", "number", "boolean", "time", "distance"]
    code: Ints
    low: Floats
    high: Floats
    ordered: bool

    @property
    def count(self) -> int:
        """How many groups there are, null among them."""
        return len(self.low)


def groups(column: Column, asked_us: Ints | None = None) -> Groups:
    """The groups of a column; times are read by how far they lie from the moments `asked_us`, where these are given."""
    apart = column.kind == "time" and asked_us is not None
    if apart:
        column = Column(kind="time", values=column.values - asked_us, null=column.null)
    if column.kind == "text":
        code = np.where(column.null, len(column.labels), column.values).astype(np.int64)
        places = np.append(np.arange(len(column.labels), dtype=np.float64), np.nan)
        return Groups(kind="text", code=code, low=places, high=places, ordered=False)
    numbers = column.numbers()
    told = numbers[~np.isnan(numbers)]
    distinct = np.unique(told)
    shares = np.linspace(0, 1, STRETCHES + 1)[1:-1]
    cuts = distinct[:-1] if len(distinct) <= FEW else np.unique(np.quantile(told, shares))
    code = np.searchsorted(cuts, numbers, side="left").astype(np.int64)
    last = len(cuts) + 1
    code[np.isnan(numbers)] = last
    low, high = np.full(last + 1, np.inf), np.full(last + 1, -np.inf)
    there = ~np.isnan(numbers)
    np.minimum.at(low, code[there], numbers[there])
    np.maximum.at(high, code[there], numbers[there])
    low[np.isposinf(low) & np.isneginf(high)] = np.nan
    high[np.isnan(low)] = np.nan
    return Groups(kind="distance" if apart else column.kind, code=code, low=low, high=high, ordered=True)
