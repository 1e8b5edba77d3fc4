"""Looked-up features while answering: an entity's packed record read by the kernel of training."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tidemill.facts.codec import digest
from tidemill.facts.data import Value
from tidemill.features.asof import newest_rows
from tidemill.features.packed import NO_SINCE, Record, layout, record_of, together, unpacked
from tidemill.features.rows import Asks, EventRows, Ints, Values, WindowPlan
from tidemill.features.window import evaluate
from tidemill.spec.view import Lookup, Window

FORGOTTEN = "forgotten:"
"""How the flag of an answer begins whose look-up in the view that it names was not exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one look-up found. `known`: the entity has a record; `exact`: it reaches back as far as the ask needs."""

    values: dict[str, Value]
    known: bool
    exact: bool


def space(view: Lookup) -> str:
    """The space that holds the view's records; views that only name or show the same rows otherwise share it."""
    return f"view/{digest(replace(view, name='', chosen=(), bound=()))}"


def entity_key(values: Iterable[Value]) -> bytes | None:
    """The record's key: canonical JSON of the entity's values as text; None when one is null, for null is nobody."""
    texts = [key_text(value) for value in values]
    return None if None in texts else json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode()


def key_text(value: Value) -> str | None:
    """A key value as text: 17850, 17850.0 and "17850" are one entity."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)


def values(view: Lookup, record: bytes | None, asked_at_us: int) -> dict[str, Value]:
    """The view's features at that moment by short name; without a record those of an entity with no rows."""
    return look_up(view, [record], [asked_at_us])[0].values


def look_up(view: Lookup, records: Sequence[bytes | None], asked_at_us: Sequence[int]) -> list[Looked]:
    """The view's features of several entities, each at its own moment, in one pass of the kernel.

    StoreError `record-corrupt`; DataError `sum-overflow`, as in training.
    """
    empty = record_of([], layout(view))
    entities = [empty if record is None else unpacked(record) for record in records]
    found = features(view, entities, np.array(asked_at_us, np.int64))
    columns = [(name, column.data.tolist(), column.missing.tolist()) for name, column in found.items()]
    return [
        Looked(
            values={name: None if missing[place] else data[place] for name, data, missing in columns},
            known=records[place] is not None,
            exact=asked_at_us[place] >= entities[place].exact_from_us,
        )
        for place in range(len(records))
    ]


def features(view: Lookup, records: Sequence[Record], moments: Ints) -> dict[str, Values]:
    """Columns of the newest row and windows, as tidemill.features.offline.join has them for training."""
    sizes = [len(record.times) for record in records]
    entities = np.repeat(np.arange(len(records)), sizes)
    rows = EventRows(
        entities=entities,
        times=np.concatenate([record.times for record in records]),
        known=np.concatenate([record.known for record in records]),
        until=np.concatenate([record.until for record in records]),
    )
    asks = Asks(entities=np.arange(len(records)), times=moments)
    stored = [together(parts) for parts in zip(*(record.columns for record in records), strict=True)]
    found: dict[str, Values] = {}
    if view.columns:
        places = newest_rows(rows, asks, since=since_of(view, records), max_age_us=view.max_age_us)
        for named, column in zip(view.columns, stored, strict=False):
            found[named.name] = at_places(column, places)
    places_of = layout(view)
    plans = [
        WindowPlan(
            name=name,
            window=window,
            values=None if value is None else stored[value],
            counted=None if mask is None else stored[mask].data.astype(np.bool_, copy=False),
        )
        for (name, window), value, mask in zip(view.windows, places_of.values, places_of.masks, strict=True)
    ]
    seen = evaluate(plans, rows, asks) if plans else {}
    return found | {plan.name: as_read(plan.window, seen[plan.name]) for plan in plans}


def as_read(window: Window, values: Values) -> Values:
    """The window's values as training reads them: a sum is a float, of whole numbers too."""
    return replace(values, data=values.data.astype(np.float64)) if window.kind == "sum" else values


def since_of(view: Lookup, records: Sequence[Record]) -> Values | None:
    """From when each row may be assumed to have been so, for tables that keep only their last state."""
    if view.source.since is None:
        return None
    since = np.concatenate([record.since for record in records])
    return Values(data=since, missing=since == NO_SINCE)


def at_places(column: Values, places: Ints) -> Values:
    """The column's values at these places; null at -1."""
    gone = places < 0
    if not len(column.data):
        return Values(data=np.zeros(len(places), np.float64), missing=np.ones(len(places), np.bool_))
    return Values(data=column.data[places], missing=column.missing[places] | gone)
