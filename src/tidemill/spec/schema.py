"""What is known of columns: the types of a source's, of an ask's, and of the features made from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tidemill.errors import ExpressionError
from tidemill.spec.expression import Expression, Type
from tidemill.spec.label import Candidates, Label
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup, OnRequest, Request, View, Window

Schemas = Mapping[str, Mapping[str, Type]]
"""dataset -> column -> type, for the sources that could be reached."""

WINDOW_TYPES: Mapping[str, Type] = {
    "count": "int", "distinct": "int", "sum": "float", "mean": "float", "std": "float", "days_since_last": "float",
}  # fmt: skip


def columns_of(source: Source, schemas: Schemas) -> Mapping[str, Type]:
    """The source's columns with their types; empty where its schema is not known."""
    return schemas.get(source.dataset, {})


def type_in(expression: Expression, names: Mapping[str, Type]) -> Type:
    """The type of an expression over names of these types; "unknown" where they do not decide it."""
    from tidemill.spec.types import type_of

    try:
        return type_of(expression.tree, {name: names.get(name, "unknown") for name in expression.names})
    except ExpressionError:
        return "unknown"


def window_type(window: Window, columns: Mapping[str, Type]) -> Type:
    """The type of an aggregate's value: its own, or for min, max, last and lag that of its expression."""
    if window.kind in WINDOW_TYPES:
        return WINDOW_TYPES[window.kind]
    return type_in(window.expression, columns) if window.expression else "unknown"


def feature_types(view: View, schemas: Schemas, lookups: Iterable[Lookup] = ()) -> dict[str, Type]:
    """Every feature of the view by its short name, chosen or not; `lookups`: views that request columns may use."""
    if isinstance(view, OnRequest):
        return {view.name: view.returns}
    columns = columns_of(view.source, schemas)
    if isinstance(view, Request):
        names = {**columns, "asked_at": "timestamp", **qualified(lookups, schemas)}
        return {item.name: type_in(item.expression, names) for item in view.columns}
    return {item.name: type_in(item.expression, columns) for item in view.columns} | {
        name: window_type(window, columns) for name, window in view.windows
    }


def qualified(views: Iterable[Lookup], schemas: Schemas) -> dict[str, Type]:
    """`view.feature` -> type of looked-up views."""
    return {f"{view.name}.{name}": kind for view in views for name, kind in feature_types(view, schemas).items()}


def ask_types(asked: Source | Candidates, schemas: Schemas) -> dict[str, Type]:
    """Columns of an ask with `asked_at`: the asked row's, or entity and item of candidates.

    Candidates are made by SQL: a key of theirs has the type that a source's column of the same name has.
    """
    if isinstance(asked, Source):
        return {**columns_of(asked, schemas), "asked_at": "timestamp"}
    keys = (*asked.entity, asked.item)
    return {**{key: type_by_name(key, schemas) for key in keys}, "asked_at": "timestamp"}


def type_by_name(column: str, schemas: Schemas) -> Type:
    """The type that the first source with such a column gives it."""
    return next((columns[column] for columns in schemas.values() if column in columns), "unknown")


def ahead_types(label: Label, schemas: Schemas) -> dict[str, Type]:
    """The values that a label's `ahead` windows give."""
    return {
        name: window_type(window, columns_of(window.of, schemas) if window.of else {}) for name, window in label.ahead
    }


def outcome_type(label: Label, schemas: Schemas) -> Type:
    """The type of the outcome: boolean for an event, int or float for a number."""
    return type_in(label.outcome, ask_types(label.asked, schemas) | ahead_types(label, schemas))
