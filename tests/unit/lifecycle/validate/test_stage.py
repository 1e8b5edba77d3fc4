"""Gates become verdicts with value, bound and reason; what only a server tells is judged by what it showed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn import metrics

import tidemill as tm
from tests.street import DAY, Street
from tests.unit.lifecycle.lender import START, boosted, lender, rate
from tidemill.errors import DataError
from tidemill.facts.data import TrainingSet
from tidemill.facts.model import Evaluation, ModelVersion, Verdict
from tidemill.ports.target import Measured
from tidemill.spec.check import Check

LATE: dict[str, Any] = {"watermark_us": START + 1_000 * DAY}


def street(
    gates: Sequence[Check], function: Any = boosted, **words: Any
) -> tuple[Street, TrainingSet, ModelVersion, Evaluation]:
    """The system down to its evaluation."""
    mill, _ = lender(function, gates=gates, **words)
    facts = mill.prepare("risk", **LATE)
    version = mill.train(facts)
    return mill, facts, version, mill.evaluate(version, facts)


def verdicts(gates: Sequence[Check], function: Any = boosted, **words: Any) -> list[Verdict]:
    mill, facts, version, evaluation = street(gates, function, **words)
    return list(mill.validate(version, facts, evaluation).verdicts)


def test_a_figure_is_judged_by_its_interval() -> None:
    low, middle, high = verdicts([tm.at_least("roc_auc", bound) for bound in (0.5, 0.8, 0.99)])
    assert [(one.outcome, one.reason) for one in (low, middle, high)] == [
        ("passed", "shown"), ("undecided", "not-shown"), ("failed", "beyond-bound"),
    ]  # fmt: skip
    assert low.value == middle.value == high.value
    assert low.low is not None
    assert low.value is not None
    assert 0.5 < low.low < low.value < 0.99
    assert (low.check, low.bound, low.n) == ("roc_auc >= 0.5", 0.5, 120)
    assert "needed" in middle.fields


def test_every_gate_is_heard_and_the_worst_decides() -> None:
    mill, facts, version, evaluation = street([tm.at_least("roc_auc", 0.5), tm.at_most("brier", 0.0001)])
    validation = mill.validate(version, facts, evaluation)
    assert [one.outcome for one in validation.verdicts] == ["passed", "failed"]
    assert (validation.outcome, validation.bundle, validation.champion) == ("failed", version.bundle, "")


def test_the_slice_that_stands_worst_is_named() -> None:
    (one,) = verdicts([tm.at_most("brier", 0.01, by="town")])
    assert (one.outcome, one.reason, one.fields["too_small"]) == ("failed", "beyond-bound", 2)
    mill, facts, _, evaluation = street([tm.at_most("brier", 0.01, by="town")])
    kept = mill.table(evaluation.blob)
    y, p, town = (np.array(kept[name].to_pylist(), object) for name in ("_y", "score", "town"))
    judged = {name for name in set(town) if (town == name).sum() >= 30}
    briers = {name: float(((p - y)[town == name] ** 2).mean()) for name in judged}
    assert one.fields["slice"] == max(briers, key=briers.__getitem__)
    assert one.value == pytest.approx(max(briers.values()))
    assert facts.model == "risk"


def test_a_column_that_nobody_has_is_said_with_the_nearest() -> None:
    with pytest.raises(DataError) as caught:
        street([tm.at_least("roc_auc", 0.5, by="towns")])
    assert caught.value.fields == {"column": "towns", "where": "asks", "nearest": "town"}


def test_figures_of_a_decision_are_those_of_its_rows() -> None:
    decide = {"approve": "score < 0.4", "decline": "true"}
    gates = [tm.at_most("rate_gap", 0.9, where="decision = 'approve'"), tm.at_most("brier", 0.9, where="score >= 0.4")]
    mill, facts, version, evaluation = street(gates, decide=decide)
    kept = mill.table(evaluation.blob)
    y, p = (np.array(kept[name].to_pylist()) for name in ("_y", "score"))
    gap, brier = mill.validate(version, facts, evaluation).verdicts
    some = p < 0.4
    assert gap.value == pytest.approx(abs(p[some].mean() - y[some].mean()) / y[some].mean())
    assert (gap.n, brier.n) == (some.sum(), (~some).sum())
    assert brier.value == pytest.approx(metrics.brier_score_loss(y[~some], p[~some]))


def test_fairness_is_the_lowest_rate_of_the_decision_over_the_highest() -> None:
    decide = {"approve": "score < 0.4", "decline": "true"}
    mill, facts, version, evaluation = street([tm.fair("amount > 3000", decision="approve")], decide=decide)
    (one,) = mill.validate(version, facts, evaluation).verdicts
    kept = mill.table(evaluation.blob)
    p, big = np.array(kept["score"].to_pylist()), np.array(kept["amount"].to_pylist()) > 3000
    small_rate, big_rate = (p[~big] < 0.4).mean(), (p[big] < 0.4).mean()
    assert one.value == pytest.approx(big_rate / small_rate)
    assert (one.outcome, one.reason, one.fields["lowest"]) == ("failed", "beyond-bound", "True")
    assert one.fields["lowest_rate"] == pytest.approx(big_rate)
    assert one.fields["lowest_n"] == big.sum()


def test_without_a_champion_nobody_is_worse_and_a_worse_one_is_shown() -> None:
    gates = [tm.not_worse("roc_auc", margin=0.005)]
    mill, facts, version, evaluation = street(gates)
    (alone,) = mill.validate(version, facts, evaluation).verdicts
    assert (alone.outcome, alone.reason, alone.bound) == ("passed", "no-champion", -0.005)
    model = mill.system.model("risk")
    mill.system = replace(mill.system, models=(replace(model, function=rate),))
    blind = mill.train(facts, ordinal=2)
    (worse,) = mill.validate(blind, facts, mill.evaluate(blind, facts, champion=version), version).verdicts
    assert (worse.outcome, worse.reason) == ("failed", "worse")
    assert worse.fields["own"] == 0.5
    assert worse.value == pytest.approx(0.5 - float(str(worse.fields["champion"])))
    same = mill.validate(version, facts, mill.evaluate(version, facts, champion=version), version)
    assert (same.outcome, same.champion) == ("passed", version.bundle)
    seen = replace(version, trained_until_us=facts.until_us)
    (unjudged,) = mill.validate(blind, facts, mill.evaluate(blind, facts, champion=seen), seen).verdicts
    assert unjudged.outcome == "undecided"


SERVING = [tm.at_most("p99_ms", 50), tm.at_most("memory_mib", 100), tm.at_most("error_rate", 0.001),
           tm.at_most("p50_ms", 2), tm.at_most("gpu_memory_mib", 1)]  # fmt: skip


def showed(*latencies_ms: float, memory_mib: float = 60, errors: int = 0) -> Measured:
    return Measured(latencies_ms=latencies_ms, memory_mib=memory_mib, errors=errors)


FAST, SLOW = [1.0], [90.0]


@pytest.mark.parametrize(
    ("measured", "p99", "memory", "errors", "p50"),
    [
        (showed(*FAST * 1_000), "shown", "shown", "shown", "shown"),
        (showed(*SLOW * 900, memory_mib=160, errors=9), "beyond-bound", "beyond-bound", "beyond-bound", "beyond-bound"),
        # 100 answers give no upper bound of a 99th percentile, but a lower one.
        (showed(*FAST * 100), "too-few", "shown", "shown", "shown"),
        (showed(*SLOW * 100), "beyond-bound", "shown", "shown", "beyond-bound"),
        (showed(*FAST * 985, *[60.0] * 15), "not-shown", "shown", "shown", "shown"),
        (showed(errors=7), "too-few", "shown", "beyond-bound", "too-few"),
        (showed(), "too-few", "not-measured", "not-measured", "too-few"),
    ],
)
def test_latency_memory_and_errors_are_judged_by_what_the_server_showed(
    measured: Measured, p99: str, memory: str, errors: str, p50: str
) -> None:
    mill, facts, version, evaluation = street(SERVING, rate)
    mill.target.measured = measured
    found = mill.validate(version, facts, evaluation).verdicts
    expected = [p99, memory, errors, p50, "not-measured"]
    outcome = {"shown": "passed", "beyond-bound": "failed"}
    assert [one.reason for one in found] == expected
    assert [one.outcome for one in found] == [outcome.get(reason, "undecided") for reason in expected]
    assert found[1].value in {measured.memory_mib, None}


def test_a_server_that_does_not_start_fails_every_gate_that_needs_it_and_no_other() -> None:
    mill, facts, version, evaluation = street([*SERVING, tm.at_least("accuracy", 0.0)], rate)
    mill.target.fails = "No module named 'lightgbm'"
    *served, plain = mill.validate(version, facts, evaluation).verdicts
    assert {(one.outcome, one.reason, one.fields["words"]) for one in served} == {
        ("failed", "did-not-start", "No module named 'lightgbm'")
    }
    assert plain.outcome == "passed"


def test_the_server_is_asked_with_the_golden_rows_as_a_caller_would_send_them() -> None:
    mill, facts, version, evaluation = street(
        SERVING, columns=["age", "amount", "asked < timestamp '2027-01-01' as old"]
    )
    mill.validate(version, facts, evaluation)
    bodies = [json.loads(body)["instances"][0] for body in mill.target.bodies]
    assert len(bodies) == 20
    assert bodies[0].keys() == {"age", "amount", "asked", "town"}
    assert bodies[0]["asked"] == "2026-01-01T00:00:00+00:00"
    assert bodies[1]["asked"] == f"2026-01-01T{round(419 / 19)}:00:00+00:00"


def test_no_server_is_started_for_gates_that_need_none_and_drift_is_for_later() -> None:
    mill, facts, version, evaluation = street([tm.no_drift(), tm.at_least("accuracy", 0.0)], rate)
    mill.target.fails = "must not be asked"
    drift, plain = mill.validate(version, facts, evaluation).verdicts
    assert (drift.outcome, drift.reason) == ("undecided", "drift-is-monitored")
    assert plain.outcome == "passed"


def test_outcomes_of_one_kind_cannot_be_ordered() -> None:
    mill, facts, version, evaluation = street([tm.at_least("roc_auc", 0.5)], rate)
    constant = mill.table(evaluation.blob)
    place = constant.schema.get_field_index("_y")
    constant = constant.set_column(place, "_y", [[1.0] * constant.num_rows])
    sink = pa.BufferOutputStream()
    pq.write_table(constant, sink)
    blob = mill.ctx.blobs.put(sink.getvalue().to_pybytes())
    (one,) = mill.validate(version, facts, replace(evaluation, blob=blob)).verdicts
    assert (one.outcome, one.reason, one.value) == ("undecided", "one-class", None)
