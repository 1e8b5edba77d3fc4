"""What an entity's online record must hold for a view: cells of its rows, and which windows are kept as tiles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tidemill.features.picked import DEFAULT_SCALE
from tidemill.spec.view import Lookup, Window

NEWEST = frozenset({"last", "lag", "days_since_last"})
"""Kinds that ask for one row, counted back from the newest."""
SUMMED = frozenset({"sum", "mean", "std"})
SLACK_US = 3_600_000_000
SLACK_PARTS, CROWDED_PARTS = 10, 100
"""Asks may be older than an entity's newest row by an hour, or by the first of these parts of the longest window; by
the second where more rows lie in it than can be looked at one by one."""
WHOLE_HISTORY = 0
"""The step of windows without a length: one tile holds all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Windows over the same rows and values, whose totals are kept together.

    `value`, `mask`: places of their cells, None for neither. `step_us` and `longest_us` (None: all history): of the
    windows; a group that is not `tiled` slides, and counts rows one by one. `sums`, `squares`, `extremes`, `distinct`:
    what is wanted beside the number of values; `rows`: that of all rows that the mask keeps, too. `scale`: decimal
    places of sums of fractions.
    """

    value: int | None
    mask: int | None
    step_us: int
    longest_us: int | None
    tiled: bool
    scale: int = DEFAULT_SCALE
    sums: bool = False
    squares: bool = False
    extremes: bool = False
    distinct: bool = False
    rows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Windows that ask for the `rows`-th newest row that their mask keeps; `longest_us`: how far they reach at most."""

    value: int | None
    mask: int | None
    rows: int
    longest_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where a view finds what it says in a record.

    `values`, `masks`: for each window the place of its value and mask among a row's `size` cells (None: it has none);
    the view's own columns come first, and windows over the same expression or condition share a cell. `groups` and
    `backs`: what is kept; `homes`: for each window its index among the groups, or -1 - its index among the backs.
    `slack_us`: asks older than the entity's newest row by no more than that are to be exact; `crowded_us`: where its
    rows are many.
    """

    values: tuple[int | None, ...]
    masks: tuple[int | None, ...]
    size: int
    columns: int
    groups: tuple[Group, ...]
    backs: tuple[Back, ...]
    homes: tuple[int, ...]
    keeps_all: bool
    slack_us: int
    crowded_us: int


@lru_cache(maxsize=1024)
def plan_of(view: Lookup) -> Plan:
    """The plan of the view's records. A table that keeps its last states only has few rows: all are kept as rows."""
    places: dict[tuple[str, str], int] = {}

    def place(kind: str, text: str | None) -> int | None:
        return None if text is None else places.setdefault((kind, text), len(view.columns) + len(places))

    windows = [window for _, window in view.windows]
    values = [place("value", one.expression.text if one.expression else None) for one in windows]
    masks = [place("mask", one.where.text if one.where else None) for one in windows]
    keeps_all = view.source.since is not None
    backs: dict[tuple[int | None, int | None, int], list[Window]] = {}
    keys = together([alike_of(*one) for one in zip(windows, values, masks, strict=True)])
    alike: dict[Alike, list[Window]] = {key: [] for key in keys if key is not None}
    homes: list[int] = []
    for window, value, mask, key in zip(windows, values, masks, keys, strict=True):
        if key is not None:
            alike[key].append(window)
            homes.append(list(alike).index(key))
        else:
            asked = (value, mask, window.rows if window.kind == "lag" else 1)
            backs.setdefault(asked, []).append(window)
            homes.append(-1 - list(backs).index(asked))
    return Plan(
        values=tuple(values),
        masks=tuple(masks),
        size=len(view.columns) + len(places),
        columns=len(view.columns),
        groups=tuple(group_of(some, key, tiled=not keeps_all) for key, some in alike.items()),
        backs=tuple(
            Back(value=value, mask=mask, rows=rows, longest_us=reach_of(some))
            for (value, mask, rows), some in backs.items()
        ),
        homes=tuple(homes),
        keeps_all=keeps_all,
        slack_us=slack_of(windows, SLACK_PARTS),
        crowded_us=slack_of(windows, CROWDED_PARTS),
    )


def slack_of(windows: Iterable[Window], parts: int) -> int:
    """An hour, or that part of the longest window."""
    return max([SLACK_US, *(window.length_us // parts for window in windows if window.length_us)])


def reach_of(windows: Sequence[Window]) -> int | None:
    """How far before the moment a row may lie that one of the windows sees; None: any time."""
    lengths = [None if window.length_us is None else window.length_us + window.step_us for window in windows]
    return None if None in lengths else max(length for length in lengths if length is not None)


class Alike(NamedTuple):
    """What windows of one group have in common; `endless`: they reach back over all history."""

    value: int | None
    mask: int | None
    step_us: int
    endless: bool
    scale: int | None


def alike_of(window: Window, value: int | None, mask: int | None) -> Alike | None:
    """The group of a window; None of those that ask for one row."""
    if window.kind in NEWEST:
        return None
    return Alike(value, mask, window.step_us, window.length_us is None, window.scale if window.kind in SUMMED else None)


def together(keys: Sequence[Alike | None]) -> list[Alike | None]:
    """The same, but that windows which count rows are of a group with values where one has the same rows and steps."""
    beside = {key[1:4]: key for key in reversed(keys) if key is not None and key.value is not None}
    return [key if key is None or key.value is not None else beside.get(key[1:4], key) for key in keys]


def group_of(windows: Sequence[Window], key: Alike, *, tiled: bool) -> Group:
    """The group of windows of one step that are all bounded or all not."""
    kinds = {window.kind for window in windows}
    lengths = [window.length_us for window in windows if window.length_us is not None]
    return Group(
        value=key.value,
        mask=key.mask,
        step_us=key.step_us if lengths else WHOLE_HISTORY,
        longest_us=max(lengths) if lengths else None,
        tiled=tiled and (not lengths or key.step_us > 0),
        scale=DEFAULT_SCALE if key.scale is None else key.scale,
        sums=bool(kinds & SUMMED),
        squares="std" in kinds,
        extremes=bool(kinds & {"min", "max"}),
        distinct="distinct" in kinds,
        rows=key.value is not None and any(window.expression is None for window in windows),
    )
