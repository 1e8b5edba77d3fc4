"""Facts about models: versions, scores, verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tidemill.facts.data import Value
from tidemill.facts.ids import version_name

Outcome = Literal["passed", "failed", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One trained artifact, immutable, addressed by the SHA-256 of its bundle.

    `role`: `tested` was scored on held-out rows; `refit` is the same recipe with every window moved to the present.
    """

    KIND: ClassVar[str] = "model_version"
    KEY: ClassVar[tuple[str, ...]] = ("system", "model", "ordinal")
    FOUND_BY: ClassVar[tuple[str, ...]] = ("bundle", "run")
    MUTABLE: ClassVar[bool] = False

    v: int = 1
    system: str
    model: str
    ordinal: int
    bundle: str
    run: str
    training_set: str
    role: Literal["tested", "refit"]
    tested: str | None = None
    parameters: Mapping[str, Value] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    trained_until_us: int
    train_rows: int
    at_us: int

    @property
    def name(self) -> str:
        """`ranker@7`."""
        return version_name(self.model, self.ordinal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One figure of a version with its 95 % interval (None where none can be had) and the rows it stands on.

    `against`: whose figure it is: "" the version itself, else `baseline`, `rolling`, `champion`, `random_split`.
    `part`: test, train, block (inside time blocks), or `column=value` of a slice.
    """

    metric: str
    part: str
    against: str = ""
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All scores of one version on one training set's test part, and what is worth saying of them."""

    KIND: ClassVar[str] = "evaluation"
    KEY: ClassVar[tuple[str, ...]] = ("system", "bundle", "training_set", "champion")
    FOUND_BY: ClassVar[tuple[str, ...]] = ("model",)
    MUTABLE: ClassVar[bool] = True

    v: int = 1
    system: str
    model: str
    bundle: str
    training_set: str
    champion: str
    scores: tuple[Score, ...]
    findings: tuple[Mapping[str, object], ...] = ()
    blob: str = ""
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One check's judgement with its numbers; `reason` is a code that the doors word with `fields`."""

    check: str
    value: float | None
    bound: float | None
    outcome: Outcome
    reason: str
    low: float | None = None
    high: float | None = None
    n: int = 0
    fields: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """The gate of one version: every verdict, and whether all of them passed."""

    KIND: ClassVar[str] = "validation"
    KEY: ClassVar[tuple[str, ...]] = ("system", "bundle", "training_set", "champion")
    FOUND_BY: ClassVar[tuple[str, ...]] = ("model",)
    MUTABLE: ClassVar[bool] = True

    v: int = 1
    system: str
    model: str
    bundle: str
    training_set: str
    champion: str
    verdicts: tuple[Verdict, ...]
    at_us: int

    @property
    def outcome(self) -> Outcome:
        """`failed` if any check failed, else `undecided` if any is, else `passed`."""
        seen = {verdict.outcome for verdict in self.verdicts}
        return "failed" if "failed" in seen else "undecided" if "undecided" in seen else "passed"
