"""What is understood of a table before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass

from tidemill.app.attempt.record import Chosen, Target, Timing
from tidemill.app.attempt.table import Raw
from tidemill.facts.data import Finding
from tidemill.measure.leak import Strength


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """What was understood of a table before anything was trained. `each`: every how many rows one is used."""

    raw: Raw
    timing: Timing
    target: Target
    chosen: Chosen
    findings: tuple[Finding, ...]
    strengths: tuple[Strength, ...]
    each: int
