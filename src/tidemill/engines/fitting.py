"""One call of a training function: its data made, its model recognised, saved, loaded again and tried on a fold."""

from __future__ import annotations

import inspect
import random
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tidemill.engines.frame import frame_of
from tidemill.errors import ModelError
from tidemill.ports.flavor import FeatureColumn, Flavor, Saved
from tidemill.ports.trainer import Fold, Task
from tidemill.spec.data import Data

ASKED_AT = "asked_at"
LONGEST_WORDS = 500


def fit(task: Task, flavors: Sequence[Flavor]) -> Saved:
    """The function's model as files that are sure to load and to score the valid fold (without one, the train fold).

    ModelError `function-raised`, `returned-nothing`, `not-a-model`, `wrong-length`, `nan-score`, `not-a-probability`,
    and what the flavor says of the object.
    """
    train, valid = (data_of(fold, task.features) for fold in (task.train, task.valid))
    _seed(task.seed)
    model = _called(task, train, valid)
    if model is None:
        raise ModelError("returned-nothing", function=name_of(task.function))
    flavor = next((flavor for flavor in flavors if flavor.recognises(model)), None)
    if flavor is None:
        kind = type(model)
        raise ModelError("not-a-model", type=f"{kind.__module__}.{kind.__qualname__}", known=[f.name for f in flavors])
    saved = flavor.save(model, task.features, task.kind, rounds=task.rounds)
    fold = task.valid if len(task.valid.target) else task.train
    scorer = flavor.load(saved.files, saved.config, task.features)
    try:
        _sound(scorer.predict(fold.matrix), rows=len(fold.target), kind=task.kind)
    finally:
        scorer.close()
    return saved


def data_of(fold: Fold, features: Sequence[FeatureColumn]) -> Data:
    """The fold as a training function sees it, oldest ask first."""
    keys = _keys(fold.keys, len(fold.target))
    order = np.argsort(np.asarray(fold.keys[ASKED_AT], np.int64), kind="stable")
    frame = frame_of(fold.matrix[order], features)
    return Data(X=frame, y=fold.target[order], keys=keys.iloc[order].reset_index(drop=True))


def _keys(keys: Mapping[str, Sequence[object]], rows: int) -> pd.DataFrame:
    """The keys with `asked_at`, which comes as microseconds UTC, as datetime64[us, UTC]."""
    asked = pd.Series(np.asarray(keys[ASKED_AT], dtype=np.int64).view("datetime64[us]")).dt.tz_localize("UTC")
    return pd.DataFrame({**keys, ASKED_AT: asked}, index=pd.RangeIndex(rows))


def _seed(seed: int) -> None:
    """Python's and NumPy's global generators; a library that keeps its own takes a parameter."""
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 - what a team's code or library draws from when it names no generator.


def _called(task: Task, train: Data, valid: Data) -> object:
    """What the function returns. Its warnings are shown, never turned into errors by the caller's settings."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            return task.function(train, valid, **task.parameters)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it is the team's code, and may raise anything.
        _say(task.function, error)


def _say(function: Callable[..., object], error: BaseException) -> NoReturn:
    """Raises ModelError `function-raised` with the last line of the function's own file that led to the error."""
    steps = traceback.extract_tb(error.__traceback__)
    file = getattr(getattr(inspect.unwrap(function), "__code__", None), "co_filename", "")
    own = next((step for step in reversed(steps) if step.filename == file), steps[-1])
    raise ModelError(
        "function-raised",
        function=name_of(function),
        error=type(error).__name__,
        words=str(error)[:LONGEST_WORDS],
        place=f"{Path(own.filename).name}:{own.lineno}",
        line=own.line or "",
    ) from error


def name_of(function: Callable[..., object]) -> str:
    """The function's name; of an object that can be called, its class's."""
    return str(getattr(function, "__name__", type(function).__name__))


def _sound(scores: NDArray[np.float64], *, rows: int, kind: str) -> None:
    """Raises when the scores are not one finite number a row, or not probabilities where they should be."""
    if scores.shape != (rows,):
        raise ModelError("wrong-length", found=scores.shape, rows=rows)
    if broken := int(np.count_nonzero(~np.isfinite(scores))):
        raise ModelError("nan-score", broken=broken, rows=rows)
    if kind == "binary" and rows and not (scores.min() >= 0 and scores.max() <= 1):
        raise ModelError("not-a-probability", low=float(scores.min()), high=float(scores.max()))
