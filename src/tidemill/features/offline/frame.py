"""The asks with each feature's value as of their moment: looked-up views, then request columns, then functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from tidemill.features.offline.asks import ASK, ASKED
from tidemill.features.offline.columns import arrow_of, type_of, values_of
from tidemill.features.offline.join import looked_up
from tidemill.features.offline.lake import Lake
from tidemill.features.plan import quoted
from tidemill.features.rows import Bools
from tidemill.features.sqltext import to_duckdb
from tidemill.spec.declaration import Declaration
from tidemill.spec.expression import Expression, Type
from tidemill.spec.model import Model
from tidemill.spec.needs import features_of, full_name, lookups
from tidemill.spec.view import Lookup, OnRequest, Request, View

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
    table = asks
    looked = [view for view in views if isinstance(view, Lookup)]
    for place, view in enumerate(looked):
        for name, values in looked_up(view, asks, lake).items():
            table = table.append_column(f"{view.name}.{name}", arrow_of(values))
        if told is not None:
            told(view.name, place + 1, len(looked))
    for view in views:
        if isinstance(view, Request):
            table = with_request(table, view, lake)
        elif isinstance(view, OnRequest):
            table = table.append_column(view.name, called(view, table, lake.zone))
    return table


def with_request(table: pa.Table, view: Request, lake: Lake) -> pa.Table:
    """The table with the request view's columns."""
    items = [item for item in view.columns if item.name in view.chosen]
    texts = [f"{sql_on(item.expression, table, lake.zone)} as {quoted(f'{view.name}.{item.name}')}" for item in items]
    found = lake.query(f"select {', '.join(texts)} from asks order by {ASK}", asks=table)
    for name in found.column_names:
        table = table.append_column(name, found[name])
    return table


def sql_on(expression: Expression, table: pa.Table, zone: str) -> str:
    """The expression as SQL over the asks; `asked_at` is the moment, unique short names mean looked-up features."""
    rename = {} if ASKED_AT in table.column_names else {ASKED_AT: "_asked_at"}
    short: dict[str, list[str]] = {}
    for column in table.column_names:
        short.setdefault(column.rpartition(".")[2], []).append(column)
    for name in expression.names:
        if name not in table.column_names and len(short.get(name, [])) == 1:
            rename[name] = short[name][0]
    columns = {name: column_type(table, rename.get(name, name)) for name in expression.names if name != ASKED_AT}
    text = to_duckdb(expression.tree, columns={ASKED_AT: "timestamp"} | columns, zone=zone, rename=rename)
    return text.replace('"_asked_at"', f"make_timestamptz({ASKED})")


def column_type(table: pa.Table, name: str) -> Type:
    """The dialect's type of a column."""
    return type_of(table.schema.field(name).type)


def called(view: OnRequest, table: pa.Table, zone: str) -> pa.Array:
    """The scalar function on every ask; `asked_at` is an aware time in the system's zone, None is missing."""
    columns = [
        moments(table, zone) if name == ASKED_AT and name not in table.column_names else table[name].to_pylist()
        for name in view.parameters
    ]
    rows = zip(*columns, strict=True) if columns else (() for _ in range(table.num_rows))
    kinds = {"boolean": pa.bool_(), "int": pa.int64(), "float": pa.float64(), "text": pa.string()}
    return pa.array([view.function(*row) for row in rows], kinds.get(view.returns))


def moments(table: pa.Table, zone: str) -> list[datetime]:
    """`asked_at` of each ask in that zone."""
    place = ZoneInfo(zone)
    return [(EPOCH + timedelta(microseconds=us)).astimezone(place) for us in table[ASKED].to_pylist()]


def vocabularies(table: pa.Table, features: Sequence[str], train: Bools) -> Mapping[str, tuple[str, ...]]:
    """Sorted distinct texts of each text feature among the rows to train on."""
    found: dict[str, tuple[str, ...]] = {}
    for name in features:
        if pa.types.is_string(table.schema.field(name).type):
            values = values_of(table[name])
            found[name] = tuple(sorted(set(values.data[train & ~values.missing])))
    return found
