"""The declared training recipe: label, features, split, gates, release, decisions and the function itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tidemill.spec.check import Check, Metric
from tidemill.spec.expression import Expression
from tidemill.spec.label import Candidates, Label
from tidemill.spec.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of time in microseconds."""

    us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ByTime:
    """Oldest to train, then valid, then the newest to test; counted back from the newest mature ask."""

    valid: Duration | int | float
    test: Duration | int | float
    history: Duration | int | float | None = None
    together: str | None = None
    refit: Literal["forward", "none"] = "forward"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByGroup:
    """Whole groups of one column, chosen by stable hash; shares of rows."""

    column: str
    valid: float
    test: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHash:
    """Single asks, chosen by the stable hash of their key; shares of rows."""

    valid: float
    test: float


Split = ByTime | ByGroup | ByHash


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """The way into traffic: shadow time, then the shares in turn, each kept until the requirements hold."""

    shares: tuple[float, ...]
    shadow_us: int | None = None
    require: tuple[Check, ...] = ()
    deadline_us: int
    undecided: Literal["keep", "promote_fresher"] = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunable:
    """A hyperparameter's range: numbers from `low` to `high`, or `choices`."""

    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One hyperparameter of the training function: its default as a value, or its range."""

    name: str
    type: Literal["int", "float", "text", "boolean"]
    default: object = None
    tunable: Tunable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A declared model; `function(train, valid, **parameters)` returns the fitted object."""

    name: str
    label: Label
    features: tuple[View, ...]
    split: Split
    function: Callable[..., object]
    metrics: tuple[Metric, ...] = ()
    gates: tuple[Check, ...] = ()
    release: Canary | None = None
    decide: tuple[tuple[str, Expression], ...] = ()
    trials: int = 1
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RankEndpoint:
    """POST /{name}: the model ranks the entity's candidates; `explore` = share of requests in random order."""

    name: str
    model: str
    candidates: Candidates
    top: int
    explore: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchScore:
    """A scheduled batch: declared and recorded; not yet active."""

    model: str
    to: str
    on: str
