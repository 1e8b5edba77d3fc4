"""What goes into a version's bundle beside the model: its signature, golden rows and the reference for drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tidemill.facts.codec import canonical
from tidemill.facts.data import ColumnType
from tidemill.features.offline.asks import ASKED
from tidemill.features.offline.columns import matrix, values_of
from tidemill.features.offline.frame import column_type, views_needed
from tidemill.lifecycle.train.given import Given
from tidemill.measure.column import read
from tidemill.measure.drift import reference
from tidemill.ports.context import Context
from tidemill.ports.flavor import FeatureColumn, Saved
from tidemill.predict.pack import pack
from tidemill.predict.signature import Golden, Signature
from tidemill.spec.label import Candidates
from tidemill.spec.model import Model
from tidemill.spec.needs import asked_keys, request_columns
from tidemill.spec.view import Lookup, OnRequest, View

Floats = NDArray[np.float64]
GOLDEN = 20
"""Rows that a version must answer alike wherever it is loaded."""


def pack_version(
    saved: Saved, features: tuple[FeatureColumn, ...], trained: pa.Table, given: Given, ctx: Context
) -> str:
    """The digest of the bundle; `trained` are the rows trained on."""
    model = given.system.model(given.model)
    views = views_needed(model, given.system)
    request, keys = request_types(model, trained), key_types(views, trained)
    columns = matrix(trained, features)
    signature = Signature(
        system=given.system.name,
        model=model.name,
        kind="binary" if given.training_set.parts[0].positives is not None else "number",
        zone=given.system.zone,
        label=model.label.name,
        features=features,
        views=views,
        request=request,
        keys=keys,
        looked_up=tuple(ColumnType(name=name, type=column_type(trained, name)) for name in looked_names(views)),
        asked=model.label.asked,
        decide=model.decide,
        sticky=tuple(key.name for key in keys) or sticky_of(model),
        flavor=saved.flavor,
        config=saved.config,
        golden=golden_rows(saved, (features, columns), trained, (request, keys, views), ctx),
    )
    references = {feature.name: reference(read(columns[:, place])) for place, feature in enumerate(features)}
    return pack(signature, saved, {"reference.json": canonical(references)}, ctx.blobs)


def sticky_of(model: Model) -> tuple[str, ...]:
    """Without looked-up views: the asked row's own key."""
    asked = model.label.asked
    return asked.entity if isinstance(asked, Candidates) else asked.key


def request_types(model: Model, table: pa.Table) -> tuple[ColumnType, ...]:
    """Raw columns that a caller sends, with their types: of the request views, then of scalar functions."""
    named = dict.fromkeys(request_columns(model))
    for view in model.features:
        if isinstance(view, OnRequest):
            named |= dict.fromkeys(name for name in view.parameters if name in table.column_names)
    return tuple(ColumnType(name=name, type=column_type(table, name)) for name in named if name in table.column_names)


def key_types(views: Sequence[View], table: pa.Table) -> tuple[ColumnType, ...]:
    """Entity columns of the looked-up views, by the ask's names."""
    named = dict.fromkeys(name for view in views if isinstance(view, Lookup) for name in asked_keys(view))
    return tuple(ColumnType(name=name, type=column_type(table, name)) for name in named)


def golden_rows(
    saved: Saved,
    inputs: tuple[tuple[FeatureColumn, ...], Floats],
    table: pa.Table,
    needed: tuple[Sequence[ColumnType], Sequence[ColumnType], Sequence[View]],
    ctx: Context,
) -> tuple[Golden, ...]:
    """Some trained rows, evenly spread, with what was sent, what was looked up and the score.

    Only such as JSON can hold: it knows no infinite number, neither of a feature nor as a score.
    """
    request, keys, views = needed
    features, columns = inputs
    sayable = np.flatnonzero(~np.isinf(columns).any(axis=1))
    if not len(sayable):
        return ()
    places = sayable[np.unique(np.linspace(0, len(sayable) - 1, GOLDEN).astype(np.int64))]
    scorer = ctx.flavors[saved.flavor].load(saved.files, saved.config, features)
    try:
        scores = scorer.predict(columns[places])
    finally:
        scorer.close()
    places, scores = places[np.isfinite(scores)], scores[np.isfinite(scores)]
    rows = table.take(pa.array(places))
    sent = plain_rows(rows, dict.fromkeys(item.name for item in (*request, *keys)))
    found = plain_rows(rows, dict.fromkeys(looked_names(views)))
    asked = values_of(rows[ASKED]).data
    return tuple(
        Golden(request=sent[place], looked_up=found[place], asked_at_us=int(asked[place]), score=float(score))
        for place, score in enumerate(scores)
    )


def looked_names(views: Sequence[View]) -> tuple[str, ...]:
    """`view.feature` of all features of looked-up views, chosen or not: request columns may use any."""
    found: list[str] = []
    for view in views:
        if isinstance(view, Lookup):
            names = (*(item.name for item in view.columns), *(name for name, _ in view.windows))
            found += [f"{view.name}.{name}" for name in names]
    return tuple(found)


def plain_rows(table: pa.Table, names: Mapping[str, object]) -> list[dict[str, object]]:
    """Rows as the house keeps values outside Arrow: times as int microseconds; null and no finite number as None."""
    columns: dict[str, list[object]] = {}
    for name in names:
        values = values_of(table[name])
        columns[name] = [
            item if there else None for item, there in zip(values.data.tolist(), values.present(), strict=True)
        ]
    return [{name: column[place] for name, column in columns.items()} for place in range(table.num_rows)]
