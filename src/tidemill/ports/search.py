"""Search: proposes hyperparameters, hears their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tidemill.spec.model import Parameter


class Search(Protocol):
    """Ask and tell; lower is better."""

    def ask(self, parameters: Sequence[Parameter]) -> Mapping[str, object]:
        """The next values to try."""
        ...

    def tell(self, values: Mapping[str, object], loss: float) -> None:
        """How they did."""
        ...
