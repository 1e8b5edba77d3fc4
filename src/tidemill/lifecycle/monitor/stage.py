"""Stage 8, monitor: the declared checks on what a version answered, as readings with value, bound and outcome."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from tidemill.facts.model import Verdict
from tidemill.facts.signal import Reading
from tidemill.features.offline.answered import SCORE, named
from tidemill.features.offline.columns import matrix, values_of
from tidemill.features.offline.lake import Lake, lake_of
from tidemill.features.offline.outcome import OUTCOME
from tidemill.lifecycle.monitor.answered import OTHER, answered_rows, mature, with_scores
from tidemill.lifecycle.monitor.asked import asked_rows, known_rows
from tidemill.lifecycle.monitor.drifted import Columns, moved
from tidemill.lifecycle.monitor.given import Given
from tidemill.lifecycle.monitor.logged import logged_columns
from tidemill.lifecycle.monitor.served import served_verdict
from tidemill.lifecycle.monitor.shown import as_first, conversion_verdict, known_shown
from tidemill.measure.answers import Answers
from tidemill.measure.checks import CHAMPION, unmeasured, verdict
from tidemill.ports.context import Context
from tidemill.ports.flavor import FeatureColumn
from tidemill.predict.bundle import open_bundle
from tidemill.spec.check import SERVING, AtLeast, AtMost, Check, Fair, NoDrift, NotWorse, check_text
from tidemill.spec.label import Candidates
from tidemill.spec.model import Model

__all__ = ["Given", "run"]


def run(given: Given, ctx: Context) -> tuple[Reading, ...]:
    """One reading per check; where there is too little to judge it is undecided, never passed."""
    lake = lake_of(given.system.zone, given.versions, ctx.tables, ctx.compute)
    seen = Seen(given=given, model=given.system.model(given.model), lake=lake, ctx=ctx)
    return tuple(reading(judged(check, seen), given) for check in given.checks)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What there is to judge by, each part read when the first check needs it."""

    given: Given
    model: Model
    lake: Lake
    ctx: Context

    @cached_property
    def log(self) -> pa.Table:
        """The version's answers in the window."""
        return answered_rows(self.given, self.lake)

    @cached_property
    def known(self) -> pa.Table:
        """Answers whose outcome is known, with the other version's score; of a ranking model its label's asks."""
        asked = self.model.label.asked
        if isinstance(asked, Candidates):
            return known_rows(self.given, asked, self.lake, self.ctx)
        return with_scores(mature(self.log, self.given, self.model, self.lake), self.given, self.ctx)

    @cached_property
    def shown(self) -> pa.Table:
        """Items that a ranking showed and whose outcome is known."""
        return known_shown(self.given, self.model, self.lake)

    def inputs(self, features: tuple[FeatureColumn, ...]) -> tuple[Columns, int]:
        """Each feature's values in the window, as the version sees them, and how many there are."""
        asked = self.model.label.asked
        if isinstance(asked, Candidates):
            rows = asked_rows(self.given, asked, self.lake)
            if rows.num_rows == 0:
                return {}, 0
            columns = matrix(rows, features)
            return {feature.name: columns[:, place] for place, feature in enumerate(features)}, rows.num_rows
        scored = self.log.filter(self.log["score"].is_valid())
        return logged_columns(scored["features"].to_pylist(), features), scored.num_rows


def judged(check: Check, seen: Seen) -> Verdict:
    """The check on what can tell it: the log, its known outcomes, or the asks and the shown items of a ranking."""
    if isinstance(check, NoDrift):
        return drift_verdict(check, seen)
    if isinstance(check, AtLeast | AtMost) and check.metric in SERVING:
        return served_verdict(check, seen.log)
    if isinstance(check, Fair) or not isinstance(seen.model.label.asked, Candidates):
        return outcome_verdict(check, seen.known, seen)
    if check.metric == "conversion":
        if isinstance(check, NotWorse):
            return conversion_verdict(check, seen.shown, seen.given, seen.model, seen.lake)
        return outcome_verdict(check, seen.shown, seen)
    if check.metric == "rate_gap":
        rows = as_first(seen.shown, check, seen.given, seen.model, seen.lake)
        return rows if isinstance(rows, Verdict) else outcome_verdict(check, rows, seen)
    return outcome_verdict(check, seen.known, seen)


def drift_verdict(check: NoDrift, seen: Seen) -> Verdict:
    """Every feature against the bundle's reference."""
    bundle = open_bundle(seen.given.version.bundle, seen.ctx.blobs)
    columns, n = seen.inputs(bundle.signature.features)
    found = moved(columns, bundle.references, check.psi, n)
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


def outcome_verdict(check: Check, rows: pa.Table, seen: Seen) -> Verdict:
    """A check that outcomes tell."""
    given = seen.given
    if rows.num_rows == 0:
        return unmeasured(check, "nothing-mature")
    about = named(rows, seen.model, [check], given.system.zone, seen.ctx.compute)
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
