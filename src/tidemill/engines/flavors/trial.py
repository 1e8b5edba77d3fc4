"""Any flavor, its models loaded in a throwaway process: a damaged file can end the process that reads it."""

from __future__ import annotations

import faulthandler
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tidemill.engines.forked import forked
from tidemill.errors import ModelError, RunError
from tidemill.ports.flavor import FeatureColumn, Flavor, Saved

Scores = Callable[[NDArray[np.float64]], NDArray[np.float64]]


class TrialFlavor:
    """The flavor it is given, but for loading: each asking for scores loads the files anew, in a process of its own."""

    def __init__(self, flavor: Flavor, *, seconds: float = 60.0) -> None:
        """`seconds`: how long loading and scoring may take together."""
        self.name = flavor.name
        self._flavor, self._seconds = flavor, seconds

    def recognises(self, model: object) -> bool:
        return self._flavor.recognises(model)

    def save(self, model: object, features: Sequence[FeatureColumn], kind: str, *, rounds: int = 0) -> Saved:
        return self._flavor.save(model, features, kind, rounds=rounds)

    def load(
        self, files: Mapping[str, bytes], config: Mapping[str, object], features: Sequence[FeatureColumn]
    ) -> TrialScorer:
        """The scorer; nothing is read before it is asked."""

        def scores(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
            faulthandler.disable()  # A crash here is an answer, not an accident to be reported.
            return self._flavor.load(files, config, features).predict(matrix)

        return TrialScorer(self.name, scores, self._seconds)


class TrialScorer:
    """Scores in a process of its own."""

    def __init__(self, flavor: str, scores: Scores, seconds: float) -> None:
        self._flavor, self._scores, self._seconds = flavor, scores, seconds

    def predict(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """ModelError `damaged` also when the process crashed, `too-slow-to-load`; and what the flavor raises."""
        try:
            return forked(lambda: self._scores(matrix), seconds=self._seconds)
        except RunError as error:
            if error.code == "run.process-too-slow":
                raise ModelError("too-slow-to-load", flavor=self._flavor, seconds=self._seconds) from error
            words = error.fields.get("reason", error.fields.get("words"))
            raise ModelError("damaged", flavor=self._flavor, words=words) from error

    def close(self) -> None:
        """Nothing is kept."""
