"""A version that answers: rows of features to scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.ports.flavor import FeatureColumn, Flavor
from tidemill.predict.bundle import Bundle


class Predictor:
    """A loaded bundle. Close it when its last answer is out."""

    def __init__(self, bundle: Bundle, flavor: Flavor) -> None:
        """ModelError when the model's files are damaged or its library is missing or another."""
        self.digest, self.signature = bundle.digest, bundle.signature
        self._scorer = flavor.load(bundle.files, self.signature.config, self.signature.features)
        self._inputs = tuple((feature.name, encoder(feature)) for feature in self.signature.features)

    def matrix(self, rows: Sequence[Mapping[str, Any]]) -> NDArray[np.float64]:
        """The rows, features by full name, as the model was trained on them. KeyError for a feature not there."""
        return np.array([[encode(row[name]) for name, encode in self._inputs] for row in rows], dtype=np.float64)

    def score(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """P(true) or the value for each row of the matrix."""
        return self._scorer.predict(matrix)

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[float]:
        """P(true) or the value for each row."""
        found: list[float] = self.score(self.matrix(rows)).tolist() if rows else []
        return found

    def close(self) -> None:
        """Frees the model's memory."""
        self._scorer.close()


def encoder(feature: FeatureColumn) -> Callable[[Any], float]:
    """From one value to what the model sees: a word's place in the vocabulary, a number; null and unseen NaN."""
    if feature.type != "text":
        return _number
    places = {word: float(place) for place, word in enumerate(feature.vocabulary)}
    return lambda word: places.get(word, math.nan)


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
