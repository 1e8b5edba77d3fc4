"""Facts about what the loop noticed: readings, firings, alerts, and notices to send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tidemill.facts.data import Value
from tidemill.facts.model import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One monitor on one window of one version's answers; `fields` carry what explains the value."""

    KIND: ClassVar[str] = "reading"
    KEY: ClassVar[tuple[str, ...]] = ("system", "model", "version", "monitor", "until_us")
    FOUND_BY: ClassVar[tuple[str, ...]] = ("outcome",)
    MUTABLE: ClassVar[bool] = True

    v: int = 1
    system: str
    model: str
    version: str
    monitor: str
    since_us: int
    until_us: int
    value: float | None
    bound: float | None
    outcome: Outcome
    reason: str
    low: float | None = None
    high: float | None = None
    n: int
    fields: Mapping[str, Value] = field(default_factory=dict)
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """A trigger that went off, once per window, with its evidence."""

    KIND: ClassVar[str] = "firing"
    KEY: ClassVar[tuple[str, ...]] = ("system", "model", "trigger", "window")
    FOUND_BY: ClassVar[tuple[str, ...]] = ("run",)
    MUTABLE: ClassVar[bool] = True

    v: int = 1
    system: str
    model: str
    trigger: str
    window: str
    evidence: Mapping[str, Value] = field(default_factory=dict)
    run: str = ""
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A failure that a person should know of; one per fingerprint until it resolves."""

    KIND: ClassVar[str] = "alert"
    KEY: ClassVar[tuple[str, ...]] = ("system", "fingerprint")
    FOUND_BY: ClassVar[tuple[str, ...]] = ("state", "model")
    MUTABLE: ClassVar[bool] = True

    v: int = 1
    system: str
    model: str
    fingerprint: str
    code: str
    fields: Mapping[str, Value] = field(default_factory=dict)
    severity: Literal["info", "warning", "critical"] = "warning"
    state: Literal["firing", "resolved"] = "firing"
    first_us: int
    last_us: int
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message in the outbox: sent at least once, retried until it went."""

    KIND: ClassVar[str] = "notice"
    KEY: ClassVar[tuple[str, ...]] = ("system", "id")
    FOUND_BY: ClassVar[tuple[str, ...]] = ("state",)
    MUTABLE: ClassVar[bool] = True

    v: int = 1
    system: str
    id: str
    url: str
    code: str
    fields: Mapping[str, Value] = field(default_factory=dict)
    severity: str = "warning"
    state: Literal["waiting", "sent", "given_up"] = "waiting"
    tries: int = 0
    error: str = ""
    at_us: int
