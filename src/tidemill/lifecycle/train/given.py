"""What the train stage is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tidemill.facts.data import TrainingSet
from tidemill.facts.model import ModelVersion
from tidemill.spec.declaration import Declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A model's training set and the name of the version to come.

    `tested`: the version that passed its gates, when the same recipe is now fitted again on all mature rows with every
    window moved to the present. `rows`: `forward` does the same without a tested version, which only replay asks for.
    """

    system: Declaration
    model: str
    training_set: TrainingSet
    run: str
    ordinal: int
    seed: int
    now_us: int
    tested: ModelVersion | None = None
    rows: Literal["split", "forward"] = "split"
