"""Features of logged asks computed anew from landed rows: as of each moment, from the rows that were held then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from tidemill.features.keys import factorise
from tidemill.features.offline.columns import arrow_of, values_of
from tidemill.features.offline.frame import with_computed
from tidemill.features.offline.join import as_seen
from tidemill.features.offline.lake import Lake
from tidemill.features.offline.reach import together
from tidemill.features.plan import ROW, names, quoted
from tidemill.features.request import loaded
from tidemill.features.rows import Ints, Values
from tidemill.spec.needs import full_name
from tidemill.spec.schema import feature_types
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup, OnRequest, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Rows that could be seen at an ask and were not held, one value per ask.

    `rows`: how many; `lag_us`: how long the first of them could have been seen already, 0 where there is none.
    """

    rows: Ints
    lag_us: Ints


def recomputed(asks: pa.Table, held: Mapping[str, Ints], views: Sequence[View], lake: Lake) -> pa.Table:
    """The asks with a column per feature of the views, by full name.

    `asks`: `_ask`, `_asked_us`, raw columns and keys. `held`: by looked-up view, per ask, the first landing number that
    was not held when it was answered. Functions are run from the text that came with the bundle.
    """
    seen = asks
    for view in views:
        if isinstance(view, Lookup):
            kinds = feature_types(view, lake.dialect.columns)
            for name, values in as_held(view, asks, held[view.name], lake).items():
                seen = seen.append_column(full_name(view, name), arrow_of(values, kinds[name]))
    told = [replace(view, function=loaded(view)) if isinstance(view, OnRequest) else view for view in views]
    return with_computed(seen, told, lake)


def as_held(view: Lookup, asks: pa.Table, held: Ints, lake: Lake) -> dict[str, Values]:
    """The view's features per ask, each from the rows that landed before its number; null where a sum does not fit."""
    near = of_entities(view, asks, lake)
    parts = []
    places = []
    for first in np.unique(held):
        there = np.flatnonzero(held == first)
        some = asks.take(pa.array(there))
        parts.append(as_seen(view, some, near, landed_where=f"{ROW} < {first}"))
        places.append(there)
    return together(parts, places)


def of_entities(view: Lookup, asks: pa.Table, lake: Lake) -> Lake:
    """The lake with only those landed rows of the view's source that were ever of an entity that is asked about.

    What ends such a row, of another entity too, is among them. So a few asks, each as of its own number, do not
    read all rows each time.
    """
    source, bound = view.source, dict(view.bound)
    entities = lake.query(f"select distinct {names(view.entity)} from {quoted(source.dataset)}")
    keys = [values_of(asks[bound.get(column, column)]) for column in view.entity]
    codes, _ = factorise([values_of(entities[column]) for column in view.entity], keys)
    same = [f"one.{name} is not distinct from other.{name}" for name in map(quoted, source.key or (ROW,))]
    rows = lake.query(
        f"select one.* from {quoted(source.dataset)} one semi join (select * from {quoted(source.dataset)} "
        f"semi join _asked using ({names(view.entity)})) other on {' and '.join(same)}",
        _asked=entities.filter(pa.array(codes >= 0)),
    )
    return replace(lake, landed={**lake.landed, source.dataset: rows})


def missed(source: Source, asked_us: Ints, held: Ints, lake: Lake) -> Missed:
    """Rows of the source with max(time, known) < asked_at whose landing number was not held."""
    time = quoted(source.time)
    rows = lake.query(
        f"select greatest(epoch_us({time}), epoch_us(_known_at)) as seen_us, {ROW} as number "
        f"from {quoted(source.dataset)} where {time} is not null and {ROW} >= {int(held.min())} order by seen_us"
    )
    seen, numbers = rows["seen_us"].to_numpy(), rows["number"].to_numpy()
    count, lag = np.zeros(len(held), np.int64), np.zeros(len(held), np.int64)
    for first in np.unique(held):
        there = np.flatnonzero(held == first)
        later = seen[numbers >= first]
        count[there] = np.searchsorted(later, asked_us[there])
        if len(later):
            lag[there] = np.maximum(asked_us[there] - later[0], 0)
    return Missed(rows=count, lag_us=lag)
