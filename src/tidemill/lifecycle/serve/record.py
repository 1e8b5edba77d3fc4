"""Writes what was answered into the prediction log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tidemill.errors import StoreError
from tidemill.facts.codec import Reader, canonical
from tidemill.facts.data import Value
from tidemill.ports.journal import Writer

STREAM = "predictions"
UNLOGGED = "unlogged"

Role = Literal["champion", "challenger", "shadow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One item that a ranking showed. `propensity`: the chance that it stood at this position (1 = first)."""

    item: Value
    position: int
    score: float
    propensity: float
    looked_up: Mapping[str, Value] = field(default_factory=dict)
    computed: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One ask and its answer, or why there is none; a frame of the stream `predictions`.

    Its id is the frame's; a shown item's is `<id>:<position>`. `ask`: the request's id and the place in it, the same
    for all arms that were asked. `request`: raw columns as sent; `looked_up`, `computed`: features by full name.
    `marks`: how far the online store was when each space was read. `error`: code of why this version gave no answer;
    such a frame has no score and belongs to no caller. `policy`: number of the routing policy (0: none).
    """

    v: int = 1
    ask: str
    asked_at_us: int
    received_at_us: int
    system: str
    model: str
    version: str
    bundle: str
    arm: Role
    policy: int
    keys: Mapping[str, Value] = field(default_factory=dict)
    request: Mapping[str, Value] = field(default_factory=dict)
    looked_up: Mapping[str, Value] = field(default_factory=dict)
    computed: Mapping[str, Value] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    score: float | None = None
    decision: str | None = None
    flags: tuple[str, ...] = ()
    latency_us: int = 0
    error: str = ""
    endpoint: str = ""
    offered: int = 0
    offered_at_us: int | None = None
    cold: bool = False
    explored: bool = False
    shown: tuple[Shown, ...] = ()


reader = Reader((Logged, Shown))
"""Reads a frame's payload back: `reader.read(frame.payload)`."""


def write(writer: Writer, logged: Logged) -> str | None:
    """The id of the answer once the log has it; None when the disk does not take it, which the answer then says."""
    try:
        return writer.append(canonical(logged))
    except StoreError:
        return None


def item_id(frame: str, position: int) -> str:
    """The id of one shown item."""
    return f"{frame}:{position}"


def frame_of(id: str) -> tuple[str, int | None]:
    """The frame's id and the position (None: a whole answer) that an id names."""
    frame, _, position = id.partition(":")
    return frame, int(position) if position else None
