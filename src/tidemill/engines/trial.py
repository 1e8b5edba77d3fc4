"""Loads a model in a throwaway process first: a damaged file can end the process that reads it."""

from __future__ import annotations

import faulthandler
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tidemill.engines.forked import forked
from tidemill.errors import ModelError, RunError
from tidemill.ports.flavor import FeatureColumn, Flavor

RELATIVE, ABSOLUTE = 1e-9, 1e-12
"""How far a score may be from the remembered one: the order of floating-point sums may change, nothing else."""


def verify_in_child(
    flavor: Flavor,
    files: Mapping[str, bytes],
    config: Mapping[str, object],
    features: Sequence[FeatureColumn],
    *,
    matrix: NDArray[np.float64],
    expected: NDArray[np.float64],
    seconds: float = 60.0,
) -> None:
    """Returns when the files load and score the rows as expected.

    ModelError `damaged` (also when the process crashed), `too-slow-to-load`, `golden-mismatch`, `predict-raised`.
    """

    def scores() -> NDArray[np.float64]:
        faulthandler.disable()  # A crash here is an answer, not an accident to be reported.
        return flavor.load(files, config, features).predict(matrix)

    try:
        found = forked(scores, seconds=seconds)
    except RunError as error:
        if error.code == "run.process-too-slow":
            raise ModelError("too-slow-to-load", flavor=flavor.name, seconds=seconds) from error
        words = error.fields.get("reason", error.fields.get("words"))
        raise ModelError("damaged", flavor=flavor.name, words=words) from error
    for row, (one, other) in enumerate(zip(found, expected, strict=True)):
        if not np.isclose(one, other, rtol=RELATIVE, atol=ABSOLUTE):
            raise ModelError("golden-mismatch", row=row, found=float(one), expected=float(other))
