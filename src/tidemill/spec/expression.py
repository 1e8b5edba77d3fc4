"""The typed tree of an expression: plain frozen nodes, the same for SQL, Python and the checks.

`parse` (tidemill.spec.parse) is the only maker of these trees; the back ends are tidemill.features.sqltext (DuckDB SQL)
and tidemill.features.rowwise (a Python closure). Semantics common to all: three-valued logic, `/` is float and x/0 is
null, `//` floors and x//0 is null, days and naive times in the system's zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "int", "float", "boolean", "date", "timestamp", "interval", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A name: a column of the row, `asked_at`, an `ahead` value, or `view.feature` of a looked-up view."""

    name: str
    view: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A constant; `value` None is NULL; an interval is its microseconds with type "interval"."""

    value: str | int | float | bool | None
    type: Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An operator or function by its dialect name with its arguments in order.

    Operators: + - * / // % neg = <> < <= > >= and or not like is_null is_not_null in between case
    (`and`, `or`: two or more; `in`: value, candidates...; `case`: condition, value, ..., else;
    `cast_text|cast_int|cast_float|cast_boolean|cast_date|cast_timestamp`: one argument; `date_trunc`: unit literal,
    value; `bucket`: value, edges...; `add_months`: time, constant months: what `+ interval '7 years'` becomes).
    """

    name: str
    args: tuple[Node, ...]


Node = Column | Constant | Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """One parsed expression with the text that a person wrote."""

    text: str
    tree: Node

    @property
    def names(self) -> tuple[str, ...]:
        """Column names used, qualified as written (`past.rpm_1`), each once, in order of first use."""
        seen = dict.fromkeys(f"{c.view}.{c.name}" if c.view else c.name for c in columns_of(self.tree))
        return tuple(seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A select item: `expr as name`."""

    name: str
    expression: Expression


def columns_of(node: Node) -> Iterator[Column]:
    """Every column leaf of the tree, left to right."""
    if isinstance(node, Column):
        yield node
    elif isinstance(node, Call):
        for argument in node.args:
            yield from columns_of(argument)
