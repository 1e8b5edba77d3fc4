"""A matrix of numbers and category codes as the pandas frame that a library sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tidemill.ports.flavor import FeatureColumn


def frame_of(matrix: NDArray[np.float64], features: Sequence[FeatureColumn]) -> pd.DataFrame:
    """One column a feature: float64, or a category with the feature's vocabulary; NaN is missing in both."""
    columns = {feature.name: _column(matrix[:, place], feature) for place, feature in enumerate(features)}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(matrix)))


def _column(values: NDArray[np.float64], feature: FeatureColumn) -> NDArray[np.float64] | pd.Categorical:
    if feature.type != "text":
        return values
    codes = np.where(np.isnan(values), -1, values).astype(np.int64)
    return pd.Categorical.from_codes(codes, categories=pd.Index(feature.vocabulary, dtype="str"))
