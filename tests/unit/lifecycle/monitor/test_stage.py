"""Readings of a version's own answers: drift names its column, outcomes are joined or posted, latency is as logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics

import tidemill as tm
from tests.street import DAY, HOUR
from tests.unit.lifecycle.lender import START, boosted, lender, rate
from tests.unit.lifecycle.monitor.test_log import answer, logged
from tidemill.facts.codec import canonical
from tidemill.facts.data import TrainingSet
from tidemill.facts.model import ModelVersion
from tidemill.facts.signal import Reading
from tidemill.features.offline.columns import matrix, values_of
from tidemill.lifecycle.monitor import stage
from tidemill.lifecycle.monitor.given import Given
from tidemill.lifecycle.monitor.log import OUTCOMES, PREDICTIONS, land
from tidemill.predict.bundle import open_bundle
from tidemill.predict.predictor import Predictor
from tidemill.spec.check import Check

LATE: dict[str, Any] = {"watermark_us": START + 1_000 * DAY}
FOREVER = START + 900 * DAY


class Watched:
    """A lender whose version answered the loans of the test part, as a server logs it."""

    def __init__(self, function: Any = boosted, **words: Any) -> None:
        self.mill, _ = lender(function, **words)
        self.facts: TrainingSet = self.mill.prepare("risk", **LATE)
        self.version: ModelVersion = self.mill.train(self.facts)
        table = self.mill.chosen(self.facts)
        self.rows = table.filter(pa.array([part == 3 for part in table["_part"].to_pylist()]))
        opened = open_bundle(self.version.bundle, self.mill.ctx.blobs)
        predictor = Predictor(opened, self.mill.ctx.flavors[opened.signature.flavor])
        self.scores = predictor.score(matrix(self.rows, opened.signature.features))
        self.y = values_of(self.rows["_y"]).data

    def answers(self, **changes: Any) -> list[str]:
        """The ids of the answers, one for each loan, after they have landed."""
        rows = self.rows.to_pylist()
        looked = [name for name in self.rows.column_names if name.startswith(("nearby.", "size_of."))]
        made = [name for name in self.rows.column_names if name.startswith("form.") or name == "hour"]
        ids = answer(
            self.mill,
            *(
                logged(
                    asked_at_us=row["_asked_us"], received_at_us=row["_asked_us"], version=self.version.name,
                    keys={name: row[name] for name in ("town", "loan")},
                    request={name: row[name] for name in ("age", "amount")},
                    looked_up={name: row[name] for name in looked}, computed={name: row[name] for name in made},
                    ask=f"request:{row['loan']}", score=float(score), **changes,
                )
                for row, score in zip(rows, self.scores, strict=True)
            ),
        )  # fmt: skip
        land(PREDICTIONS, "lender", FOREVER, self.mill.ctx)
        return ids

    def post(self, id: str, value: float, received_us: int = FOREVER) -> None:
        document = {"v": 1, "received_at_us": received_us, "id": id, "value": value, "happened_at_us": received_us}
        self.mill.ctx.journal.writer("outcomes", "w0").append(canonical(document))
        land(OUTCOMES, "lender", FOREVER, self.mill.ctx)

    def read(self, *checks: Check, **changes: Any) -> tuple[Reading, ...]:
        logs = (self.mill.ctx.tables.newest(name) for name in (PREDICTIONS, OUTCOMES))
        given = Given(
            system=self.mill.system, model="risk", version=self.version, checks=checks,
            versions=(*self.mill.versions, *(log for log in logs if log is not None)),
            since_us=START, until_us=FOREVER, watermark_us=FOREVER, now_us=FOREVER, seed=0,
        )  # fmt: skip
        return stage.run(replace(given, **changes), self.mill.ctx)


def test_outcomes_are_joined_and_the_figure_is_that_of_the_test_rows() -> None:
    seen = Watched()
    seen.answers()
    auc, brier = seen.read(tm.at_least("roc_auc", 0.6), tm.at_most("brier", 0.01))
    assert auc.value == pytest.approx(metrics.roc_auc_score(seen.y, seen.scores))
    assert (auc.outcome, auc.reason, auc.n, auc.monitor) == ("passed", "shown", 120, "roc_auc >= 0.6")
    assert (auc.version, auc.since_us, auc.until_us) == ("risk@1", START, FOREVER)
    assert (brier.outcome, brier.reason) == ("failed", "beyond-bound")


def test_only_outcomes_that_are_known_by_the_watermark_count_and_only_asks_of_the_window() -> None:
    seen = Watched(known="asked_at + interval '1 day'")
    seen.answers()
    cut = START + 530 * HOUR
    (one,) = seen.read(tm.at_most("brier", 0.9), watermark_us=cut + DAY)
    assert one.n == 51
    (one,) = seen.read(tm.at_most("brier", 0.9), since_us=cut, until_us=cut + 10 * HOUR)
    assert one.n == 10
    (none,) = seen.read(tm.at_most("brier", 0.9), watermark_us=START)
    assert (none.outcome, none.reason, none.bound, none.n) == ("undecided", "nothing-mature", 0.9, 0)


def test_a_row_that_has_not_landed_has_no_outcome_yet() -> None:
    seen = Watched()
    seen.answers()
    request = {"age": 30, "amount": 1.0}
    answer(seen.mill, logged(asked_at_us=START + DAY, keys={"town": "Ulm", "loan": 9_999}, request=request))
    answer(seen.mill, logged(asked_at_us=START + DAY, keys={"town": "Ulm"}, request=request))
    land(PREDICTIONS, "lender", FOREVER, seen.mill.ctx)
    (one,) = seen.read(tm.at_most("brier", 0.9))
    assert one.n == 120


def test_a_posted_outcome_takes_the_place_of_the_joined_one_and_the_last_counts() -> None:
    seen = Watched()
    ids = seen.answers()
    wrong = (seen.scores < 0.5).astype(float)
    for id, value in zip(ids, wrong, strict=True):
        seen.post(id, 0.5)
        seen.post(id, float(value))
    (one,) = seen.read(tm.at_least("roc_auc", 0.6))
    assert one.value == pytest.approx(metrics.roc_auc_score(wrong, seen.scores))


def test_an_outcome_posted_for_the_champions_answer_counts_for_the_shadow_too() -> None:
    seen = Watched()
    seen.answers(arm="shadow")
    asks = [(row["_asked_us"], f"request:{row['loan']}") for row in seen.rows.to_pylist()]
    shown = [logged(asked_at_us=at, received_at_us=at, version="risk@0", ask=ask) for at, ask in asks]
    ids = answer(seen.mill, *shown)
    land(PREDICTIONS, "lender", FOREVER, seen.mill.ctx)
    wrong = (seen.scores < 0.5).astype(float)
    for id, value in zip(ids, wrong, strict=True):
        seen.post(id, float(value))
    (one,) = seen.read(tm.at_least("roc_auc", 0.6))
    assert one.value == pytest.approx(metrics.roc_auc_score(wrong, seen.scores))


def test_posted_outcomes_count_when_they_were_received_however_far_the_source_is() -> None:
    seen = Watched(known="asked_at + interval '3 days'")
    ids = seen.answers()
    for id, value in zip(ids[:60], seen.y, strict=False):
        seen.post(id, float(value), received_us=START + 30 * DAY)
    (one,) = seen.read(tm.at_most("brier", 0.9), watermark_us=START + 20 * DAY, now_us=START + 31 * DAY)
    assert one.n == 60
    (none,) = seen.read(tm.at_most("brier", 0.9), watermark_us=START + 20 * DAY, now_us=START + 29 * DAY)
    assert none.reason == "nothing-mature"


def test_one_row_asked_for_twice_counts_once() -> None:
    seen = Watched()
    seen.answers()
    seen.scores = 1 - seen.scores
    seen.answers()
    (one,) = seen.read(tm.at_most("brier", 0.9))
    assert one.n == 120
    assert one.value == pytest.approx(metrics.brier_score_loss(seen.y, seen.scores))


def test_drift_names_the_column_that_moved() -> None:
    seen = Watched(rate)
    seen.answers()
    (calm,) = seen.read(tm.no_drift(psi=1.0))
    assert (calm.outcome, calm.n) == ("passed", 120)
    place = seen.rows.schema.get_field_index("form.amount")
    grown = pa.array(np.array(seen.rows["form.amount"].to_pylist()) * 30)
    seen.rows = seen.rows.set_column(place, "form.amount", grown)
    seen.version = replace(seen.version, ordinal=2)
    seen.answers()
    (moved,) = seen.read(tm.no_drift(psi=1.0))
    assert (moved.outcome, moved.reason, moved.fields["column"]) == ("failed", "beyond-bound", "form.amount")
    assert moved.value is not None
    assert moved.value > 1.0
    assert moved.fields["failed"] == "form.amount"


def test_latency_and_errors_are_those_that_were_logged() -> None:
    seen = Watched(rate)
    seen.answers(latency_us=2_000)
    checks = [
        tm.at_most("p99_ms", 50),
        tm.at_most("p50_ms", 5),
        tm.at_most("error_rate", 0.05),
        tm.at_most("memory_mib", 5),
    ]
    p99, p50, errors, memory = seen.read(*checks)
    assert (p99.value, p99.outcome, p99.reason) == (2.0, "undecided", "too-few")
    assert (p50.value, p50.outcome) == (2.0, "passed")
    assert (errors.value, errors.outcome, errors.n) == (0.0, "passed", 120)
    assert (memory.outcome, memory.reason) == ("undecided", "not-measured")
    failed = [logged(asked_at_us=START + DAY, score=None, error="serve.answer-failed") for _ in range(30)]
    answer(seen.mill, *failed)
    land(PREDICTIONS, "lender", FOREVER, seen.mill.ctx)
    (errors,) = seen.read(tm.at_most("error_rate", 0.05))
    assert (errors.value, errors.outcome, errors.n) == (30 / 150, "failed", 150)


def test_the_other_version_is_scored_on_the_features_that_were_logged() -> None:
    seen = Watched(rate)
    model = seen.mill.system.model("risk")
    seen.mill.system = replace(seen.mill.system, models=(replace(model, function=boosted),))
    other = seen.mill.train(seen.facts, ordinal=2)
    seen.answers()
    (one,) = seen.read(tm.not_worse("roc_auc"), other=other)
    opened = open_bundle(other.bundle, seen.mill.ctx.blobs)
    predictor = Predictor(opened, seen.mill.ctx.flavors["lightgbm"])
    theirs = metrics.roc_auc_score(seen.y, predictor.score(matrix(seen.rows, opened.signature.features)))
    assert (one.outcome, one.reason) == ("failed", "worse")
    assert one.value == pytest.approx(0.5 - theirs)
    (unseen,) = seen.read(tm.not_worse("roc_auc"), other=replace(other, trained_until_us=FOREVER))
    assert unseen.outcome == "undecided"


def test_a_version_that_wants_a_feature_that_was_not_logged_is_not_judged_by_guesses() -> None:
    seen = Watched(rate)
    seen.rows = seen.rows.drop_columns(["form.age"])
    seen.answers()
    (one,) = seen.read(tm.not_worse("brier"), other=replace(seen.version, ordinal=2))
    assert (one.outcome, one.n) == ("undecided", 0)


def test_decisions_are_those_that_were_logged() -> None:
    seen = Watched(rate, decide={"approve": "score > 2", "decline": "true"})
    seen.answers(decision="approve")
    (one,) = seen.read(tm.at_most("brier", 0.9, where="decision = 'approve'"))
    assert one.n == 120


def test_without_any_answer_every_check_is_open() -> None:
    seen = Watched(rate)
    checks: Sequence[Check] = [
        tm.no_drift(),
        tm.at_least("roc_auc", 0.5),
        tm.at_most("error_rate", 0.1),
        tm.at_most("p99_ms", 9),
    ]
    assert {one.outcome for one in seen.read(*checks)} == {"undecided"}


def test_a_quote_in_a_name_is_just_a_letter() -> None:
    seen = Watched(rate)
    seen.answers()
    odd = replace(seen.version, model="o'hara")
    (one,) = seen.read(tm.at_most("error_rate", 0.5), version=odd)
    assert one.n == 0
