"""Flavor: recognise, save and load one family of model objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureColumn:
    """One model input: a number, or a category coded by its place in the vocabulary (unseen and null: NaN)."""

    name: str
    type: str
    vocabulary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A model as files (name -> bytes), with what is needed to load it again, and pip requirements."""

    flavor: str
    files: Mapping[str, bytes]
    config: Mapping[str, object]
    requirements: tuple[str, ...]


class Scorer(Protocol):
    """A loaded model."""

    def predict(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """P(true) or the value for each row; columns as in the signature, categories as codes, missing NaN."""
        ...

    def close(self) -> None:
        """Frees native memory."""
        ...


class Flavor(Protocol):
    """One family of model objects."""

    name: str

    def recognises(self, model: object) -> bool:
        """Whether `save` can take this object (by its class, without importing the library)."""
        ...

    def save(self, model: object, features: Sequence[FeatureColumn], kind: str, *, rounds: int = 0) -> Saved:
        """The object as files; `kind` is `binary` or `number`. ModelError when the object does not fit it.

        `rounds`: of a boosted model at most so many of its first rounds are kept (0: all).
        """
        ...

    def load(
        self, files: Mapping[str, bytes], config: Mapping[str, object], features: Sequence[FeatureColumn]
    ) -> Scorer:
        """The scorer. ModelError `damaged` when the files are not what they were."""
        ...
