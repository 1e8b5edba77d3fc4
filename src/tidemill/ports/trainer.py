"""Trainer: calls a team's training function on plain arrays and gives back its model, saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tidemill.ports.flavor import FeatureColumn, Saved

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Rows for a training function: matrix (n x k float64, categories as codes), target (n), ask keys by column."""

    matrix: NDArray[np.float64]
    target: NDArray[np.float64]
    keys: Mapping[str, Sequence[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One call of a training function; `kind` is `binary` or `number`.

    `rounds`: boosting rounds frozen by an earlier fit (0: as the function makes them); more than that are not used.
    """

    function: Callable[..., object]
    train: Fold
    valid: Fold
    features: tuple[FeatureColumn, ...]
    parameters: Mapping[str, object]
    kind: str
    seed: int
    rounds: int = 0


class Trainer(Protocol):
    """Runs training functions."""

    def fit(self, task: Task) -> Saved:
        """The fitted model as files.

        ModelError `function-raised` (with the function's own words), `not-a-model`, `wrong-kind`.
        """
        ...
