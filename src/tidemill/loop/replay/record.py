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
ROLLING = "rolling"
"""What stands beside the curves: no model, only the mean of the last outcomes that were known."""

Period = Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One model of a system over its landed data, from `since_us` (None: half of the asks) to `until_us` (the last).

    `labels`: `declared`, or `at-once` for the hypothesis that every outcome is known when asked. `period`: what figures
    are averaged over, by calendar in the system's zone; `auto`: as the rows allow.
    """

    system: Declaration
    model: str
    versions: tuple[DatasetVersion, ...]
    since_us: int | None = None
    until_us: int | None = None
    labels: Literal["declared", "at-once"] = "declared"
    period: Period | Literal["auto"] = "month"
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One firing: why, when, what was trained, what the gates said, and what the loop did with it.

    `refused` and `undecided`: what its gates said. `untested`: there is a version, but no gate could judge it, and the
    loop does not let it in. `failed`: there is no version. `reason`: that of the deciding verdict; for the last two
    the error's code, with its `fields`.
    """

    at_us: int
    trigger: str
    evidence: Mapping[str, Value] = field(default_factory=dict)
    version: str = ""
    verdicts: tuple[Verdict, ...] = ()
    decision: Literal["first", "promoted", "refused", "undecided", "untested", "failed"] = "refused"
    reason: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFigure:
    """One metric of one curve in one period, with its 95 % interval; n = rows answered there.

    `at_us`: the middle one of the moments asked in that period.
    """

    curve: str
    metric: str
    period: str
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    at_us: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """How much better one curve is than static where both answered, above 0 = better in any metric.

    `own`, `static`: both figures there, means by period weighted by rows; `value`: their difference, with its 95 %
    interval over the periods; n = rows that both answered.
    """

    curve: str
    metric: str
    own: float | None
    static: float | None
    value: float | None
    low: float | None
    high: float | None
    n: int
    periods: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The curves' figures: by period, then over all: pooled, mean by period weighted by rows, mean inside blocks.

    `floors`: the bound of each metric that a gate asks for over all rows.
    """

    system: str
    model: str
    labels: str
    period: str = "month"
    zone: str = "UTC"
    since_us: int
    until_us: int
    turns: tuple[Turn, ...]
    figures: tuple[PeriodFigure, ...]
    totals: tuple[Score, ...]
    gains: tuple[Gain, ...] = ()
    floors: Mapping[str, float] = field(default_factory=dict)
    truncated: Mapping[str, int] = field(default_factory=dict)

    def total(self, curve: str, metric: str, part: str) -> float | None:
        """One of the totals; `part`: pooled, by-period, in-blocks."""
        for score in self.totals:
            if (score.against, score.metric, score.part) == (curve, metric, part):
                return score.value
        return None
