"""What a training function is given: one part of the training set, ready for a library to fit on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The asks of one part of a split, oldest first; row i of each member is the same ask.

    `X`: pandas frame, one column a feature named `view.feature`; numbers float64 with NaN for null, text as category
    with the train part's vocabulary. `y`: float64; of an event 0.0 or 1.0, else the number.
    `keys`: pandas frame of the ask's key columns and `asked_at` (datetime64[us, UTC], rising).
    """

    X: pd.DataFrame
    y: npt.NDArray[np.float64]
    keys: pd.DataFrame
