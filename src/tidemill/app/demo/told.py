"""What the demo tells whoever shows it: chapters, lines that stay, a run on its way, the shop as its days pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tidemill.app.demo.traffic import Count
from tidemill.facts.model import Outcome

Mark = Literal["", "good", "bad", "look"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A new part of the story begins; worded by `tidemill.tell.words`."""

    code: str
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something happened that stays on the screen. `at_us`: when, by the shop's clock; None: of no moment."""

    code: str
    fields: Mapping[str, object] = field(default_factory=dict)
    at_us: int | None = None
    mark: Mark = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A run under way: so many of its stages are done; `stage` is the one that goes on ("" when it has ended)."""

    stage: str
    subject: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """Readings of one monitor on the champion, oldest first, beside their bound; the outcome of the newest."""

    check: str
    values: tuple[float, ...]
    bound: float | None
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The shop now. `arms`: who answers what share of the customers. `counts`: answers of each version so far.

    `bought`: share of the last customers who bought something of what they were shown. `p99_ms`: of the last answers.
    """

    at_us: int
    asked: int
    arms: tuple[tuple[str, float], ...]
    counts: tuple[Count, ...]
    bought: float | None
    p99_ms: float | None
    gauges: tuple[Gauge, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where to look: a command or a file, and what for."""

    what: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The story in its lines, with the shop's times, and where to look."""

    lines: tuple[Line, ...]
    places: tuple[Place, ...]


Record = Chapter | Line | Way | Day | End
Tell = Callable[[Record], None]
