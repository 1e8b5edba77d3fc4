"""Whether a function was given arguments it can have: their number, and constants where only those will do."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from tidemill.errors import ExpressionError
from tidemill.spec.dialect import FUNCTIONS, MANY, MOST_DIGITS, TRUNC_UNITS
from tidemill.spec.expression import Call, Constant, Node


def checked(text: str, call: Call) -> Call:
    """The call itself. ExpressionError `wrong-arguments`, `constant-needed` or `argument-outside`."""
    fewest, most = FUNCTIONS.get(call.name, (len(call.args), len(call.args)))
    if not fewest <= len(call.args) <= most:
        raise ExpressionError(
            "wrong-arguments", text=text, function=call.name, expected=counted(fewest, most), given=len(call.args)
        )
    if call.name in CONSTANTS:
        CONSTANTS[call.name](text, call)
    return call


def counted(fewest: int, most: int) -> str:
    """`2`, `1 or 2`, `2 or more`."""
    if most == MANY:
        return f"{fewest} or more"
    return str(fewest) if fewest == most else " or ".join(map(str, range(fewest, most + 1)))


def like(text: str, call: Call) -> None:
    """A pattern is read once, not row by row."""
    constant(text, call, 1)


def round_(text: str, call: Call) -> None:
    """Decimal places from 0 to 15."""
    if len(call.args) == 2:
        within(text, call, 1, 0, MOST_DIGITS)


def substr(text: str, call: Call) -> None:
    """Characters count from 1."""
    within(text, call, 1, 1, 2**31)
    if len(call.args) == 3:
        within(text, call, 2, 0, 2**31)


def date_trunc(text: str, call: Call) -> None:
    """A unit of the calendar."""
    unit = constant(text, call, 0)
    if unit not in TRUNC_UNITS:
        raise ExpressionError(
            "argument-outside", text=text, function=call.name, argument=unit, allowed=", ".join(TRUNC_UNITS)
        )


def bucket(text: str, call: Call) -> None:
    """Edges that rise."""
    edges = [edge(text, call, place) for place in range(1, len(call.args))]
    for low, high in pairwise(edges):
        if low >= high:
            raise ExpressionError(
                "argument-outside", text=text, function=call.name, argument=f"{high:g}", allowed="edges that rise"
            )


def edge(text: str, call: Call, place: int) -> float:
    """An edge of a bucket: a number."""
    value = constant(text, call, place)
    if isinstance(value, str):
        raise ExpressionError("constant-needed", text=text, function=call.name, argument=place + 1)
    return float(value)


CONSTANTS: dict[str, Callable[[str, Call], None]] = {
    "like": like,
    "round": round_,
    "substr": substr,
    "date_trunc": date_trunc,
    "bucket": bucket,
}


def within(text: str, call: Call, place: int, low: int, high: int) -> None:
    """A whole number between the two, both included."""
    value = constant(text, call, place)
    if not isinstance(value, int):
        raise ExpressionError("constant-needed", text=text, function=call.name, argument=place + 1)
    if not low <= value <= high:
        raise ExpressionError(
            "argument-outside", text=text, function=call.name, argument=value, allowed=f"{low} to {high}"
        )


def constant(text: str, call: Call, place: int) -> str | int | float:
    """The value of an argument that is a constant text or number."""
    node: Node = call.args[place]
    if isinstance(node, Constant) and isinstance(node.value, str | int | float) and not isinstance(node.value, bool):
        return node.value
    raise ExpressionError("constant-needed", text=text, function=call.name, argument=place + 1)
