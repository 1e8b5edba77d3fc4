"""Stage 4, train: the team's function on the training set, its model packed as an immutable version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from tidemill.errors import DataError
from tidemill.facts.data import TrainingSet, Value
from tidemill.facts.model import ModelVersion
from tidemill.features.offline.columns import matrix, values_of
from tidemill.features.offline.frame import vocabularies
from tidemill.features.offline.slices import chosen
from tidemill.features.rows import Bools
from tidemill.lifecycle.train.given import Given
from tidemill.lifecycle.train.packed import pack_version
from tidemill.ports.context import Context
from tidemill.ports.flavor import FeatureColumn, Saved
from tidemill.ports.trainer import Fold, Task
from tidemill.predict.bundle import open_bundle
from tidemill.spec.label import Candidates
from tidemill.spec.model import ByTime, Model

TRAIN, VALID = 1, 2
FEWEST = 50
"""Rows of a part below which nothing is trained or judged."""


def run(given: Given, ctx: Context) -> tuple[ModelVersion, ...]:
    """The version.

    DataError `too-few-known` when the split leaves too little to train or to test on; ModelError from the training
    function or its model. Nothing is kept then.
    """
    enough(given)
    model = given.system.model(given.model)
    table = chosen(given.training_set, ctx.blobs)
    train, valid = rows_of(table, given)
    features = columns_of(table, given.training_set, train)
    parameters = dict(given.tested.parameters) if given.tested else dict(ctx.search.ask(model.parameters))
    kind = "binary" if given.training_set.parts[0].positives is not None else "number"
    ctx.progress("rows", int(train.sum()), None)
    saved = ctx.trainer.fit(
        Task(
            function=model.function,
            train=fold(table, features, train, model),
            valid=fold(table, features, valid, model),
            features=features,
            parameters=parameters,
            kind=kind,
            seed=given.seed,
            rounds=rounds_of(given.tested, ctx),
        )
    )
    bundle = pack_version(saved, features, table.filter(pa.array(train)), given, ctx)
    return (version_of(given, bundle, parameters, saved, int(train.sum()), int(asked_until(table, train))),)


def is_forward(given: Given) -> bool:
    """Whether all mature rows are trained on."""
    return given.tested is not None or given.rows == "forward"


def enough(given: Given) -> None:
    """Refuses a split whose parts cannot be judged: few rows to train on or to test on, or only one outcome there."""
    if is_forward(given):
        return
    facts, split = given.training_set, given.system.model(given.model).split
    together = split.together if isinstance(split, ByTime) else None
    for part in facts.parts:
        one_class = part.positives is not None and part.positives in {0, part.rows}
        if part.name != "valid" and (part.rows < FEWEST or one_class):
            raise DataError(
                "too-few-known",
                model=given.model,
                part=part.name,
                rows=part.rows,
                positives=part.positives,
                needed=FEWEST,
                immature=facts.immature,
                together=together if part.name == "test" else None,
            )


def rows_of(table: pa.Table, given: Given) -> tuple[Bools, Bools]:
    """Which rows to train and to validate on."""
    if is_forward(given):
        forward = values_of(table["_forward"]).data
        return forward >= TRAIN, forward >= VALID
    part = values_of(table["_part"]).data
    return part == TRAIN, part == VALID


def columns_of(table: pa.Table, training_set: TrainingSet, train: Bools) -> tuple[FeatureColumn, ...]:
    """The model's inputs; vocabularies come from the rows to train on alone."""
    names = [feature.name for feature in training_set.features]
    words = vocabularies(table, names, train)
    return tuple(
        FeatureColumn(name=item.name, type=item.type, vocabulary=words.get(item.name, ()))
        for item in training_set.features
    )


def fold(table: pa.Table, features: tuple[FeatureColumn, ...], rows: Bools, model: Model) -> Fold:
    """The chosen rows as a matrix, a target and the ask's keys."""
    part = table.filter(pa.array(rows))
    asked = model.label.asked
    names = (*asked.entity, asked.item) if isinstance(asked, Candidates) else asked.key
    keys: dict[str, Sequence[object]] = {name: cells(part[name]) for name in names if name in part.column_names}
    return Fold(
        matrix=matrix(part, features),
        target=values_of(part["_y"]).data,
        keys=keys | {"asked_at": cells(part["_asked_us"])},
    )


def cells(column: pa.ChunkedArray) -> Sequence[object]:
    """A key's values; whole numbers without nulls need not become Python's one by one."""
    plain = pa.types.is_integer(column.type) and not column.null_count
    found: Sequence[object] = column.to_numpy() if plain else column.to_pylist()
    return found


def rounds_of(tested: ModelVersion | None, ctx: Context) -> int:
    """Boosting rounds of the tested model, which a refit may not exceed; 0 for models without rounds."""
    if tested is None:
        return 0
    trees = open_bundle(tested.bundle, ctx.blobs).signature.config.get("trees", 0)
    return trees if isinstance(trees, int) else 0


def asked_until(table: pa.Table, train: Bools) -> int:
    """The newest ask that was trained on."""
    return int(values_of(table["_asked_us"]).data[train].max())


def version_of(
    given: Given, bundle: str, parameters: Mapping[str, object], saved: Saved, rows: int, until_us: int
) -> ModelVersion:
    """The fact of the version."""
    plain: dict[str, Value] = {
        name: value if isinstance(value, int | float | str | bool) else str(value) for name, value in parameters.items()
    }
    return ModelVersion(
        system=given.system.name,
        model=given.model,
        ordinal=given.ordinal,
        bundle=bundle,
        run=given.run,
        training_set=given.training_set.digest,
        role="refit" if is_forward(given) else "tested",
        tested=None if given.tested is None else given.tested.name,
        parameters=plain,
        environment={"requirements": " ".join(saved.requirements)},
        trained_until_us=until_us,
        train_rows=rows,
        at_us=given.now_us,
    )
