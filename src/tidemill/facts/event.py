"""The append-only diary: everything that changed, in words' codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidemill.facts.data import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the diary; `seq` is given by the ledger. `by`: who (`loop`, or a person's name)."""

    v: int = 1
    seq: int = 0
    at_us: int
    system: str
    code: str
    subject: str
    by: str = "loop"
    fields: Mapping[str, Value] = field(default_factory=dict)
