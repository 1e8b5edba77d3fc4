"""What the evaluate stage is given."""

from __future__ import annotations

from dataclasses import dataclass

from tidemill.facts.data import TrainingSet
from tidemill.facts.model import ModelVersion
from tidemill.spec.declaration import Declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A version, the training set whose test part it is scored on, and who it is compared with.

    `champion`: the version that answers now. `beside`: further contestants: `baseline` (a constant), `rolling` (the
    rate or median of the last 1,000 known outcomes), `random_split` (the same function on a random split).
    """

    system: Declaration
    model: str
    version: ModelVersion
    training_set: TrainingSet
    champion: ModelVersion | None
    beside: tuple[str, ...]
    seed: int
    now_us: int
