"""Decides which stages a run needs, in which order, and which of them may be taken from an earlier run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tidemill.loop.horizon import datasets
from tidemill.spec.declaration import Declaration
from tidemill.spec.model import ByTime, Model

REFIT = "refit"
"""What a subject ends with when the stage is about the refit of the tested version: `ranker/refit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stage on one subject. `reuse`: from any run whose stage had the same key, only within a run, or never.

    Reading a source is no function of what is known: it is done once for each run. Serving is an act.
    """

    stage: str
    subject: str
    reuse: Literal["any-run", "same-run", "never"] = "any-run"


def plan(model: Model, system: Declaration) -> tuple[Step, ...]:
    """The stages of one run, in order; those about the refit are only reached when the gates did not fail."""
    sources = datasets(model, system)
    name = model.name
    later = (Step(stage="train", subject=refit_of(name)), Step(stage="evaluate", subject=refit_of(name)))
    return (
        *(Step(stage="extract", subject=source, reuse="same-run") for source in sources),
        *(Step(stage="explore", subject=source) for source in sources),
        *(Step(stage=stage, subject=name) for stage in ("prepare", "train", "evaluate", "validate")),
        *(later if is_refitted(model) else ()),
        Step(stage="serve", subject=name, reuse="never"),
    )


def refit_of(model: str) -> str:
    """The subject of the stages about a model's refit."""
    return f"{model}/{REFIT}"


def is_refitted(model: Model) -> bool:
    """Whether a version that passed is fitted again on all mature rows, with every window moved to the present."""
    return isinstance(model.split, ByTime) and model.split.refit == "forward"


def not_active(model: Model, system: Declaration) -> tuple[tuple[str, str], ...]:
    """Words of the model that are declared and checked but not yet brought to life: (word, what it said)."""
    met = [("trials", str(model.trials))] if model.trials > 1 else []
    met += [("score", batch.to) for batch in system.scores if batch.model == model.name]
    return tuple(met)
