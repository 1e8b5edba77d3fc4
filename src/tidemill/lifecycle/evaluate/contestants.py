"""Who else answers the test rows: a constant, the rolling rate, the champion, the same function on a random split."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tidemill.features.offline.columns import matrix, values_of
from tidemill.features.rows import Bools
from tidemill.lifecycle.evaluate.champion import champion_scores
from tidemill.lifecycle.evaluate.given import Given
from tidemill.measure.baseline import constant, rolling_rate
from tidemill.ports.context import Context
from tidemill.ports.trainer import Fold, Task
from tidemill.predict.bundle import open_bundle
from tidemill.predict.predictor import Predictor
from tidemill.spec.label import Candidates
from tidemill.spec.model import Model

Floats = NDArray[np.float64]

ROLLING = 1_000
"""Known outcomes behind the rolling rate."""
RANDOM_SHARE = 0.2


def scored(bundle: str, rows: pa.Table, ctx: Context) -> Floats:
    """The bundle's score of each row."""
    opened = open_bundle(bundle, ctx.blobs)
    with closing(Predictor(opened, ctx.flavors[opened.signature.flavor])) as predictor:
        return predictor.score(matrix(rows, opened.signature.features))


def contestants(given: Given, table: pa.Table, test: Bools, ctx: Context) -> Mapping[str, Floats]:
    """Predictions for the test rows, by name; NaN where one has no answer (rows that the champion was trained on)."""
    y, asked, known = (values_of(table[name]).data for name in ("_y", "_asked_us", "_known_us"))
    train = values_of(table["_part"]).data == 1
    start = constant(y[train], yes_no=given.training_set.parts[0].positives is not None)
    found: dict[str, Floats] = {}
    if "baseline" in given.beside:
        found["baseline"] = np.full(int(test.sum()), start)
    if "rolling" in given.beside:
        found["rolling"] = rolling_rate(y, known, asked[test], last=ROLLING, start=start)
    if given.champion is not None:
        found["champion"] = champion_scores(given.champion, table.filter(pa.array(test)), given, ctx)
    return found


def random_split(given: Given, table: pa.Table, ctx: Context) -> tuple[Floats, Floats]:
    """(outcomes, predictions) of a random fifth of the rows, when the same function is fitted on the other four."""
    rows = table.filter(pa.array(values_of(table["_part"]).data > 0))
    chance = np.random.default_rng(given.seed).random(rows.num_rows)
    held, valid = chance < RANDOM_SHARE, (chance >= RANDOM_SHARE) & (chance < RANDOM_SHARE * 1.5)
    opened = open_bundle(given.version.bundle, ctx.blobs)
    signature, model = opened.signature, given.system.model(given.model)
    inputs, y = matrix(rows, signature.features), values_of(rows["_y"]).data
    keys = keys_of(model)

    def fold(part: Bools) -> Fold:
        own = rows.filter(pa.array(part))
        told = {name: own[column].to_pylist() for name, column in keys.items() if column in own.column_names}
        return Fold(matrix=inputs[part], target=y[part], keys=told)

    task = Task(
        function=model.function,
        train=fold(~held & ~valid),
        valid=fold(valid),
        features=signature.features,
        parameters=dict(given.version.parameters),
        kind=signature.kind,
        seed=given.seed,
    )
    saved = ctx.trainer.fit(task)
    with closing(ctx.flavors[saved.flavor].load(saved.files, saved.config, signature.features)) as scorer:
        return y[held], scorer.predict(inputs[held])


def keys_of(model: Model) -> dict[str, str]:
    """What a training function may read of an ask beside its features, and the column that holds it."""
    asked = model.label.asked
    names = (*asked.entity, asked.item) if isinstance(asked, Candidates) else asked.key
    return {name: name for name in names} | {"asked_at": "_asked_us"}
