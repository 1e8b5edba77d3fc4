"""What a replay is asked for and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tidemill.facts.data import DatasetVersion, Value
from tidemill.facts.model import Score, Verdict
from tidemill.spec.declaration import Declaration

CURVES = ("static", "retrained", "loop")
STATIC, RETRAINED, LOOP = CURVES


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One model of a system over its landed data, from `since_us` (None: half of the asks) to `until_us` (the last).

    `labels`: `declared`, or `at-once` for the hypothesis that every outcome is known when asked. `period`: what figures
    are averaged over, by calendar in the system's zone.
    """

    system: Declaration
    model: str
    versions: tuple[DatasetVersion, ...]
    since_us: int | None = None
    until_us: int | None = None
    labels: Literal["declared", "at-once"] = "declared"
    period: Literal["day", "week", "month"] = "month"
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One firing: why, when, what was trained, what the gates said, and what the loop did with it."""

    at_us: int
    trigger: str
    evidence: Mapping[str, Value] = field(default_factory=dict)
    version: str = ""
    verdicts: tuple[Verdict, ...] = ()
    decision: Literal["first", "promoted", "refused", "undecided", "failed"] = "refused"
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFigure:
    """One metric of one curve in one period (or pooled: period ""); n = rows answered there."""

    curve: str
    metric: str
    period: str
    value: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The curves' figures: by period, then over all: pooled, mean by period weighted by rows, mean inside blocks."""

    system: str
    model: str
    labels: str
    since_us: int
    until_us: int
    turns: tuple[Turn, ...]
    figures: tuple[PeriodFigure, ...]
    totals: tuple[Score, ...]
    truncated: Mapping[str, int] = field(default_factory=dict)

    def total(self, curve: str, metric: str, part: str) -> float | None:
        """One of the totals; `part`: pooled, by-period, in-blocks."""
        for score in self.totals:
            if (score.against, score.metric, score.part) == (curve, metric, part):
                return score.value
        return None
