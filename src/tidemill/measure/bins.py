"""Where a column's values are counted: bins frozen from a reference, the same for every later window."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from tidemill.measure.arrays import Ints
from tidemill.measure.column import Column

MOST = 20
"""Bins for testing: quantiles of numbers, the most frequent texts; more bins dilute a shift among them."""
KNOWN = 1000
"""Texts remembered beyond the counted ones, to tell a rare value from a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Frozen bins; null is always the last.

    `edges`: up to e0, over e0 up to e1, ..., over the last. `atoms`: one bin per number in `edges`, and other.
    `labels`: one bin per text, other (a text in `known`), and new.
    """

    kind: Literal["edges", "atoms", "labels"]
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What each bin is called, in the order of the counts."""
        if self.kind == "labels":
            return (*self.labels, "other", "new", "null")
        if self.kind == "atoms":
            return (*(f"{edge:g}" for edge in self.edges), "other", "null")
        if not self.edges:
            return ("any", "null")
        inner = (f"{low:g} to {high:g}" for low, high in pairwise(self.edges))
        return (f"up to {self.edges[0]:g}", *inner, f"over {self.edges[-1]:g}", "null")


def freeze(column: Column, most: int = MOST) -> Bins:
    """Bins for this column's later windows: its texts, its few distinct numbers, or quantiles of equal mass."""
    if column.kind == "text":
        counts = np.bincount(column.present(), minlength=len(column.labels))
        order = [i for i in np.argsort(-counts, kind="stable").tolist() if counts[i]]
        texts = [column.labels[i] for i in order]
        return Bins(kind="labels", labels=tuple(texts[:most]), known=tuple(texts[most : most + KNOWN]))
    numbers = column.numbers()
    distinct = np.unique(numbers[np.isfinite(numbers)])
    if len(distinct) <= most:
        return Bins(kind="atoms", edges=tuple(distinct.tolist()))
    cuts = np.quantile(numbers[np.isfinite(numbers)], np.linspace(0, 1, most + 1)[1:-1])
    return Bins(kind="edges", edges=tuple(np.unique(cuts).tolist()))


def count(bins: Bins, column: Column) -> Ints:
    """Rows in each bin, in the order of `names`; counts of windows add up."""
    place = _texts(bins, column) if bins.kind == "labels" else _numbers(bins, column)
    place[column.null] = len(bins.names) - 1
    return np.bincount(place, minlength=len(bins.names)).astype(np.int64)


def _texts(bins: Bins, column: Column) -> Ints:
    places = {text: i for i, text in enumerate(bins.labels)} | dict.fromkeys(bins.known, len(bins.labels))
    new = len(bins.labels) + 1
    of_code = np.array([*(places.get(text, new) for text in column.labels), new], np.int64)
    place: Ints = of_code[column.values]
    return place


def _numbers(bins: Bins, column: Column) -> Ints:
    numbers, edges = column.numbers(), np.array(bins.edges)
    place = np.searchsorted(edges, numbers, side="left").astype(np.int64)
    if bins.kind == "atoms" and len(edges):
        place[edges[np.minimum(place, len(edges) - 1)] != numbers] = len(edges)
    return place
