"""Facts about traffic: releases with their states, and the routing policy that workers follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

State = Literal["validated", "shadow", "canary", "champion", "rolled_back", "superseded", "refused"]

NEXT: Mapping[State, frozenset[State]] = {
    "validated": frozenset({"shadow", "canary", "champion", "refused", "superseded"}),
    "shadow": frozenset({"canary", "champion", "rolled_back", "superseded"}),
    "canary": frozenset({"canary", "champion", "rolled_back", "superseded"}),
    "champion": frozenset({"rolled_back", "superseded"}),
    "rolled_back": frozenset({"champion"}),
    "superseded": frozenset({"champion"}),
    "refused": frozenset(),
}
"""A rolled-back or superseded version may be champion again: that is what a roll-back of its successor means."""

LIVE: frozenset[State] = frozenset({"shadow", "canary"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A version's way into traffic. `step` counts canary shares; times in microseconds of the system's clock."""

    KIND: ClassVar[str] = "release"
    KEY: ClassVar[tuple[str, ...]] = ("system", "model", "ordinal")
    FOUND_BY: ClassVar[tuple[str, ...]] = ("state",)
    MUTABLE: ClassVar[bool] = True

    v: int = 1
    system: str
    model: str
    ordinal: int
    bundle: str
    state: State
    share: float = 0.0
    step: int = 0
    step_since_us: int
    deadline_us: int | None = None
    previous: int | None = None
    reason: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    at_us: int

    @property
    def name(self) -> str:
        """`ranker@7`."""
        return f"{self.model}@{self.ordinal}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One version in traffic: its share of keys (0 to 1), or shadow (answers nobody)."""

    ordinal: int
    bundle: str
    share: float
    shadow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Who answers for one model: the champion, at most one challenger. `seq` grows by one with each change.

    `salt`: hex key of the BLAKE2b that spreads entity keys over the arms, new with each release.
    `endpoints`: rank endpoints of the model, as (name, candidates, top, explore).
    """

    KIND: ClassVar[str] = "policy"
    KEY: ClassVar[tuple[str, ...]] = ("system", "model")
    FOUND_BY: ClassVar[tuple[str, ...]] = ()
    MUTABLE: ClassVar[bool] = True

    v: int = 1
    system: str
    model: str
    seq: int
    champion: Arm | None
    challenger: Arm | None = None
    previous: Arm | None = None
    salt: str
    endpoints: tuple[tuple[str, str, int, float], ...] = ()
    at_us: int
