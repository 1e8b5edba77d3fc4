"""Trains in this process: for notebooks and tests, where a crash is seen by the person who caused it."""

from __future__ import annotations

from collections.abc import Sequence

from tidemill.engines.fitting import fit
from tidemill.ports.flavor import Flavor, Saved
from tidemill.ports.trainer import Task


class InlineTrainer:
    """Calls the function here and now."""

    def __init__(self, flavors: Sequence[Flavor]) -> None:
        """`flavors` are asked in turn whether they recognise the model."""
        self.flavors = tuple(flavors)

    def fit(self, task: Task) -> Saved:
        return fit(task, self.flavors)
