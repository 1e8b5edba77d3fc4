"""What is predicted: who is asked when (rows of a source, or candidates), the outcome, and when it is known."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tidemill.spec.expression import Expression
from tidemill.spec.source import Source
from tidemill.spec.view import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Who is asked about which items, every when; SQL of DuckDB over sources by name with `$asked_at`."""

    name: str
    entity: tuple[str, ...]
    item: str
    every: str
    who: str
    what: tuple[str, ...]
    share: float = 1.0

    def sample(self, share: float) -> Candidates:
        """The part of the (entity, item) pairs whose stable hash falls below `share` (0 < share <= 1)."""
        return replace(self, share=self.share * share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The outcome of each ask. Null outcome = not asked.

    `by`: keys that join `ahead` windows to the ask. `known`: expression of when the outcome is known (None: with
    `ahead` windows asked_at + the longest of them, else at once). `matures`: whole cohorts, for a `known` that
    depends on the outcome.
    """

    name: str
    asked: Source | Candidates
    outcome: Expression
    ahead: tuple[tuple[str, Window], ...] = ()
    by: tuple[str, ...] = ()
    known: Expression | None = None
    matures: Expression | None = None

    @property
    def delay_us(self) -> int:
        """Longest `ahead` window in microseconds; 0 without one."""
        return max((window.length_us or 0 for _, window in self.ahead), default=0)
