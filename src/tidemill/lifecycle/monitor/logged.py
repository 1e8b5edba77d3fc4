"""Feature values as they were logged with an answer, as the models see them."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tidemill.features.offline.columns import matrix_column
from tidemill.features.rows import Values
from tidemill.ports.flavor import FeatureColumn


def logged_columns(texts: Sequence[str], features: Sequence[FeatureColumn]) -> dict[str, NDArray[np.float64]]:
    """Feature -> its logged value per row (JSON objects by full name): categories as codes, missing NaN."""
    rows = [json.loads(text) for text in texts]
    return {feature.name: encoded([row.get(feature.name) for row in rows], feature) for feature in features}


def has_all(texts: Sequence[str], features: Sequence[FeatureColumn]) -> NDArray[np.bool_]:
    """Rows with a logged value, null or not, of every feature."""
    names = {feature.name for feature in features}
    return np.array([names <= json.loads(text).keys() for text in texts], np.bool_)


def encoded(cells: Sequence[object], feature: FeatureColumn) -> NDArray[np.float64]:
    """One feature's values, encoded by its vocabulary."""
    missing = np.array([cell is None for cell in cells], np.bool_)
    data = np.empty(len(cells), object)
    data[:] = [0 if cell is None else cell for cell in cells]
    return matrix_column(
        Values(data=data if feature.type == "text" else data.astype(np.float64), missing=missing), feature
    )
