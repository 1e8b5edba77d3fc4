"""An expression as a Python function of one row, with the meaning of docs/expressions.md: for requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tidemill.features.rowsteps import Fixed, Row, Step
from tidemill.features.rowwords import WORDS, variant
from tidemill.features.zone import zone as zone_of
from tidemill.spec.expression import Column, Constant, Node, Type
from tidemill.spec.types import Typed, settled


def compile_row(node: Node, *, columns: Mapping[str, Type], zone: str) -> Callable[[Row], object]:
    """The expression as a function of a row: name (`view.feature` for looked-up ones) -> value; it never raises.

    `columns`: the type of each name in the expression (others may be there too). Values of a row and the result: text
    str, int, float, bool; a timestamp int microseconds UTC, a date int days since 1970-01-01, an interval int
    microseconds; None is missing, and so are an absent name and a float that is NaN or infinite.
    A value must be of its column's type; only an int in a float column is converted.
    ExpressionError `unknown-name`, `type-mismatch`, `constant-unread`, `type-unknown`; ZoneInfoNotFoundError.
    """
    return _step(settled(node, columns), zone)


def _step(part: Typed, zone: str) -> Step:
    """The function of a part and all below it; what depends on no column is computed now."""
    if isinstance(part.node, Constant):
        return Fixed(part.node.value)
    if isinstance(part.node, Column):
        return _column(part.node, part.type)
    args = [_step(argument, zone) for argument in part.args]
    made = WORDS[part.name, variant(part)](args, part, zone_of(zone))
    return Fixed(made({})) if all(isinstance(argument, Fixed) for argument in args) else made


def _column(column: Column, kind: Type) -> Step:
    """The value of that name."""
    name = f"{column.view}.{column.name}" if column.view else column.name
    if kind != "float":
        return lambda row: row.get(name)

    def number(row: Row) -> object:
        value = row.get(name)
        if value is None:
            return None
        value = float(value)
        return value if value - value == 0.0 else None

    return number
