"""What the monitor stage is given."""

from __future__ import annotations

from dataclasses import dataclass

from tidemill.facts.data import DatasetVersion
from tidemill.facts.model import ModelVersion
from tidemill.spec.check import Check
from tidemill.spec.declaration import Declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one version answered from `since_us` to `until_us`, judged by these checks.

    `versions`: datasets, the landed prediction log and posted outcomes among them. `watermark_us`: how far outcomes are
    known. `moments`: when candidates were to be asked meanwhile. `other`: a version that is scored on the same mature
    rows under the name `champion`, for `not_worse`; conversions are compared with those of its own answers.
    """

    system: Declaration
    model: str
    version: ModelVersion
    checks: tuple[Check, ...]
    versions: tuple[DatasetVersion, ...]
    since_us: int
    until_us: int
    watermark_us: int
    now_us: int
    seed: int
    moments: tuple[int, ...] = ()
    other: ModelVersion | None = None
