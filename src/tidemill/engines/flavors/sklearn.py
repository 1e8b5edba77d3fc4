"""scikit-learn: any estimator that gives probabilities or numbers, pipelines and other libraries' estimators included.

An estimator has no format of its own but Python's pickle; what it needs to be read again is recorded beside it.
"""

from __future__ import annotations

import io
import pickle
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import packages_distributions, version
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from tidemill.engines.frame import frame_of
from tidemill.errors import ModelError
from tidemill.ports.flavor import FeatureColumn, Saved

FILE = "model.pkl"
ALWAYS = ("scikit-learn", "numpy", "pandas")
CAN_IMPORT = "import sys; from importlib.util import find_spec; sys.exit(find_spec(sys.argv[1]) is None)"


class SklearnFlavor:
    """Objects of classes that extend sklearn.base.BaseEstimator, LightGBM's own left to its flavor."""

    name = "sklearn"

    def recognises(self, model: object) -> bool:
        kinds = type(model).__mro__
        ours = any(kind.__module__ == "sklearn.base" and kind.__name__ == "BaseEstimator" for kind in kinds)
        return ours and type(model).__module__.partition(".")[0] != "lightgbm"

    def save(self, model: Any, features: Sequence[FeatureColumn], kind: str, *, rounds: int = 0) -> Saved:
        """One pickle, read back once to see that it can be. Rounds stay as they are: they cannot be taken off.

        ModelError `not-fitted`, `wrong-kind`, `one-class`, `cannot-save`, `needs-own-code`.
        """
        _fits(model, kind)
        try:
            data = pickle.dumps(model, protocol=5)
        except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
            raise ModelError("cannot-save", type=type(model).__name__, words=str(error)) from error
        reader = _Reader(data)
        reader.load()
        predict = "predict_proba" if kind == "binary" else "predict"
        return Saved(
            flavor=self.name,
            files={FILE: data},
            config={"sklearn": sklearn.__version__, "predict": predict, "mlmodel": _mlmodel(predict)},
            requirements=_requirements(reader.modules),
        )

    def load(
        self, files: Mapping[str, bytes], config: Mapping[str, object], features: Sequence[FeatureColumn]
    ) -> SklearnScorer:
        """The scorer. ModelError `damaged`, `library-changed` (another release than the one it was saved with)."""
        saved = str(config["sklearn"])
        if saved.split(".")[:2] != sklearn.__version__.split(".")[:2]:
            raise ModelError("library-changed", library="scikit-learn", saved=saved, here=sklearn.__version__)
        try:
            model = _Reader(files[FILE]).load()
        except Exception as error:  # Bytes that are no pickle raise whatever they happen to spell.
            raise ModelError("damaged", flavor=self.name, words=f"{type(error).__name__}: {error}"[:300]) from error
        return SklearnScorer(model, str(config["predict"]), features)


class SklearnScorer:
    """One estimator, given the same kind of table as when it was fitted."""

    def __init__(self, model: Any, predict: str, features: Sequence[FeatureColumn]) -> None:
        self._predict = getattr(model, predict)
        self._features = features
        self._by_name = hasattr(model, "feature_names_in_") or not hasattr(model, "n_features_in_")

    def predict(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """P(true) or the value of each row. ModelError `predict-raised` with the estimator's own words."""
        if not len(matrix):
            return np.empty(0)
        table = frame_of(matrix, self._features)
        try:
            scores = np.asarray(self._predict(table if self._by_name else table.to_numpy()), dtype=np.float64)
        except Exception as error:
            raise ModelError("predict-raised", error=type(error).__name__, words=str(error)[:300]) from error
        return scores[:, 1] if scores.ndim == 2 and scores.shape[1] == 2 else scores

    def close(self) -> None:
        """Nothing to free but memory of Python's own."""


class _Reader(pickle.Unpickler):
    """Reads a pickle and remembers the modules that it needs."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.modules: set[str] = set()

    def find_class(self, module: str, name: str) -> Any:
        self.modules.add(module.partition(".")[0])
        return super().find_class(module, name)


def _fits(model: Any, kind: str) -> None:
    """Whether it is fitted, and predicts what the label asks for."""
    name = type(model).__name__
    try:
        check_is_fitted(model)
    except NotFittedError as error:
        raise ModelError("not-fitted", type=name) from error
    if kind == "binary" and not hasattr(model, "predict_proba"):
        raise ModelError("wrong-kind", type=name, predicts="no probabilities", kind=kind)
    if kind == "number" and (is_classifier(model) or not hasattr(model, "predict")):
        raise ModelError("wrong-kind", type=name, predicts="a class", kind=kind)
    if kind == "binary" and list(model.classes_) != [0, 1]:
        raise ModelError("one-class", type=name, classes=tuple(str(value) for value in model.classes_))


def _requirements(modules: set[str]) -> tuple[str, ...]:
    """Pinned distributions of these modules. ModelError `needs-own-code` for one that a fresh process cannot import."""
    owners = packages_distributions()
    found = set(ALWAYS)
    for module in sorted(modules - sys.stdlib_module_names):
        found |= set(owners.get(module, ()))
        if (
            module not in owners
            and subprocess.run([sys.executable, "-P", "-c", CAN_IMPORT, module], check=False).returncode
        ):
            raise ModelError("needs-own-code", module=module)
    return tuple(f"{name}=={version(name)}" for name in sorted(found))


def _mlmodel(predict: str) -> Mapping[str, object]:
    """What MLflow wants to know to load the file with its own scikit-learn flavor."""
    return {
        "sklearn": {
            "code": None,
            "pickled_model": FILE,
            "serialization_format": "pickle",
            "sklearn_version": sklearn.__version__,
        },
        "python_function": {
            "loader_module": "mlflow.sklearn",
            "model_path": FILE,
            "predict_fn": predict,
            "python_version": platform.python_version(),
        },
    }
