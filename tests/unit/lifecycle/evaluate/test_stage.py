"""Figures are those of scikit-learn on the rows of the test part, beside whoever else could have answered them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

import tidemill as tm
from tests.street import DAY, HOUR, Street
from tests.unit.lifecycle.lender import START, boosted, boosted_number, lender, loans, rate
from tidemill.facts.data import TrainingSet
from tidemill.facts.model import Evaluation, Score
from tidemill.features.offline.columns import matrix
from tidemill.predict.bundle import open_bundle
from tidemill.predict.predictor import Predictor

Floats = NDArray[np.float64]
LATE: dict[str, Any] = {"watermark_us": START + 1_000 * DAY}


def found(evaluation: Evaluation, metric: str, part: str = "test", against: str = "") -> Score:
    (score,) = (one for one in evaluation.scores if (one.metric, one.part, one.against) == (metric, part, against))
    return score


def scored(mill: Street, bundle: str, facts: TrainingSet, part: int = 3) -> tuple[Floats, Floats]:
    """Outcomes and predictions of the part's rows, by hand."""
    opened = open_bundle(bundle, mill.ctx.blobs)
    table = mill.chosen(facts)
    rows = table.filter(np.array(table["_part"].to_pylist()) == part)
    predictor = Predictor(opened, mill.ctx.flavors[opened.signature.flavor])
    return rows["_y"].to_numpy(), predictor.score(matrix(rows, opened.signature.features))


def test_figures_of_a_yes_or_no_are_scikit_learns() -> None:
    mill, _ = lender(boosted)
    facts = mill.prepare("risk", **LATE)
    version = mill.train(facts)
    evaluation = mill.evaluate(version, facts)
    y, p = scored(mill, version.bundle, facts)
    outside = {
        "roc_auc": metrics.roc_auc_score(y, p),
        "average_precision": metrics.average_precision_score(y, p),
        "log_loss": metrics.log_loss(y, p),
        "brier": metrics.brier_score_loss(y, p),
        "rate_gap": abs(p.mean() - y.mean()) / y.mean(),
    }
    for metric, value in outside.items():
        score = found(evaluation, metric)
        assert score.value == pytest.approx(value), metric
        assert score.n == 120
        assert score.low is not None
        assert score.high is not None
        assert score.low <= value <= score.high
    trained, fitted = scored(mill, version.bundle, facts, part=1)
    assert found(evaluation, "roc_auc", "train").value == pytest.approx(metrics.roc_auc_score(trained, fitted))
    assert found(evaluation, "roc_auc", "train").n == 420


def test_figures_of_a_number_are_scikit_learns() -> None:
    mill, _ = lender(boosted_number, outcome="lost")
    facts = mill.prepare("risk", **LATE)
    version = mill.train(facts)
    evaluation = mill.evaluate(version, facts)
    y, p = scored(mill, version.bundle, facts)
    assert found(evaluation, "mae").value == pytest.approx(metrics.mean_absolute_error(y, p))
    assert found(evaluation, "rmse").value == pytest.approx(metrics.mean_squared_error(y, p) ** 0.5)
    assert found(evaluation, "r2").value == pytest.approx(metrics.r2_score(y, p))
    assert found(evaluation, "bias").value == pytest.approx(float((p - y).mean()))
    median = float(np.median(mill.chosen(facts)["_y"].to_numpy()[:420]))
    assert found(evaluation, "mae", against="baseline").value == pytest.approx(
        metrics.mean_absolute_error(y, np.full(120, median))
    )


def test_a_constant_and_the_rate_of_what_was_known_last_stand_beside() -> None:
    mill, _ = lender(boosted, known="asked_at + interval '1 day'")
    facts = mill.prepare("risk", **LATE)
    evaluation = mill.evaluate(mill.train(facts), facts)
    table = mill.chosen(facts)
    y, part = table["_y"].to_numpy(), np.array(table["_part"].to_pylist())
    rate = y[part == 1].mean()
    assert found(evaluation, "log_loss", against="baseline").value == pytest.approx(
        metrics.log_loss(y[part == 3], np.full(120, rate))
    )
    # Each ask sees the outcomes that were known strictly before it: those asked more than a day earlier.
    asked, known = table["_asked_us"].to_numpy(), table["_known_us"].to_numpy()
    assert (known - asked == DAY).all()
    rolling = [y[known < t].mean() for t in asked[part == 3]]
    assert found(evaluation, "brier", against="rolling").value == pytest.approx(
        metrics.brier_score_loss(y[part == 3], rolling)
    )


def test_the_champion_answers_only_rows_that_it_was_not_trained_on() -> None:
    mill, _ = lender(boosted)
    facts = mill.prepare("risk", **LATE)
    champion = mill.train(facts)
    half = START + 540 * HOUR
    evaluation = mill.evaluate(mill.train(facts, ordinal=2), facts, champion=champion)
    assert (found(evaluation, "roc_auc", against="champion").n, evaluation.champion) == (120, champion.bundle)
    later = mill.evaluate(champion, facts, champion=replace(champion, trained_until_us=half - 1))
    y, p = scored(mill, champion.bundle, facts)
    score = found(later, "roc_auc", against="champion")
    assert score.n == 60
    assert score.value == pytest.approx(metrics.roc_auc_score(y[60:], p[60:]))
    nobody = mill.evaluate(champion, facts, champion=replace(champion, trained_until_us=facts.until_us))
    assert (found(nobody, "roc_auc", against="champion").value, found(nobody, "roc_auc", against="champion").n) == (
        None,
        0,
    )


def test_the_champion_is_scored_on_its_own_features_whatever_is_declared_now() -> None:
    before, _ = lender(boosted, columns=["age", "amount", "town", "amount / size_of.size as per_head"])
    known = before.prepare("risk", **LATE)
    champion = before.train(known)
    # `amount` is another thing now, `age` and the looked-up size are gone.
    after, _ = lender(boosted, columns=["amount * 0 as amount", "town"], views=["form"])
    after.ctx = before.ctx
    facts = after.prepare("risk", **LATE)
    evaluation = after.evaluate(after.train(facts, ordinal=2), facts, champion=champion)
    y, p = scored(before, champion.bundle, known)
    score = found(evaluation, "roc_auc", against="champion")
    assert score.n == 120
    assert score.value == pytest.approx(metrics.roc_auc_score(y, p))


def test_a_champion_whose_column_is_gone_is_not_compared_with() -> None:
    before, _ = lender(boosted)
    champion = before.train(before.prepare("risk", **LATE))
    after, _ = lender(boosted, rows=loans().drop_columns(["age"]), columns=["amount"], views=["form"])
    after.ctx = replace(after.ctx, blobs=before.ctx.blobs)
    facts = after.prepare("risk", **LATE)
    evaluation = after.evaluate(after.train(facts, ordinal=2), facts, champion=champion)
    assert found(evaluation, "roc_auc", against="champion").n == 0
    assert found(evaluation, "roc_auc").n == 120


def test_a_random_split_stands_as_a_warning_and_its_function_sees_keys_too() -> None:
    keys: list[set[str]] = []

    def fit(train: tm.Data, valid: tm.Data) -> object:
        keys.append({str(name) for name in train.keys})
        return float(train.y.mean())

    mill, _ = lender(fit)
    facts = mill.prepare("risk", **LATE)
    evaluation = mill.evaluate(mill.train(facts), facts, beside=("random_split",))
    score = found(evaluation, "log_loss", against="random_split")
    assert 90 < score.n < 150
    assert score.low is None
    assert keys == [{"loan", "asked_at"}] * 2


def test_figures_inside_blocks_of_time() -> None:
    """A rate that rises by steps is all that the model knows: pooled it orders well, inside a block not at all."""

    def hourly(train: tm.Data, valid: tm.Data) -> object:
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression().fit(train.X[["form.loan"]].to_numpy(), train.y)

    rows = loans(4_000)
    drifting = np.random.default_rng(5).random(4_000) < np.arange(4_000) / 4_000
    rows = rows.set_column(rows.schema.get_field_index("bad"), "bad", [drifting])
    mill, _ = lender(hourly, rows=rows, columns=["loan"], views=["form"], split=tm.by_time(valid=0, test=0.5))
    facts = mill.prepare("risk", **LATE)
    version = mill.train(facts)
    evaluation = mill.evaluate(version, facts)
    y, p = scored(mill, version.bundle, facts)
    inside = np.mean([metrics.roc_auc_score(y[at : at + 1_000], p[at : at + 1_000]) for at in (0, 1_000)])
    block = found(evaluation, "roc_auc", "block")
    assert block.n == 2
    assert block.value == pytest.approx(inside)
    assert found(evaluation, "roc_auc").value > block.value  # type: ignore[operator]  # both are numbers


def test_slices_that_a_gate_names_have_their_own_figures() -> None:
    mill, _ = lender(boosted, gates=[tm.at_least("roc_auc", 0.5, by="town"), tm.at_most("brier", 0.3, by="hour")])
    facts = mill.prepare("risk", **LATE)
    version = mill.train(facts)
    evaluation = mill.evaluate(version, facts)
    y, p = scored(mill, version.bundle, facts)
    town = np.array(mill.chosen(facts)["town"].to_pylist()[480:], object)
    for name in ("Bonn", "Ulm", "Gera", "Kiel"):
        own, slice_ = town == name, found(evaluation, "roc_auc", f"town={name}")
        assert slice_.n == own.sum()
        few = own.sum() < 30
        assert slice_.value == (None if few else pytest.approx(metrics.roc_auc_score(y[own], p[own])))
    assert found(evaluation, "roc_auc", "town=Bonn").value is not None
    assert {one.part for one in evaluation.scores if one.metric == "brier" and one.part.startswith("hour=")} >= {
        "hour=0"
    }


def test_columns_called_score_and_decision_do_not_stand_in_the_way() -> None:
    mill, _ = lender(rate, decide={"approve": "score < 0.9", "decline": "true"})
    facts = mill.prepare("risk", **LATE)
    kept = mill.table(mill.evaluate(mill.train(facts), facts).blob)
    assert kept.column_names.count("score") == 1
    assert len(set(kept["score"].to_pylist())) == 1
    assert "decision" not in kept.column_names
