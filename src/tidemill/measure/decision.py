"""Near-decisions: values of a column with which the outcome is all but certain, always or in a stretch of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tidemill.measure.arrays import Floats
from tidemill.measure.blocks import equal_blocks
from tidemill.measure.groups import Groups

BLOCKS = 20
ALL, PART = 40.0, 150.0
"""Rows of the other outcome that the rate of the time would bring among a value's, from which on their lack is no luck:
of all its rows, and of those in a stretch of time that was searched for. The strongest honest value of the tables that
this was tried on lacks 27 of 27 (a state with few loans); honest stretches lack 105.
"""
LEFT = {ALL: 0.05, PART: 0.02}
"""How many of them may be there after all."""
EXCEPTIONS = 0.02
"""Share of a value's rows that may have the other outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Rows of the groups `first` to `last` (with both) have `outcome` but for `others` of `rows`.

    `expected`: rows with the other outcome by the rates of their time. `since`, `until`: the first and the last of the
    asks (in the order of time) between which it is so; None: always.
    """

    first: int
    last: int
    outcome: bool
    rows: int
    others: int
    expected: float
    since: int | None = None
    until: int | None = None


def decisions(found: Groups, outcome: Floats) -> tuple[Decision, ...]:
    """All near-decisions of a column, the weightiest first; outcomes are 0 and 1 in the order of time, none unknown.

    Compared with the rate of their 20th of the rows, for a value that comes with the calendar decides nothing.
    """
    blocks = equal_blocks(len(outcome), BLOCKS)
    if not len(outcome) or not np.isin(outcome, (0.0, 1.0)).all():
        return ()
    block = np.repeat(np.arange(len(blocks)), [part.stop - part.start for part in blocks])
    place = found.code * len(blocks) + block
    shape = (found.count, len(blocks))
    rows = np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    hits = np.bincount(place, weights=outcome, minlength=shape[0] * shape[1]).reshape(shape)
    rate = hits.sum(axis=0) / np.maximum(rows.sum(axis=0), 1)
    made = []
    for says, others, expected in ((False, hits, rows * rate), (True, rows - hits, rows * (1 - rate))):
        always = _always(found, rows.sum(axis=1), others.sum(axis=1), expected.sum(axis=1), says=says)
        named = {group for one in always for group in range(one.first, one.last + 1)}
        made += always
        for group in np.flatnonzero(expected.sum(axis=1) >= PART).tolist():
            if group not in named and (run := _run(rows[group], others[group], expected[group], PART)) is not None:
                part = slice(run[0], run[1] + 1)
                made.append(
                    Decision(
                        first=group, last=group, outcome=says, rows=int(rows[group, part].sum()),
                        others=int(others[group, part].sum()), expected=float(expected[group, part].sum()),
                        since=blocks[run[0]].start, until=blocks[run[1]].stop - 1,
                    )
                )  # fmt: skip
    return tuple(sorted(made, key=lambda one: -one.expected))


def _always(found: Groups, rows: Floats, others: Floats, expected: Floats, *, says: bool) -> list[Decision]:
    """Values that decide at all times; of ordered groups the longest run of neighbours, null apart."""
    null = found.count - 1
    runs: list[tuple[int, int]] = [(null, null)] if _decides(rows[null], others[null], expected[null], ALL) else []
    if found.ordered:
        run = _run(rows[:null], others[:null], expected[:null], ALL)
        runs += [] if run is None else [run]
    else:
        single = np.flatnonzero(_decides(rows[:null], others[:null], expected[:null], ALL))
        runs += [(group, group) for group in single.tolist()]
    return [
        Decision(
            first=first, last=last, outcome=says, rows=int(rows[first : last + 1].sum()),
            others=int(others[first : last + 1].sum()), expected=float(expected[first : last + 1].sum()),
        )
        for first, last in runs
    ]  # fmt: skip


def _run(rows: Floats, others: Floats, expected: Floats, least: float) -> tuple[int, int] | None:
    """The neighbours that decide together and lack the most, first and last; those at the ends decide too."""
    best, found = 0.0, None
    alone = (others <= 2 * LEFT[least] * expected) & (rows > 0)
    for first in np.flatnonzero(alone).tolist():
        for last in np.flatnonzero(alone[first:]).tolist():
            part = slice(first, first + last + 1)
            lack = float(expected[part].sum())
            if lack > best and _decides(rows[part].sum(), others[part].sum(), lack, least):
                best, found = lack, (first, first + last)
    return found


def _decides(rows: Floats | float, others: Floats | float, expected: Floats | float, least: float) -> Any:
    """Whether so many of the other outcome are missing that the value all but decides."""
    return (expected >= least) & (others <= LEFT[least] * expected) & (others <= EXCEPTIONS * rows)
