"""Values that came in two units: in another one from some time on, or in a share of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import sqrt

import numpy as np

from tidemill.measure.arrays import Bools, Floats, Ints
from tidemill.measure.blocks import equal_blocks
from tidemill.measure.column import Column
from tidemill.measure.spread import Spread, of_values

LEVELS = np.linspace(0.1, 0.9, 9)
"""Quantiles of which each must move alike: the whole distribution is stretched, not only its middle moved."""
COUNTS = (20, 10, 5)
"""Blocks of time that are tried: fewer hold more rows each, and show a smaller factor."""
FEWEST, FEWEST_VALUES = 50, 10
"""Rows of a block, and different values, below which it says nothing."""
UNEVEN, ALIKE = 0.2, 0.2
"""How far the quantiles may move apart from each other: as a share of the move, and of how far apart they were."""
CLOSE, WITHIN = 0.02, 0.05
"""How near a ratio must come to one of units on the log scale; where few rows tell less, up to a share of it."""
STILL = 5.0
"""How many times the widest other move between two blocks a change of unit is: a level that wanders meets any ratio."""
RETURN = 0.1
"""How near another move must come to be one to or from the same unit."""
SHARE, FEWEST_ODD = 0.005, 20
"""Rows in the other unit from which on they are a share of all; fewer stand apart one by one."""
GAP, EMPTY = 0.2, 0.0005
"""Of two heaps a unit apart: the width of the gap between them as a share of it, and the rows that may lie there."""
FINENESS = 400
"""Bins in which the gap is looked for."""
MOVES = 0.75
"""Share of the least ratio, and of what parts the outer quantiles, by which a change of unit moves the median."""
MOST = 200_000
"""Rows above which only every second, third, ... one is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What one unit is in the other, `factor * x + offset`, and who is mistaken for whom ("" for a power of ten)."""

    factor: float
    offset: float = 0.0
    names: str = ""


FACTORS = (
    Unit(factor=1.609344, names="kilometres and miles"),
    Unit(factor=1.8, names="degrees Fahrenheit and Celsius, as differences"),
    Unit(factor=2.20462262, names="pounds and kilograms"),
    Unit(factor=2.54, names="centimetres and inches"),
    Unit(factor=3.28084, names="feet and metres"),
    Unit(factor=3.6, names="km/h and m/s"),
    Unit(factor=3.785412, names="litres and gallons"),
    Unit(factor=4.184, names="joules and calories"),
    Unit(factor=10),
    Unit(factor=12, names="months and years"),
    Unit(factor=24, names="hours and days"),
    Unit(factor=25.4, names="millimetres and inches"),
    Unit(factor=28.349523, names="grams and ounces"),
    Unit(factor=30.48, names="centimetres and feet"),
    Unit(factor=60, names="minutes and hours, or seconds and minutes"),
    Unit(factor=100),
    Unit(factor=1000),
    Unit(factor=3600, names="seconds and hours"),
    Unit(factor=86_400, names="seconds and days"),
    Unit(factor=1e6),
)
SCALES = (
    Unit(factor=1.8, offset=32.0, names="degrees Fahrenheit and Celsius"),
    Unit(factor=1.0, offset=273.15, names="kelvin and degrees Celsius"),
)
"""Units whose zeros differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From `row` on (in the order of time) all values are in another unit: `up` the larger figures, else the smaller.

    `before`, `after`: medians of the stretches beside it.
    """

    row: int
    unit: Unit
    up: bool
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mixture:
    """`rows`: the fewer ones, in another unit than all others; `up` as of `Change`. Medians of both."""

    rows: Ints
    unit: Unit
    up: bool
    usual: float
    other: float


def change(column: Column) -> Change | None:
    """The change of unit of a column whose rows are in the order of time; None for what is no amount or never changes.

    Quantiles of neighbouring blocks, and of those on both sides of one, are compared: on the log scale they must all
    move by one ratio of units (or as one scale of degrees to another), five times as far as between any other blocks.
    """
    if column.kind != "number":
        return None
    every = -(-column.rows // MOST) or 1
    values = column.take(slice(None, None, every)).numbers()
    if stays(values):
        return None
    found = (in_blocks(values, equal_blocks(len(values), count)) for count in COUNTS)
    first = next((one for one in found if one is not None), None)
    return None if first is None else replace(first, row=first.row * every)


def mixture(column: Column) -> Mixture | None:
    """The rows in another unit: two heaps on the log scale with a gap, alike in shape, and a ratio of units apart."""
    if column.kind != "number":
        return None
    some = column.take(slice(None, None, -(-column.rows // MOST) or 1)).numbers()
    logs = np.log(np.abs(some[_amounts(some)]))
    gaps = _gaps(logs)
    heaps = of_values(logs if gaps else logs[:0])
    for width, cut in gaps:
        unit = _between(heaps, cut)
        if unit is not None and width >= GAP * np.log(unit.factor):
            return _parts(column.numbers(), cut, unit)
    return None


def _parts(values: Floats, cut: float, unit: Unit) -> Mixture:
    """Which rows lie on the side of the cut that has fewer."""
    rows = _amounts(values)
    high = np.abs(values[rows]) >= np.exp(cut)
    up = bool(high.mean() <= 0.5)
    odd = high if up else ~high
    usual, other = (float(np.median(values[rows[part]])) for part in (~odd, odd))
    return Mixture(rows=rows[odd], unit=unit, up=up, usual=usual, other=other)


def _between(logs: Spread, cut: float) -> Unit | None:
    """The ratio of units between the heaps below and above; None where one of them is no heap."""
    place = int(np.searchsorted(logs.values, cut, side="left"))
    low, high = logs.part(0, place), logs.part(place, len(logs.values))
    fewest = min(len(low.values), len(high.values))
    small = min(low.rows, high.rows)
    if small < max(FEWEST_ODD, SHARE * logs.rows) or fewest < FEWEST_VALUES:
        return None
    return _factor(low.quantiles(LEVELS), high.quantiles(LEVELS), small)


def _amounts(values: Floats) -> Ints:
    """Places of what has a size."""
    return np.flatnonzero(np.isfinite(values) & (values != 0))


def stays(values: Floats) -> bool:
    """Whether no two blocks can be a unit apart: a few places in the order of each of the smallest say so for all.

    The median of blocks put together lies between theirs, and a change moves it by most of the least ratio, or by most
    of what parts the outer quantiles.
    """
    told = [values[block][_amounts(values[block])] for block in equal_blocks(len(values), max(COUNTS))]
    if any(len(some) < FEWEST_VALUES for some in told):
        return False
    sizes = np.array([_beside(np.abs(some), (0.5,)) for some in told])
    raw = np.array([_beside(some, (0.1, 0.5, 0.9)) for some in told])
    apart, wide = raw[:, 3].max() - raw[:, 2].min(), raw[:, 4].min() - raw[:, 1].max()
    ratio = float(np.log(sizes[:, 1].max() / sizes[:, 0].min()))
    return bool(ratio < MOVES * np.log(FACTORS[0].factor) and apart < MOVES * wide)


def _beside(values: Floats, shares: Sequence[float]) -> Floats:
    """The values of the two rows between which each of these shares of the rows, in rising order, ends."""
    place = (len(values) - 1) * np.array(shares)
    rows = np.sort(np.concatenate((np.floor(place), np.ceil(place)))).astype(np.int64)
    beside: Floats = np.partition(values, rows)[rows]
    return beside


def in_blocks(values: Floats, blocks: Sequence[slice]) -> Change | None:
    """The change of unit between two of the blocks, or over one between; None where there is none."""
    told = [_amounts(values[block]) + block.start for block in blocks]
    if len(told) < min(COUNTS) or any(len(rows) < FEWEST for rows in told):
        return None
    if any(len(of_values(values[rows]).values) < FEWEST_VALUES for rows in told):
        return None
    logs = np.array([np.quantile(np.log(np.abs(values[rows])), LEVELS) for rows in told])
    raw = np.array([np.quantile(values[rows], LEVELS) for rows in told])
    for first, last in _pairs(len(told)):
        unit = _scale(raw[first], raw[last])
        if unit is not None and _is_still(raw, range(first, last), abs(float(np.median(raw[last] - raw[first])))):
            return _located(values, told[first], told[last], unit)
        unit = _factor(logs[first], logs[last], min(len(told[first]), len(told[last])))
        if unit is not None and _is_still(logs, range(first, last), size := float(np.log(unit.factor))):
            since, until = _level(logs, first, -1, size), _level(logs, last, 1, size)
            before, after = np.concatenate(told[since : first + 1]), np.concatenate(told[last : until + 1])
            sides = [np.quantile(np.log(np.abs(values[side])), LEVELS) for side in (before, after)]
            unit = _factor(sides[0], sides[1], min(len(before), len(after)))
            if unit is not None:
                return _located(values, told[first], told[last], unit)
    return None


def _level(logs: Floats, place: int, step: int, size: float) -> int:
    """The farthest block in that direction up to which the level stays."""
    while 0 <= place + step < len(logs) and abs(float(np.median(logs[place + step] - logs[place]))) <= size / STILL:
        place += step
    return place


def _pairs(count: int) -> Iterator[tuple[int, int]]:
    """Blocks that are neighbours, then those with one between, in which the change may lie."""
    for apart in (1, 2):
        yield from ((first, first + apart) for first in range(count - apart))


def _factor(before: Floats, after: Floats, rows: int) -> Unit | None:
    """The ratio of units that all quantiles moved by on the log scale, each of at least so many rows."""
    steps, spread = after - before, max(float(np.ptp(before)), float(np.ptp(after)))
    middle, width = abs(float(np.median(steps))), float(np.ptp(steps))
    unit = min(FACTORS, key=lambda one: abs(middle - np.log(one.factor)))
    off, chance = abs(middle - float(np.log(unit.factor))), 2 * spread / sqrt(rows)
    alike = width <= min(UNEVEN * middle, ALIKE * spread + chance)
    return unit if alike and off <= max(CLOSE, min(chance, WITHIN * middle)) else None


def _scale(before: Floats, after: Floats) -> Unit | None:
    """The scale that all quantiles went over to, one way or the other, far from where they were."""
    low, high = sorted((before, after), key=lambda side: float(np.median(side)))
    spread, moved = float(np.ptp(low)), float(np.median(high - low))
    for unit in SCALES:
        rest = float(np.abs(unit.factor * low + unit.offset - high).max())
        if moved > spread and rest <= CLOSE * 5 * moved:
            return unit
    return None


def _is_still(quantiles: Floats, change: range, size: float) -> bool:
    """Whether most moves beside the change, and those to and from the same unit, are a quarter of it at most."""
    moves = np.abs(np.median(np.diff(quantiles, axis=0), axis=1))
    skips = np.abs(np.median(quantiles[2:] - quantiles[:-2], axis=1))
    changes = {*change, *np.flatnonzero(np.abs(moves - size) <= RETURN * size).tolist()}
    for place in np.flatnonzero(np.abs(skips - size) <= RETURN * size).tolist():
        if not {place, place + 1} & {*change}:
            changes |= {place, place + 1}
    others = [move for place, move in enumerate(moves) if place not in changes]
    return 2 * len(others) >= len(moves) and size >= STILL * max(others)


def _located(values: Floats, first: Ints, last: Ints, unit: Unit) -> Change:
    """The change at the row that parts the stretch from the one block through the other best (least squares)."""
    rows = _amounts(values[first[0] : last[-1] + 1]) + int(first[0])
    sizes = values[rows] if unit.offset else np.log(np.abs(values[rows]))
    place = _parted(sizes)
    before, after = float(np.median(values[rows[:place]])), float(np.median(values[rows[place:]]))
    return Change(row=int(rows[place]), unit=unit, up=abs(after) > abs(before), before=before, after=after)


def _parted(sizes: Floats) -> int:
    """The place before which and from which on two means fit the values best."""
    n = np.arange(1, len(sizes))
    left = np.cumsum(sizes)[:-1]
    gain = left**2 / n + (sizes.sum() - left) ** 2 / (len(sizes) - n)
    return int(np.argmax(gain)) + 1


def _gaps(logs: Floats) -> list[tuple[float, float]]:
    """Stretches of the log scale in which hardly any row lies, the widest first: how wide, and their middles."""
    if len(logs) < FEWEST or np.ptp(logs) == 0:
        return []
    counts, edges = np.histogram(logs, bins=FINENESS)
    empty: Bools = counts <= EMPTY * len(logs)
    bounds = np.flatnonzero(np.diff(np.concatenate(([False], empty, [False])).astype(np.int8)))
    found = [(float(edges[end] - edges[start]), float(edges[start] + edges[end]) / 2) for start, end in _twos(bounds)]
    least = GAP * float(np.log(FACTORS[0].factor))
    return sorted((one for one in found if one[0] >= least), reverse=True)


def _twos(bounds: Ints) -> Iterator[tuple[int, int]]:
    """Starts with their ends."""
    pairs = list(pairwise(bounds.tolist()))
    yield from pairs[::2]
