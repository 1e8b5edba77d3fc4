"""Looked-up features of each ask as of its moment, and what came after it: landed rows and asks in, columns out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from tidemill.errors import DataError
from tidemill.features.asof import newest_rows
from tidemill.features.keys import factorise
from tidemill.features.offline.asks import ASKED, OWN
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.groups import Group, events_of, grouped, in_numbers
from tidemill.features.offline.lake import Lake
from tidemill.features.offline.reach import in_reach, parts_of, together
from tidemill.features.plan import (
    COLUMN,
    ENTITY,
    MASK,
    ROW,
    SINCE,
    UNTIL,
    VALUE,
    clean,
    projection,
    rows_of,
    window_columns,
)
from tidemill.features.rows import Asks, Ints, Values, WindowPlan
from tidemill.features.window import evaluate, evaluate_ahead
from tidemill.spec.expression import Expression
from tidemill.spec.label import Label
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup, Window


def looked_up(view: Lookup, asks: pa.Table, lake: Lake) -> dict[str, Values]:
    """The view's features per ask, by short name: columns of the newest row and windows, strictly before the moment.

    DataError `sum-overflow` with the entity of an ask that sees more than a sum holds; `not-a-number` for one of text.
    """
    found = as_seen(view, asks, lake)
    bound = dict(view.bound)
    for name, window in view.windows:
        keys = {column: bound.get(column, column) for column in view.entity}
        demand_fit(found[name], WindowPlan(name=f"{view.name}.{name}", window=window), keys, asks)
    return found


def demand_fit(found: Values, plan: WindowPlan, keys: Mapping[str, str], asks: pa.Table) -> None:
    """The window's sums fit. DataError as `looked_up`; `keys`: columns of the rows to those of the asks."""
    if found.unfit is None:
        return
    if found.unfit.text:
        raise DataError("not-a-number", column=plan.column, feature=plan.name, kind="text")
    place = int(np.argmax(found.unfit.asks))
    entity = ", ".join(f"{mine} = {asks[theirs][place].as_py()}" for mine, theirs in keys.items())
    raise DataError(
        "sum-overflow", column=plan.column, feature=plan.name, scale=found.unfit.scale, entity=entity,
        asked_us=asks[ASKED][place].as_py(),
    )  # fmt: skip


def as_seen(view: Lookup, asks: pa.Table, lake: Lake, *, landed_where: str = "true") -> dict[str, Values]:
    """As `looked_up`, and as a server answers: null where a sum does not fit.

    `landed_where`: a condition on landed rows that narrows what there is to see. Entities are taken in parts, so that
    memory holds the rows of one part at a time.
    """
    near = f"({landed_where}) and {in_reach(view, asks, lake)}"
    parts = parts_of(view, asks, lake, near)
    found = []
    for part in parts:
        some = asks if len(parts) == 1 else asks.take(pa.array(part.places))
        rows = projection(view, lake.dialect, landed_where=near)
        order = f" order by {ROW}" if view.source.key or part.where != "true" else ""  # as they landed
        sql = f"select {needed(view)} from ({rows}) where {part.where}{order}"
        found.append(seen(view, lake.query(sql, _asks=asks), some))
    return together(found, [part.places for part in parts])


def needed(view: Lookup) -> str:
    """Of the projected columns those that the kernel reads, a value or a mask that windows share just once."""
    texts: set[tuple[str, str]] = set()
    left = [ROW, *([] if view.source.since else [SINCE]), *([] if view.source.key else [UNTIL])]
    for place, (_, window) in enumerate(view.windows):
        for column, expression in ((VALUE, window.expression), (MASK, window.where)):
            if expression is None or (column, expression.text) in texts:
                left.append(f"{column}{place}")
            else:
                texts.add((column, expression.text))
    return f"* exclude ({', '.join(left)})"


def seen(view: Lookup, rows: pa.Table, asks: pa.Table) -> dict[str, Values]:
    """The same from projected rows, in landing order where their times are equal."""
    bound = dict(view.bound)
    keys = [asks[bound.get(column, column)] for column in view.entity]

    def work(group: Group) -> dict[str, Values]:
        found: dict[str, Values] = {}
        if view.columns:
            since = values_of(group.rows[SINCE]) if view.source.since else None
            places = newest_rows(group.events, group.asks, since=since, max_age_us=view.max_age_us)
            for place, named in enumerate(view.columns):
                found[named.name] = picked(values_of(group.rows[f"{COLUMN}{place}"]), places)
        return found | evaluate(plans(view.windows, group.rows), group.events, group.asks) if view.windows else found

    return grouped(rows, keys, asks[ASKED].to_numpy(), work)


def plans(windows: Sequence[tuple[str, Window]], rows: pa.Table) -> list[WindowPlan]:
    """Each window with its projected columns; windows over one expression share its array, and so the work."""
    arrays: dict[tuple[str, str], Values] = {}

    def array(column: str, place: int, expression: Expression | None) -> Values | None:
        if expression is None:
            return None
        if (column, expression.text) not in arrays:
            arrays[column, expression.text] = values_of(rows[f"{column}{place}"])
        return arrays[column, expression.text]

    made = []
    for place, (name, window) in enumerate(windows):
        counted = array(MASK, place, window.where)
        values = array(VALUE, place, window.expression)
        made.append(
            WindowPlan(name=name, window=window, values=values, counted=None if counted is None else counted.data)
        )
    return made


def picked(values: Values, places: Ints) -> Values:
    """The values at these places; null at -1."""
    gone = places < 0
    if len(values.data) == 0:
        return Values(data=np.zeros(len(places), values.data.dtype), missing=np.ones(len(places), np.bool_))
    return Values(data=values.data[places], missing=values.missing[places] | gone)


def ahead(label: Label, asks: pa.Table, lake: Lake) -> dict[str, Values]:
    """Values of the label's `ahead` windows per ask, by name, without the ask's own row. DataError as `looked_up`."""
    found: dict[str, Values] = {}
    for source in dict.fromkeys(window.of for _, window in label.ahead if window.of is not None):
        windows = [(name, window) for name, window in label.ahead if window.of == source]
        items = rows_of(source, label.by) + window_columns(windows, source.dataset, lake.dialect)
        rows = lake.query(f"select {', '.join(items)} from ({clean(source, lake.dialect)}) order by {ROW}")
        numbered, keys = in_numbers(rows, [asks[column] for column in label.by])
        mine, theirs = factorise([values_of(numbered[f"{ENTITY}{place}"]) for place in range(len(keys))], keys)
        own = own_places(rows, asks) if shares_rows(source, label) else None
        moments = Asks(entities=theirs, times=asks[ASKED].to_numpy(), own=own)
        found |= evaluate_ahead(plans(windows, rows), events_of(rows, mine), moments)
    for name, window in label.ahead:
        if name in found:
            demand_fit(found[name], WindowPlan(name=name, window=window), {by: by for by in label.by}, asks)
    return found


def shares_rows(source: Source, label: Label) -> bool:
    """Whether an ask can itself be one of the rows of the window's source."""
    return isinstance(label.asked, Source) and label.asked.dataset == source.dataset


def own_places(rows: pa.Table, asks: pa.Table) -> Ints:
    """For each ask the index of its own row among these rows (sorted by `_row`), -1 where it is not among them."""
    numbers, own = rows[ROW].to_numpy(), asks[OWN].to_numpy()
    places = np.searchsorted(numbers, own)
    places[places == len(numbers)] = 0
    return np.where((numbers[places] == own) if len(numbers) else False, places, -1)
