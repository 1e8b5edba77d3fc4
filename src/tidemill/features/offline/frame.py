"""The asks with each feature's value as of their moment: looked-up views, then request columns, then functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import isfinite

import pyarrow as pa

from tidemill.errors import DataError, ModelError
from tidemill.features.offline.asks import ASK, ASKED
from tidemill.features.offline.columns import ARROW, arrow_of, type_of, values_of
from tidemill.features.offline.join import looked_up
from tidemill.features.offline.lake import Lake
from tidemill.features.plan import as_moment, quoted, row_sql
from tidemill.features.rows import Bools
from tidemill.spec.declaration import Declaration
from tidemill.spec.expression import Expression, Type
from tidemill.spec.model import Model
from tidemill.spec.nearest import nearest
from tidemill.spec.needs import chosen_items, features_of, full_name, lookups
from tidemill.spec.schema import feature_types
from tidemill.spec.view import Lookup, OnRequest, Request, View
from tidemill.spec.zones import zone_info

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ASKED_AT = "asked_at"

Told = Callable[[str, int, int], None]


def views_needed(model: Model, declaration: Declaration) -> tuple[View, ...]:
    """The looked-up views of the model and of its request columns, then its other views."""
    return (*lookups(model, declaration), *(view for view in model.features if not isinstance(view, Lookup)))


def feature_names(model: Model) -> tuple[str, ...]:
    """Names of everything the model sees, in declared order: `view.feature`, a function's by its own name."""
    return tuple(full_name(view, name) for view in model.features for name in features_of(view))


def with_features(asks: pa.Table, views: Sequence[View], lake: Lake, told: Told | None = None) -> pa.Table:
    """The asks with a column per feature of the views.

    Looked-up views first, since request columns may use them; request columns read the asked row's own columns.
    """
    seen = asks
    looked = [view for view in views if isinstance(view, Lookup)]
    for place, lookup in enumerate(looked):
        kinds = feature_types(lookup, lake.dialect.columns)
        for name, values in looked_up(lookup, asks, lake).items():
            seen = seen.append_column(full_name(lookup, name), arrow_of(values, kinds[name]))
        if told is not None:
            told(lookup.name, place + 1, len(looked))
    return with_computed(seen, views, lake)


def with_computed(seen: pa.Table, views: Sequence[View], lake: Lake) -> pa.Table:
    """The asks, looked-up features among their columns, with those of request views and functions too."""
    table = seen
    for view in views:
        if isinstance(view, Request):
            for name, column in requested(view, seen, lake).items():
                table = table.append_column(name, column)
        elif isinstance(view, OnRequest):
            table = table.append_column(view.name, called(view, seen, lake.zone))
    return table


def requested(view: Request, table: pa.Table, lake: Lake) -> dict[str, pa.ChunkedArray]:
    """The request view's columns by full name, from raw columns and looked-up features."""
    texts = [
        f"{sql_on(item.expression, table, lake.zone)} as {quoted(full_name(view, item.name))}"
        for item in chosen_items(view)
    ]
    if not texts:
        return {}
    found = lake.query(f"select {', '.join(texts)} from asks order by {ASK}", asks=table)
    return {name: found[name] for name in found.column_names}


def sql_on(expression: Expression, table: pa.Table, zone: str, *, moment: bool = False) -> str:
    """The expression as SQL over the asks; `asked_at` is the moment, unique short names mean looked-up features.

    `moment`: as a time, as Dialect.moment has it. DataError `column-missing`.
    """
    rename: dict[str, str] = {} if ASKED_AT in table.column_names else {ASKED_AT: "_asked_at"}
    short: dict[str, list[str]] = {}
    for column in table.column_names:
        short.setdefault(column.rpartition(".")[2], []).append(column)
    for name in expression.names:
        if name not in table.column_names and len(short.get(name, [])) == 1:
            rename[name] = short[name][0]
    types: dict[str, Type] = {name: column_type(table, name) for name in table.column_names}
    types |= {name: types[column] for name, column in rename.items() if column in types}
    types.setdefault(ASKED_AT, "timestamp")
    tree = as_moment(expression.tree) if moment else expression.tree
    text = row_sql(tree, types, zone, where="asks", rename=rename)
    return text.replace('"_asked_at"', f"make_timestamptz({ASKED})")


def column_type(table: pa.Table, name: str) -> Type:
    """The dialect's type of a column."""
    return type_of(table.schema.field(name).type)


def called(view: OnRequest, table: pa.Table, zone: str) -> pa.Array:
    """The scalar function on every ask; `asked_at` is an aware time in the system's zone, None is missing.

    ModelError `request-function-raised`, also for what it returned when that is not of the type it says.
    """
    columns = [argument(name, table, zone) for name in view.parameters]
    rows = zip(*columns, strict=True) if columns else (() for _ in range(table.num_rows))
    try:
        return pa.array([view.function(*row) for row in rows], ARROW.get(view.returns))
    except Exception as error:
        fields = {"error": type(error).__name__, "words": " ".join(str(error).split())}
        raise ModelError("request-function-raised", function=view.name, **fields) from error


def argument(name: str, table: pa.Table, zone: str) -> list[object]:
    """One parameter of every call, as a server gives it: times aware, no decimals, no number that is not finite."""
    if name == ASKED_AT and name not in table.column_names:
        return list(moments(table, zone))
    if name not in table.column_names:
        near = nearest(name, table.column_names)
        raise DataError("column-missing", column=name, where="asks", nearest=near)
    column = table[name].cast(pa.float64()) if pa.types.is_decimal(table[name].type) else table[name]
    cells = column.to_pylist()
    return [None if isinstance(cell, float) and not isfinite(cell) else cell for cell in cells]


def moments(table: pa.Table, zone: str) -> list[datetime]:
    """`asked_at` of each ask in that zone."""
    place = zone_info(zone)
    return [(EPOCH + timedelta(microseconds=us)).astimezone(place) for us in table[ASKED].to_pylist()]


def vocabularies(table: pa.Table, features: Sequence[str], train: Bools) -> Mapping[str, tuple[str, ...]]:
    """Sorted distinct texts of each text feature among the rows to train on."""
    found: dict[str, tuple[str, ...]] = {}
    for name in features:
        if pa.types.is_string(table.schema.field(name).type):
            values = values_of(table[name])
            found[name] = tuple(sorted(set(values.data[train & ~values.missing])))
    return found
