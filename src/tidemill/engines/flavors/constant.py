"""A number as a model: a training function may return the rate or the mean itself, and every row gets it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.errors import ModelError
from tidemill.ports.flavor import FeatureColumn, Saved

FILE = "model.json"


class ConstantFlavor:
    """Python's and NumPy's numbers."""

    name = "constant"

    def recognises(self, model: object) -> bool:
        return isinstance(model, Real) and not isinstance(model, bool)

    def save(self, model: Any, features: Sequence[FeatureColumn], kind: str, *, rounds: int = 0) -> Saved:
        """One JSON file with the number."""
        document = json.dumps({"value": float(model)}).encode()
        return Saved(flavor=self.name, files={FILE: document}, config={}, requirements=())

    def load(
        self, files: Mapping[str, bytes], config: Mapping[str, object], features: Sequence[FeatureColumn]
    ) -> ConstantScorer:
        try:
            return ConstantScorer(float(json.loads(files[FILE])["value"]))
        except (ValueError, TypeError, KeyError) as error:
            raise ModelError("damaged", flavor=self.name, words=str(error)) from error


class ConstantScorer:
    """The same for every row."""

    def __init__(self, value: float) -> None:
        self.value = value

    def predict(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.full(len(matrix), self.value)

    def close(self) -> None:
        """Nothing to free."""
