"""Steps that words are made of: values lifted over nulls, logic of three values, choices."""

from __future__ import annotations

import operator
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any

from tidemill.features import arithmetic
from tidemill.features import zone as calendar
from tidemill.features.buckets import bucket_names
from tidemill.features.zone import DAY_US, Zone
from tidemill.spec.types import Typed

Row = Mapping[str, Any]
Step = Callable[[Row], Any]
"""One part of an expression: from a row to its value, None where it is null."""

Word = Callable[[list[Step], Typed, Zone], Step]
"""From the steps of the arguments, the typed part and the system's zone to the step of the part."""


class Fixed:
    """A step that gives the same value for every row."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, row: Row) -> Any:
        return self.value


def lifted(function: Callable[[Any], Any], step: Step) -> Step:
    """The function of a value, null for null."""

    def run(row: Row) -> Any:
        value = step(row)
        return None if value is None else function(value)

    return run


def lifted_two(function: Callable[[Any, Any], Any], left: Step, right: Step) -> Step:
    """The function of two values, null if either is."""
    if isinstance(right, Fixed):
        if (fixed := right.value) is None:
            return right

        def run_fixed(row: Row) -> Any:
            a = left(row)
            return None if a is None else function(a, fixed)

        return run_fixed

    def run(row: Row) -> Any:
        a = left(row)
        if a is None:
            return None
        b = right(row)
        return None if b is None else function(a, b)

    return run


def one(function: Callable[[Any], Any]) -> Word:
    """A word of one value."""
    return lambda args, _part, _zone: lifted(function, args[0])


def two(function: Callable[[Any, Any], Any]) -> Word:
    """A word of two values."""
    return lambda args, _part, _zone: lifted_two(function, args[0], args[1])


def same(args: list[Step], _part: Typed, _zone: Zone) -> Step:
    """The value itself."""
    return args[0]


def on_day(function: Callable[[int], Any]) -> Word:
    """A word of the day on the zone's calendar."""
    return lambda args, _part, zone: lifted(lambda us: function(zone.day(us)), args[0])


def both(args: list[Step], _part: Typed, _zone: Zone) -> Step:
    """False if any is false, else null if any is null, else true."""
    return _decided_by(args, deciding=False)


def either(args: list[Step], _part: Typed, _zone: Zone) -> Step:
    """True if any is true, else null if any is null, else false."""
    return _decided_by(args, deciding=True)


def _decided_by(steps: list[Step], *, deciding: bool) -> Step:
    """`deciding` if any step gives it, else null if any is null, else the opposite."""

    def run(row: Row) -> Any:
        sure = True
        for step in steps:
            value = step(row)
            if value is deciding:
                return deciding
            if value is None:
                sure = False
        return (not deciding) if sure else None

    return run


def case(args: list[Step], _part: Typed, _zone: Zone) -> Step:
    """The value of the first condition that is true, else the last value."""
    branches, otherwise = list(zip(args[:-1:2], args[1:-1:2], strict=True)), args[-1]

    def run(row: Row) -> Any:
        for condition, value in branches:
            if condition(row):
                return value(row)
        return otherwise(row)

    return run


def coalesce(args: list[Step], _part: Typed, _zone: Zone) -> Step:
    """The first value that is there."""

    def run(row: Row) -> Any:
        for step in args:
            value = step(row)
            if value is not None:
                return value
        return None

    return run


def nullif(args: list[Step], _part: Typed, _zone: Zone) -> Step:
    """The first value, null if it equals the second."""
    first, second = args

    def run(row: Row) -> Any:
        value = first(row)
        return None if value is None or value == second(row) else value

    return run


def extreme(choose: Callable[[list[Any]], Any]) -> Word:
    """The least or greatest, null if any is null."""

    def word(args: list[Step], _part: Typed, _zone: Zone) -> Step:
        def run(row: Row) -> Any:
            values = [step(row) for step in args]
            return None if None in values else choose(values)

        return run

    return word


def membership(args: list[Step], _part: Typed, _zone: Zone) -> Step:
    """True if it equals one of them, else null if any of them is null, else false."""
    value, *candidates = args

    def run(row: Row) -> bool | None:
        sought = value(row)
        if sought is None:
            return None
        found = [step(row) for step in candidates]
        return True if sought in found else None if None in found else False

    def run_fixed(row: Row) -> bool | None:
        sought = value(row)
        return None if sought is None else True if sought in known else otherwise

    fixed = [step.value for step in candidates if isinstance(step, Fixed)]
    known, otherwise = frozenset(fixed) - {None}, None if None in fixed else False
    return run_fixed if len(fixed) == len(candidates) else run


def between(args: list[Step], part: Typed, zone: Zone) -> Step:
    """Not below the second and not above the third."""
    value, low, high = args
    return both([lifted_two(operator.ge, value, low), lifted_two(operator.le, value, high)], part, zone)


def bucket(args: list[Step], _part: Typed, _zone: Zone) -> Step:
    """The name of the range that holds the number."""
    edges = [step({}) for step in args[1:]]
    names = bucket_names(edges)
    return lifted(lambda value: names[bisect_right(edges, value)], args[0])


def round_float(args: list[Step], _part: Typed, _zone: Zone) -> Step:
    """Rounded half away from zero, to a whole number or to decimal places."""
    return lifted(arithmetic.rounded(args[1]({})) if len(args) == 2 else arithmetic.half_away, args[0])


def date_trunc(args: list[Step], part: Typed, zone: Zone) -> Step:
    """The first day or moment of the unit."""
    unit = args[0]({})
    if part.type == "date":
        return lifted(lambda day: calendar.first_day(unit, day), args[1])
    return lifted(lambda us: zone.began(unit, us), args[1])


def start_of_day(args: list[Step], _part: Typed, zone: Zone) -> Step:
    """The first moment of a date."""
    return lifted(lambda day: zone.instant(day * DAY_US), args[0])
