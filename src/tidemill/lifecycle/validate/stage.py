"""Stage 6, validate: every gate as a verdict with value, bound, reason; latency and memory in a real server."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tidemill.errors import ServeError
from tidemill.facts.data import TrainingSet
from tidemill.facts.model import Evaluation, ModelVersion, Validation
from tidemill.features.offline.answered import named
from tidemill.features.offline.columns import values_of
from tidemill.lifecycle.validate.request import bodies
from tidemill.lifecycle.validate.trial import serving_verdict
from tidemill.measure.answers import Answers
from tidemill.measure.checks import unmeasured, verdict
from tidemill.ports.context import Context
from tidemill.ports.target import Measured
from tidemill.predict.bundle import open_bundle
from tidemill.spec.check import SERVING, AtLeast, AtMost, Check, NoDrift
from tidemill.spec.declaration import Declaration

CONTESTANT = "_score_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A version with its evaluation; `trial_s`: how long the real server is asked, in seconds of the machine."""

    system: Declaration
    model: str
    version: ModelVersion
    training_set: TrainingSet
    evaluation: Evaluation
    champion: ModelVersion | None
    trial_s: float
    seed: int
    now_us: int


def run(given: Given, ctx: Context) -> tuple[Validation, ...]:
    """All verdicts; a gate that could not be measured is undecided, never passed."""
    model = given.system.model(given.model)
    rows = pq.read_table(pa.BufferReader(ctx.blobs.get(given.evaluation.blob)))
    answers = answers_of(rows, given, ctx)
    measured: Measured | ServeError | None = None
    if any(is_serving(gate) for gate in model.gates):
        ctx.progress("trial", 0, None)
        measured = tried_out(given, ctx)
    verdicts = []
    for gate in model.gates:
        if isinstance(gate, AtLeast | AtMost) and is_serving(gate):
            verdicts.append(serving_verdict(gate, measured))
        elif isinstance(gate, NoDrift):
            verdicts.append(unmeasured(gate, "drift-is-monitored"))
        else:
            verdicts.append(verdict(gate, answers, seed=given.seed))
    fact = Validation(
        system=given.system.name,
        model=given.model,
        bundle=given.version.bundle,
        training_set=given.training_set.digest,
        champion=given.champion.bundle if given.champion else "",
        verdicts=tuple(verdicts),
        at_us=given.now_us,
    )
    return (fact,)


def answers_of(rows: pa.Table, given: Given, ctx: Context) -> Answers:
    """The test rows as evaluated."""
    model = given.system.model(given.model)
    about = named(rows, model, model.gates, given.system.zone, ctx.compute)
    others = {name: name.removeprefix(CONTESTANT) for name in rows.column_names if name.startswith(CONTESTANT)}
    predicted = {"": values_of(rows["score"]).data}
    predicted |= {other: np.array(rows[name].to_numpy(), np.float64) for name, other in others.items()}
    return Answers(
        y=values_of(rows["_y"]).data,
        predicted=predicted,
        entity=about.entity,
        asks=about.asks,
        columns=about.columns,
        masks=about.masks,
    )


def is_serving(gate: Check) -> bool:
    """Whether only a server can tell."""
    return isinstance(gate, AtLeast | AtMost) and gate.metric in SERVING


def tried_out(given: Given, ctx: Context) -> Measured | ServeError:
    """What the real server showed, or why it did not start: a verdict either way, not a failed run."""
    signature = open_bundle(given.version.bundle, ctx.blobs).signature
    try:
        return ctx.target.try_out(given.version.bundle, bodies(signature), seconds=given.trial_s)
    except ServeError as error:
        return error
