"""Facts about work: runs and their stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

RunState = Literal["running", "passed", "refused", "failed", "interrupted"]

STAGES = ("extract", "explore", "prepare", "train", "evaluate", "validate", "serve", "monitor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One pass of the pipeline for one model; `cause` is `manual` or the firing that started it.

    `error` of a failed run: `code` and the fields of its words, with `stage` and `subject`.
    """

    KIND: ClassVar[str] = "run"
    KEY: ClassVar[tuple[str, ...]] = ("id",)
    FOUND_BY: ClassVar[tuple[str, ...]] = ("system", "model", "state")
    MUTABLE: ClassVar[bool] = True

    v: int = 1
    id: str
    system: str
    model: str
    state: RunState
    cause: str
    declaration: str
    version: str | None = None
    error: Mapping[str, Any] = field(default_factory=dict)
    ended_us: int | None = None
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """A finished stage, found again by its key: sha256 over its parts. Facts it gave are kept as canonical JSON.

    `parts`: name -> digest or value of each thing the key is made of (code:<module>, parameter, input, lock).
    """

    KIND: ClassVar[str] = "stage_run"
    KEY: ClassVar[tuple[str, ...]] = ("key",)
    FOUND_BY: ClassVar[tuple[str, ...]] = ("run", "system", "stage", "subject")
    MUTABLE: ClassVar[bool] = False

    v: int = 1
    key: str
    run: str
    system: str
    stage: str
    subject: str
    parts: Mapping[str, str]
    facts: tuple[str, ...]
    took_ms: int
    at_us: int
