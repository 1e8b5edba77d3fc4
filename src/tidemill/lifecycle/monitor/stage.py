"""Stage 8, monitor: the declared checks on what a version answered, as readings with value, bound and outcome."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tidemill.facts.data import ColumnType, DatasetVersion
from tidemill.facts.model import ModelVersion, Verdict
from tidemill.facts.signal import Reading
from tidemill.features.offline.answered import SCORE, named
from tidemill.features.offline.asks import ASKED
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.lake import Lake, lake_of
from tidemill.features.offline.outcome import KNOWN, OUTCOME
from tidemill.lifecycle.monitor.drifted import moved
from tidemill.lifecycle.monitor.joined import with_truth
from tidemill.lifecycle.monitor.log import OUTCOMES, PREDICTIONS
from tidemill.lifecycle.monitor.logged import logged_columns
from tidemill.lifecycle.monitor.served import served_verdict
from tidemill.measure.answers import Answers
from tidemill.measure.checks import CHAMPION, verdict
from tidemill.ports.context import Context
from tidemill.predict.bundle import open_bundle
from tidemill.predict.predictor import Predictor
from tidemill.spec.check import SERVING, AtLeast, AtMost, Check, NoDrift, check_text
from tidemill.spec.declaration import Declaration
from tidemill.spec.model import Model
from tidemill.spec.source import Source

OTHER = f"_score_{CHAMPION}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one version answered from `since_us` to `until_us`, judged by these checks.

    `versions`: datasets, the landed prediction log and posted outcomes among them. `watermark_us`: how far outcomes are
    known. `other`: a version that is scored on the same mature rows under the name `champion`, for `not_worse`.
    """

    system: Declaration
    model: str
    version: ModelVersion
    checks: tuple[Check, ...]
    versions: tuple[DatasetVersion, ...]
    since_us: int
    until_us: int
    watermark_us: int
    now_us: int
    seed: int
    other: ModelVersion | None = None


def run(given: Given, ctx: Context) -> tuple[Reading, ...]:
    """One reading per check; where there is too little to judge it is undecided, never passed."""
    model = given.system.model(given.model)
    lake = lake_of(given.system.zone, given.versions, ctx.tables, ctx.compute)
    log = answered_rows(given, lake)
    matured = with_scores(mature(log, given, model, lake), given, ctx)
    verdicts = []
    for check in given.checks:
        if isinstance(check, NoDrift):
            verdicts.append(drift_verdict(check, log, given, ctx))
        elif isinstance(check, AtLeast | AtMost) and check.metric in SERVING:
            verdicts.append(served_verdict(check, log))
        else:
            verdicts.append(outcome_verdict(check, matured, given, ctx))
    return tuple(reading(one, given) for one in verdicts)


def answered_rows(given: Given, lake: Lake) -> pa.Table:
    """The version's own answers in the window; failed ones too, without a score."""
    return lake.query(
        f"select * from {PREDICTIONS} where model = '{given.model}' and version = '{given.version.name}' "
        f"and asked_at >= make_timestamptz({given.since_us}) and asked_at < make_timestamptz({given.until_us}) "
        "order by asked_at, _row"
    )


def mature(log: pa.Table, given: Given, model: Model, lake: Lake) -> pa.Table:
    """Scored answers whose outcome is known by the watermark, with `_y`; the last answer where one was asked twice."""
    scored = log.filter(log["score"].is_valid())
    posted = lake.query(f"select * from {OUTCOMES} order by _row") if OUTCOMES in lake.landed else None
    table = with_truth(scored, model.label, column_types(model, given.versions), lake, posted)
    known = values_of(table[KNOWN]).data <= given.watermark_us
    return table.filter(pa.array(known & ~values_of(table[OUTCOME]).missing))


def column_types(model: Model, versions: Sequence[DatasetVersion]) -> tuple[ColumnType, ...]:
    """Types of the columns that an ask may carry: those of the asked source, or of the source that has the keys."""
    asked = model.label.asked
    if isinstance(asked, Source):
        return next(version.columns for version in versions if version.dataset == asked.dataset)
    keys = (*asked.entity, asked.item)
    found = {column.name: column for version in versions for column in version.columns if column.name in keys}
    return tuple(found[name] for name in keys if name in found)


def with_scores(rows: pa.Table, given: Given, ctx: Context) -> pa.Table:
    """The rows with what the other version says of the very features that were logged; NaN where it saw the ask."""
    if given.other is None or rows.num_rows == 0:
        return rows
    bundle = open_bundle(given.other.bundle, ctx.blobs)
    columns = logged_columns(rows["_features"].to_pylist(), bundle.signature.features)
    with closing(Predictor(bundle, ctx.flavors[bundle.signature.flavor])) as predictor:
        scores = predictor.score(np.column_stack(list(columns.values())))
    unseen = values_of(rows[ASKED]).data > given.other.trained_until_us
    return rows.append_column(OTHER, pa.array(np.where(unseen, scores, np.nan)))


def drift_verdict(check: NoDrift, log: pa.Table, given: Given, ctx: Context) -> Verdict:
    """Every logged feature against the bundle's reference."""
    bundle = open_bundle(given.version.bundle, ctx.blobs)
    found = moved(log.filter(log["score"].is_valid()), bundle.signature.features, bundle.references, check.psi)
    reasons = {"passed": "shown", "failed": "beyond-bound", "undecided": "too-few"}
    return Verdict(
        check=check_text(check),
        value=found.psi,
        bound=check.psi,
        outcome=found.outcome,
        reason=reasons[found.outcome],
        n=found.n,
        fields=found.fields,
    )


def outcome_verdict(check: Check, rows: pa.Table, given: Given, ctx: Context) -> Verdict:
    """A check that outcomes tell."""
    model = given.system.model(given.model)
    if rows.num_rows == 0:
        return Verdict(check=check_text(check), value=None, bound=None, outcome="undecided", reason="nothing-mature")
    about = named(rows, model, [check], given.system.zone, ctx.compute)
    predicted = {"": values_of(rows[SCORE]).data}
    if OTHER in rows.column_names:
        predicted[CHAMPION] = values_of(rows[OTHER]).data
    answers = Answers(
        y=values_of(rows[OUTCOME]).data,
        predicted=predicted,
        entity=about.entity,
        asks=about.asks,
        columns=about.columns,
        masks=about.masks,
    )
    return verdict(check, answers, seed=given.seed)


def reading(found: Verdict, given: Given) -> Reading:
    """The verdict as a reading of this window."""
    return Reading(
        system=given.system.name,
        model=given.model,
        version=given.version.name,
        monitor=found.check,
        since_us=given.since_us,
        until_us=given.until_us,
        value=found.value,
        bound=found.bound,
        outcome=found.outcome,
        reason=found.reason,
        low=found.low,
        high=found.high,
        n=found.n,
        fields=found.fields,
        at_us=given.now_us,
    )
