"""What the version that answers now says of the test rows, from features as it declares them, not as they are now."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tidemill.errors import DataError, ExpressionError, ModelError
from tidemill.facts.codec import digest
from tidemill.facts.data import DatasetVersion
from tidemill.facts.ids import dataset_ref
from tidemill.facts.model import ModelVersion
from tidemill.features.offline.columns import matrix, values_of
from tidemill.features.offline.frame import views_needed, with_features
from tidemill.features.offline.lake import lake_of
from tidemill.features.request import loaded
from tidemill.lifecycle.evaluate.given import Given
from tidemill.ports.context import Context
from tidemill.predict.bundle import open_bundle
from tidemill.predict.predictor import Predictor
from tidemill.predict.signature import Signature
from tidemill.spec.needs import full_name
from tidemill.spec.view import Lookup, OnRequest, View

LOG = logging.getLogger(__name__)


def champion_scores(champion: ModelVersion, rows: pa.Table, given: Given, ctx: Context) -> NDArray[np.float64]:
    """One score a row; NaN where the champion has no answer.

    That is for rows asked before the end of its own training, and for all of them where its features cannot be made
    any more: a dataset or a column that it reads is gone.
    """
    bundle = open_bundle(champion.bundle, ctx.blobs)
    try:
        seen = in_its_eyes(rows, bundle.signature, given, ctx)
        inputs = matrix(seen, bundle.signature.features)
    except (DataError, ExpressionError, ModelError) as error:
        LOG.warning("%s cannot be compared with: its features cannot be made any more: %s", champion.name, error)
        return np.full(rows.num_rows, np.nan)
    with closing(Predictor(bundle, ctx.flavors[bundle.signature.flavor])) as predictor:
        scores = predictor.score(inputs)
    return np.where(values_of(rows["_asked_us"]).data > champion.trained_until_us, scores, np.nan)


def in_its_eyes(rows: pa.Table, signature: Signature, given: Given, ctx: Context) -> pa.Table:
    """The rows with the champion's features: those that are there while its views are still declared alike."""
    model = given.system.model(given.model)
    declared = views_needed(model, given.system)
    if alike(declared, signature.views) and given.system.zone == signature.zone:
        return rows
    made = {name for view in declared for name in names_of(view)}
    asks = rows.select([name for name in rows.column_names if name not in made])
    views = [replace(view, function=loaded(view)) if isinstance(view, OnRequest) else view for view in signature.views]
    lake = lake_of(signature.zone, landed(signature, given, ctx), ctx.tables, ctx.compute)
    return with_features(asks, views, lake)


def alike(some: Sequence[View], others: Sequence[View]) -> bool:
    """Whether the views say the same."""
    return digest(list(some)) == digest(list(others))


def names_of(view: View) -> tuple[str, ...]:
    """Full names of all that the view gives, chosen or not."""
    if isinstance(view, OnRequest):
        return (view.name,)
    windows = view.windows if isinstance(view, Lookup) else ()
    short = (*(item.name for item in view.columns), *(name for name, _ in windows))
    return tuple(full_name(view, name) for name in short)


def landed(signature: Signature, given: Given, ctx: Context) -> list[DatasetVersion]:
    """The dataset versions behind the training set, and the newest of what only the champion looks up."""
    numbers = {one.dataset: one.number for one in map(dataset_ref, given.training_set.versions)}
    found = [ctx.tables.version(name, number) for name, number in numbers.items() if number is not None]
    others = dict.fromkeys(view.source.dataset for view in signature.lookups if view.source.dataset not in numbers)
    return [*found, *(version for version in map(ctx.tables.newest, others) if version is not None)]
