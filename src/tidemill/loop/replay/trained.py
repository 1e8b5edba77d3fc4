"""One training at a virtual moment: the tested version, its verdicts, and the version moved to the present."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tidemill.errors import DataError, ModelError
from tidemill.facts.data import TrainingSet
from tidemill.facts.model import ModelVersion, Outcome, Validation, Verdict
from tidemill.lifecycle.evaluate import given as evaluating
from tidemill.lifecycle.evaluate import stage as evaluate
from tidemill.lifecycle.evaluate.contestants import scored
from tidemill.lifecycle.prepare import given as preparing
from tidemill.lifecycle.prepare import stage as prepare
from tidemill.lifecycle.train import given as training
from tidemill.lifecycle.train import stage as train
from tidemill.lifecycle.validate import stage as validate
from tidemill.loop.replay.past import Past, without_serving
from tidemill.loop.replay.record import Wanted
from tidemill.ports.context import Context
from tidemill.spec.model import ByTime

Decision = Literal["promoted", "refused", "undecided", "untested", "failed"]
DECISIONS: Mapping[Outcome, Decision] = {"passed": "promoted", "failed": "refused", "undecided": "undecided"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """`answering`: the version with every window moved to the present. `released`: what the loop would release."""

    answering: ModelVersion | None
    released: ModelVersion | None
    verdicts: tuple[Verdict, ...]
    decision: Decision
    reason: str
    fields: Mapping[str, object] = field(default_factory=dict)


def trained(
    wanted: Wanted, before: Past, at_us: int, turn: int, champion: ModelVersion | None, ctx: Context
) -> Trained:
    """The model as of that moment; what cannot be trained or tested yet is said, not raised."""
    try:
        facts = set_at(wanted, before, at_us, ctx)
    except DataError as error:
        return nothing(error, None, "failed")
    given = training.Given(
        system=without_serving(wanted.system),
        model=wanted.model,
        training_set=facts,
        run="replay",
        ordinal=2 * turn + 1,
        seed=wanted.seed,
        now_us=at_us,
    )
    try:
        (tested,) = train.run(given, ctx)
    except (DataError, ModelError) as error:
        return forward_only(given, error, ctx)
    (moved,) = train.run(replace(given, ordinal=given.ordinal + 1, tested=tested), ctx)
    found = judged(given, tested, champion, ctx)
    split = given.system.model(wanted.model).split
    released = tested if isinstance(split, ByTime) and split.refit == "none" else moved
    worst = next((verdict for verdict in found.verdicts if verdict.outcome == found.outcome), None)
    reason = worst.reason if worst and found.outcome != "passed" else ""
    return Trained(
        answering=moved, released=released, verdicts=found.verdicts, decision=DECISIONS[found.outcome], reason=reason
    )


def forward_only(given: training.Given, untested: DataError | ModelError, ctx: Context) -> Trained:
    """Where nothing could be tested, only the version on all mature rows, if even that can be had."""
    try:
        (moved,) = train.run(replace(given, rows="forward"), ctx)
    except (DataError, ModelError) as error:
        return nothing(error, None, "failed")
    return nothing(untested, moved, "untested")


def nothing(error: DataError | ModelError, answering: ModelVersion | None, decision: Decision) -> Trained:
    """No version to release, and why."""
    fields = dict(error.fields)
    return Trained(answering=answering, released=None, verdicts=(), decision=decision, reason=error.code, fields=fields)


def set_at(wanted: Wanted, before: Past, at_us: int, ctx: Context) -> TrainingSet:
    """The training set as of that moment, cut from the table of all asks."""
    given = preparing.Given(
        system=wanted.system,
        model=wanted.model,
        versions=wanted.versions,
        moments=before.moments,
        watermark_us=at_us,
        now_us=at_us,
        frame=before.frame,
        labels=wanted.labels,
    )
    return prepare.run(given, ctx)[0]


def judged(given: training.Given, tested: ModelVersion, champion: ModelVersion | None, ctx: Context) -> Validation:
    """The gates' verdicts on the tested version, beside the loop's champion."""
    evaluation = evaluate.for_gates(
        evaluating.Given(
            system=given.system,
            model=given.model,
            version=tested,
            training_set=given.training_set,
            champion=champion,
            beside=(),
            seed=given.seed,
            now_us=given.now_us,
        ),
        ctx,
    )
    return validate.run(
        validate.Given(
            system=given.system,
            model=given.model,
            version=tested,
            training_set=given.training_set,
            evaluation=evaluation,
            champion=champion,
            trial_s=0.0,
            seed=given.seed,
            now_us=given.now_us,
        ),
        ctx,
    )[0]


def answered(version: ModelVersion, before: Past, places: NDArray[np.intp], ctx: Context) -> NDArray[np.float64]:
    """The version's score of these asks."""
    return scored(version.bundle, before.table.take(places), ctx)
