"""LightGBM: saved by the booster's own method, answered through LightGBM's C library without its Python package.

The C interface is LightGBM's `c_api.h`; importing the Python package would cost a server a second and 150 MiB.
"""

from __future__ import annotations

import ctypes
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.errors import ModelError
from tidemill.ports.flavor import FeatureColumn, Saved

FILE = "model.lgb"
TREE = "\nTree="
PROBABILITY = frozenset({"binary", "cross_entropy"})
NO_NUMBER = PROBABILITY | {"cross_entropy_lambda", "multiclass", "multiclassova", "lambdarank", "rank_xendcg"}
PARAMETERS = b"num_threads=1 verbosity=-1"
FLOAT64, ROW_MAJOR, NORMAL, ALL_ITERATIONS = 1, 1, 0, -1


class LightgbmFlavor:
    """Boosters and LightGBM's scikit-learn classes; with early stopping the best iteration is what is saved."""

    name = "lightgbm"

    def recognises(self, model: object) -> bool:
        """An object whose own class, or one above it, is LightGBM's."""
        return any(
            kind.__module__.partition(".")[0] == "lightgbm" and kind.__name__ in {"LGBMModel", "Booster"}
            for kind in type(model).__mro__
        )

    def save(self, model: Any, features: Sequence[FeatureColumn], kind: str, *, rounds: int = 0) -> Saved:
        """One text file.

        ModelError `not-fitted`, `wrong-kind`, `one-class`, `changed-columns`, `changed-categories`.
        """
        booster = model if type(model).__name__ == "Booster" else getattr(model, "_Booster", None)
        if booster is None:
            raise ModelError("not-fitted", type=type(model).__name__)
        text: str = booster.model_to_string()
        if 0 < rounds < text.count(TREE):
            text = booster.model_to_string(num_iteration=rounds)
        head = dict(line.split("=", 1) for line in text.partition(TREE)[0].splitlines() if "=" in line)
        objective = head.get("objective", "").partition(" ")[0]
        _fits(model, objective, kind)
        _same_columns(booster, features)
        installed = version("lightgbm")
        return Saved(
            flavor=self.name,
            files={FILE: text.encode()},
            config={"objective": objective, "trees": text.count(TREE), "mlmodel": _mlmodel(installed)},
            requirements=(f"lightgbm=={installed}",),
        )

    def load(
        self, files: Mapping[str, bytes], config: Mapping[str, object], features: Sequence[FeatureColumn]
    ) -> LightgbmScorer:
        """The scorer. ModelError `damaged`, `library-missing`, `libgomp-missing`, `library-unloadable`."""
        return LightgbmScorer(files[FILE], columns=len(features))


class LightgbmScorer:
    """One loaded booster. One row goes a faster way than many; both may be asked from several threads."""

    def __init__(self, text: bytes, *, columns: int) -> None:
        self._library = _library()
        self._booster, self._fast = ctypes.c_void_p(), ctypes.c_void_p()
        # Runs once: when closed, or when the scorer is forgotten.
        self._freed = weakref.finalize(self, _free, self._library, self._booster, self._fast)
        self._call(self._library.LGBM_BoosterLoadModelFromString, text, _to(ctypes.c_int()), _to(self._booster))
        found = ctypes.c_int()
        self._call(self._library.LGBM_BoosterGetNumFeature, self._booster, _to(found))
        if found.value != columns:
            raise ModelError("damaged", flavor="lightgbm", words=f"{found.value} columns, not {columns}")
        self._call(
            self._library.LGBM_BoosterPredictForMatSingleRowFastInit, self._booster, NORMAL, 0, ALL_ITERATIONS, FLOAT64,
            columns, PARAMETERS, _to(self._fast),
        )  # fmt: skip
        # Kept for the life of the scorer, so that a single row costs no allocation: the fast handle, and where it reads
        # and writes. They are shared, hence the lock.
        self._row, self._score = np.empty((1, columns)), np.empty(1)
        self._single = (self._fast, _pointer(self._row), _to(ctypes.c_int64()), _pointer(self._score))
        self._one_at_a_time = threading.Lock()

    def predict(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """P(true) or the value of each row, the very numbers of LightGBM's own predict."""
        if matrix.shape == self._row.shape:
            with self._one_at_a_time:
                self._row[:] = matrix
                self._call(self._library.LGBM_BoosterPredictForMatSingleRowFast, *self._single)
                return self._score.copy()
        rows, scores = np.ascontiguousarray(matrix, dtype=np.float64), np.empty(len(matrix))
        if len(rows):
            self._call(
                self._library.LGBM_BoosterPredictForMat, self._booster, _pointer(rows), FLOAT64, *rows.shape, ROW_MAJOR,
                NORMAL, 0, ALL_ITERATIONS, PARAMETERS, _to(ctypes.c_int64()), _pointer(scores),
            )  # fmt: skip
        return scores

    def close(self) -> None:
        """Frees the booster. It must not be asked afterwards."""
        self._freed()

    def _call(self, function: Callable[..., int], *arguments: object) -> None:
        """Calls the C function; what it complains of becomes ModelError `damaged`."""
        if function(*arguments):
            words = self._library.LGBM_GetLastError().decode(errors="replace")
            raise ModelError("damaged", flavor="lightgbm", words=words[:300])


def _free(library: ctypes.CDLL, booster: ctypes.c_void_p, fast: ctypes.c_void_p) -> None:
    """Gives the native memory back; what was never made is null, and left alone."""
    if fast:
        library.LGBM_FastConfigFree(fast)
    if booster:
        library.LGBM_BoosterFree(booster)


def _to(value: ctypes._SimpleCData[Any]) -> object:
    return ctypes.byref(value)


def _pointer(array: NDArray[np.float64]) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)


@cache
def _library() -> ctypes.CDLL:
    """LightGBM's shared library, found in the installed package without importing it."""
    package = find_spec("lightgbm")
    if package is None or package.origin is None:
        raise ModelError("library-missing", library="lightgbm", extra="lightgbm")
    folder = Path(package.origin).parent
    path = next((found for place in ("lib", "bin") for found in sorted((folder / place).glob("lib_lightgbm.*"))), None)
    if path is None:
        raise ModelError("library-unloadable", library="lightgbm", words=str(folder))
    return _opened(path)


def _opened(path: Path) -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        code = "libgomp-missing" if "gomp" in str(error) else "library-unloadable"
        raise ModelError(code, library="lightgbm", words=str(error)) from error
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library


def _fits(model: Any, objective: str, kind: str) -> None:
    """Whether what the booster predicts is what the label asks for."""
    if objective not in PROBABILITY if kind == "binary" else objective in NO_NUMBER:
        raise ModelError("wrong-kind", type=type(model).__name__, predicts=objective or "a raw score", kind=kind)
    classes = getattr(model, "classes_", None)
    if classes is not None and list(classes) != [0, 1]:
        raise ModelError("one-class", type=type(model).__name__, classes=tuple(str(value) for value in classes))


def _same_columns(booster: Any, features: Sequence[FeatureColumn]) -> None:
    """The booster's inputs are the given ones, in order, with the given vocabularies: codes mean the same to both."""
    found = booster.feature_name()
    expected = ["_".join(feature.name.split()) for feature in features]
    texts = [feature for feature in features if feature.type == "text"]
    unnamed = [f"Column_{place}" for place in range(len(features))] if not texts else expected
    if found not in (expected, unnamed):
        raise ModelError("changed-columns", expected=tuple(expected), found=tuple(found))
    vocabularies = booster.pandas_categorical or []
    for feature, words in zip_longest(texts, vocabularies):
        if feature is None or words is None or tuple(words) != feature.vocabulary:
            raise ModelError("changed-categories", column=feature.name if feature else "")


def _mlmodel(installed: str) -> Mapping[str, object]:
    """What MLflow wants to know to load the file with its own LightGBM flavor."""
    return {
        "lightgbm": {"code": None, "data": FILE, "lgb_version": installed, "model_class": "lightgbm.basic.Booster"},
        "python_function": {"loader_module": "mlflow.lightgbm", "data": FILE},
    }
