"""What the caller sends: JSON values read by the declared types, and the request views evaluated on them."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Any, cast

from tidemill.errors import ModelError
from tidemill.facts.data import ColumnType, Value
from tidemill.features.casts import text_to_date, text_to_int, text_to_timestamp
from tidemill.features.rowwise import compile_row
from tidemill.features.zone import zone as zone_of
from tidemill.spec.expression import Expression, Type
from tidemill.spec.needs import full_name
from tidemill.spec.view import OnRequest, Request, View
from tidemill.spec.zones import zone_info

Row = Mapping[str, Any]
Closure = Callable[[Row], Any]

ASKED_AT = "asked_at"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INT64 = range(-(2**63), 2**63)
LARGEST_FLOAT = sys.float_info.max
LARGEST_WHOLE = 2**53
"""Floats beyond it skip integers: a long id that came as a float is not the id that was meant."""


def read(value: object, kind: str, zone: str) -> Value:
    """One JSON value as the house keeps it: timestamps int microseconds UTC, dates int days; null stays None.

    ValueError when it is not of that type. An int may come as digits, since JSON's numbers lose long ids, or as 3.0; a
    time without an offset is on the zone's clock. A column of unknown type takes any text, number or boolean. No number
    is infinite.
    """
    if value is None:
        return None
    found: Value = None
    match kind, value:
        case (("boolean" | "unknown"), bool()):
            found = value
        case _, bool():
            found = None
        case (("text" | "unknown"), str()):
            found = value
        case "unknown", (int() | float()):
            found = value if abs(value) <= LARGEST_FLOAT else None
        case "float", (int() | float()):
            found = float(value) if abs(value) <= LARGEST_FLOAT else None
        case "int", int():
            found = value if value in INT64 else None
        case "int", float():
            found = int(value) if value.is_integer() and abs(value) <= LARGEST_WHOLE else None
        case "int", str():
            found = text_to_int(value)
        case "timestamp", str():
            found = text_to_timestamp(zone_of(zone))(value)
        case "date", str():
            found = text_to_date(value)
    if found is None:
        raise ValueError(kind)
    return found


def types_of(columns: Iterable[ColumnType]) -> dict[str, Type]:
    """The columns' types by name."""
    return {column.name: cast("Type", column.type) for column in columns}


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """Request columns and functions ready to be asked: full names with a function of the row, in order.

    `short`: unique short names of looked-up features that the expressions use, with the full name that is meant.
    """

    columns: tuple[tuple[str, Closure], ...]
    short: tuple[tuple[str, str], ...]


def compiled(views: Iterable[View], types: Mapping[str, Type], zone: str) -> Computed:
    """The request views and functions among the views. `types`: of raw columns, keys and looked-up features.

    ExpressionError where an expression does not fit these types; ModelError `function-unreadable`.
    """
    columns: list[tuple[str, Closure]] = []
    short: dict[str, str] = {}
    for view in views:
        if isinstance(view, Request):
            for item in view.columns:
                if item.name in view.chosen:
                    short |= short_names(item.expression, types)
                    columns.append((full_name(view, item.name), closure(item.expression, types, zone)))
        elif isinstance(view, OnRequest):
            columns.append((view.name, function_of(view, types, zone)))
    return Computed(columns=tuple(columns), short=tuple(short.items()))


def closure(expression: Expression, types: Mapping[str, Type], zone: str) -> Closure:
    """The expression as a function of a row of values by name, `asked_at` among them."""
    known: dict[str, Type] = {ASKED_AT: "timestamp", **types}
    for name, meant in short_names(expression, types).items():
        known[name] = types[meant]
    return compile_row(expression.tree, columns=known, zone=zone)


def short_names(expression: Expression, types: Mapping[str, Type]) -> dict[str, str]:
    """Names that the expression uses for looked-up features without their view, as training understands them."""
    found: dict[str, str] = {}
    for name in expression.names:
        meant = [full for full in types if full.rpartition(".")[2] == name and full != name]
        if name not in types and len(meant) == 1:
            found[name] = meant[0]
    return found


def compute(made: Computed, row: Row) -> dict[str, Any]:
    """Request columns and functions by full name. The row holds raw columns, looked-up features and `asked_at`.

    What a function of the team raises is not caught here.
    """
    seen = {**row, **{name: row[meant] for name, meant in made.short}}
    found: dict[str, Any] = {}
    for name, step in made.columns:
        found[name] = step(seen)
    return found


def function_of(view: OnRequest, types: Mapping[str, Type], zone: str) -> Closure:
    """The scalar function as a function of a row: times become aware datetimes, `asked_at` in the system's zone.

    ModelError `function-unreadable` when the text that came with the bundle defines no such function.
    """
    function = loaded(view)
    readers = [argument(name, types.get(name, "unknown"), zone) for name in view.parameters]

    def call(row: Row) -> Any:
        return function(*(read_one(row) for read_one in readers))

    return call


def argument(name: str, kind: Type, zone: str) -> Closure:
    """How one parameter is taken from the row."""
    if name == ASKED_AT and kind == "unknown":
        place = zone_info(zone)
        return lambda row: (EPOCH + timedelta(microseconds=row[ASKED_AT])).astimezone(place)
    if kind == "timestamp":
        return lambda row: None if row.get(name) is None else EPOCH + timedelta(microseconds=row[name])
    if kind == "date":
        return lambda row: None if row.get(name) is None else date(1970, 1, 1) + timedelta(days=row[name])
    return lambda row: row.get(name)


def loaded(view: OnRequest) -> Callable[..., Any]:
    """The function, from the text in the bundle.

    The text is run as it is: whoever can write a bundle into the blob store is trusted like whoever wrote the system
    file. That only the standard library can be imported keeps servers light and bundles whole; it is no sandbox.
    """
    names: dict[str, Any] = {
        "__builtins__": vars(builtins) | {"__import__": standard_import},
        "__name__": f"on_request.{view.name}",
    }
    try:
        exec(compile(view.code, f"<on_request {view.name}>", "exec"), names)  # noqa: S102 - see above: trusted text
        function = names[view.name]
    except (SyntaxError, ImportError, NameError, KeyError) as error:
        raise ModelError("function-unreadable", function=view.name, words=str(error)) from error
    if not callable(function):
        raise ModelError("function-unreadable", function=view.name, words=f"{view.name} is no function")
    return function  # type: ignore[no-any-return]  # whatever the text defines


def standard_import(
    name: str,
    globals: Mapping[str, Any] | None = None,
    locals: Mapping[str, Any] | None = None,
    fromlist: Sequence[str] = (),
    level: int = 0,
) -> ModuleType:
    """Python's import, for the standard library alone. ImportError for anything else."""
    if level or name.partition(".")[0] not in sys.stdlib_module_names:
        raise ImportError(f"{name} is not in Python's standard library", name=name)
    return builtins.__import__(name, globals, locals, fromlist, level)
