"""The remembered asks of a version, answered again wherever it is loaded."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tidemill.errors import ModelError
from tidemill.features.request import ASKED_AT, compiled, compute, types_of
from tidemill.predict.predictor import Predictor, encoder
from tidemill.predict.signature import Signature

RELATIVE, ABSOLUTE = 1e-9, 1e-12
"""How far a score may be from the remembered one: the order of floating-point sums may change, nothing else."""


def golden(signature: Signature) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(matrix, scores) of the remembered asks: request columns and functions computed anew, look-ups as they were."""
    types = types_of((*signature.request, *signature.keys, *signature.looked_up))
    computed = compiled(signature.views, types, signature.zone)
    inputs = [(feature.name, encoder(feature)) for feature in signature.features]
    matrix = np.empty((len(signature.golden), len(inputs)))
    for place, one in enumerate(signature.golden):
        row = {**one.request, **one.looked_up, ASKED_AT: one.asked_at_us}
        row |= compute(computed, row)
        matrix[place] = [encode(row[name]) for name, encode in inputs]
    return matrix, np.array([one.score for one in signature.golden])


def verify(predictor: Predictor) -> None:
    """Returns when the remembered asks get their scores. ModelError `golden-mismatch` with the first that does not."""
    matrix, expected = golden(predictor.signature)
    for row, (found, remembered) in enumerate(zip(predictor.score(matrix).tolist(), expected.tolist(), strict=True)):
        if not math.isclose(found, remembered, rel_tol=RELATIVE, abs_tol=ABSOLUTE):
            raise ModelError("golden-mismatch", row=row, found=found, expected=remembered)
