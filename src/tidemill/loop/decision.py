"""What a decision is: its code and numbers, the releases as they shall be, and whether a run is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tidemill.facts.data import Value
from tidemill.facts.model import Verdict
from tidemill.facts.release import Release
from tidemill.facts.signal import Firing, Reading

Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision about one model. `subject`: the version that it is about, `ranker@7`.

    Without `releases` it changes nothing: it says why all stays as it is, or (`retrain`) that a run is wanted.
    """

    code: str
    model: str
    subject: str
    fields: Mapping[str, Value] = field(default_factory=dict)
    severity: Severity = "info"
    releases: tuple[Release, ...] = ()
    retrain: Firing | None = None

    @property
    def acts(self) -> bool:
        """Whether any release moves by it."""
        return bool(self.releases)


def numbers(found: Reading | Verdict) -> dict[str, Value]:
    """What the words of a judged check need: its text, value with interval, bound, count and reason."""
    return {
        "check": found.monitor if isinstance(found, Reading) else found.check,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "bound": found.bound,
        "n": found.n,
        "why": found.reason,
    }
