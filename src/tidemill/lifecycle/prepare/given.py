"""What the stage is given: a model's data at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tidemill.facts.data import DatasetVersion, TrainingSet
from tidemill.spec.declaration import Declaration

Labels = Literal["declared", "at-once"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A model's data at a moment: versions, when candidates are asked, how far outcomes are known.

    `watermark_us`: up to when the outcome's source is known. `frame`: a set of the same versions whose asks this one is
    cut from: features never change afterwards, and the card was told then. `before`: the model's last set; what of its
    asks stands as it was made is not made again. `code`: digest of the code that makes them. `labels`: `at-once` takes
    every outcome as known when asked, a hypothesis that only replay makes.
    """

    system: Declaration
    model: str
    versions: tuple[DatasetVersion, ...]
    moments: tuple[int, ...]
    watermark_us: int
    now_us: int
    frame: TrainingSet | None = None
    before: TrainingSet | None = None
    code: str = ""
    labels: Labels = "declared"
