"""Checks on answers: whose rows count, slices, conditions, decisions, and the champion beside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

import tidemill as tm
from tidemill.measure.answers import Answers, figure, paired
from tidemill.measure.checks import by_interval, unmeasured, verdict
from tidemill.spec.check import AtLeast, AtMost
from tidemill.spec.parse import parse

N = 400


def answers(seed: int = 0, **changes: Any) -> Answers:
    """Four hundred answers of a fair model and of a champion that knows nothing."""
    random = np.random.default_rng(seed)
    p = random.random(N)
    usual: dict[str, Any] = {
        "y": (random.random(N) < p).astype(float),
        "predicted": {"": p, "champion": random.random(N)},
    }
    return Answers(**usual | changes)


def objects(*values: object) -> NDArray[Any]:
    found = np.empty(len(values), object)
    found[:] = values
    return found


def test_a_figure_stands_on_the_rows_that_were_answered_and_whose_outcome_is_known() -> None:
    given = answers()
    y, p = given.y.copy(), given.predicted[""].copy()
    y[:50], p[50:90] = np.nan, np.nan
    found = figure("roc_auc", Answers(y=y, predicted={"": p}), seed=0)
    assert found.n == 310
    assert found.value == pytest.approx(metrics.roc_auc_score(y[90:], p[90:]))
    nobody = figure("roc_auc", given, of="somebody", seed=0)
    assert (nobody.value, nobody.reason, nobody.n) == (None, "empty", 0)


def test_two_are_compared_on_the_rows_that_both_answered() -> None:
    given = answers()
    other = given.predicted["champion"].copy()
    other[:100] = np.nan
    both = Answers(y=given.y, predicted={"": given.predicted[""], "champion": other})
    found = paired("brier", both, second="champion", seed=0)
    own = metrics.brier_score_loss(given.y[100:], given.predicted[""][100:])
    theirs = metrics.brier_score_loss(given.y[100:], other[100:])
    assert found.n == 300
    assert found.value == pytest.approx(theirs - own)  # above 0: the first is better
    one = verdict(tm.not_worse("brier", margin=0.01), both, seed=0)
    assert (one.outcome, one.reason, one.bound) == ("passed", "shown-better", -0.01)
    assert one.fields["own"] == pytest.approx(own)
    assert one.fields["champion"] == pytest.approx(theirs)
    assert paired("brier", answers(predicted={"": other}), second="champion", seed=0).reason == "empty"


def test_groups_of_a_metric_are_the_column_the_ask_or_the_entity() -> None:
    entity = objects(*(n // 10 for n in range(N)))
    asks = objects(*(n // 5 for n in range(N)))
    column = objects(*(n // 20 for n in range(N)))
    given = answers(entity=entity, asks=asks, columns={"shop": column})
    assert given.groups(tm.per("shop", "ndcg@5")) is column
    assert given.groups("conversion") is entity
    assert given.groups("ndcg@5") is asks
    assert given.groups("roc_auc") is None
    ranked = [metrics.ndcg_score([given.y[asks == one]], [given.predicted[""][asks == one]], k=5) for one in range(80)
              if given.y[asks == one].any()]  # fmt: skip
    found = figure("ndcg@5", given, seed=0)
    assert found.value == pytest.approx(float(np.mean(ranked)))


def test_a_condition_narrows_the_rows() -> None:
    given = answers()
    rows = given.predicted[""] > 0.5
    check = AtLeast(metric="accuracy", bound=0.1, where=parse("score > 0.5"))
    found = verdict(check, answers(masks={"score > 0.5": rows}), seed=0)
    assert found.n == rows.sum()
    assert found.value == pytest.approx(metrics.accuracy_score(given.y[rows], np.ones(rows.sum())))
    empty = verdict(check, answers(masks={"score > 0.5": np.zeros(N, np.bool_)}), seed=0)
    assert (empty.outcome, empty.value) == ("undecided", None)


def test_the_worst_slice_speaks_for_all_and_small_ones_are_counted() -> None:
    given = answers()
    towns = objects(*(["Ulm"] * 150 + ["Bonn"] * 221 + [None] * 29))
    by: dict[str, Any] = {"columns": {"town": towns}}
    most = verdict(tm.at_most("brier", 0.0001, by="town"), answers(**by), seed=0)
    briers = {
        name: metrics.brier_score_loss(given.y[towns == name], given.predicted[""][towns == name])
        for name in ("Ulm", "Bonn")
    }
    assert most.value == pytest.approx(max(briers.values()))
    assert most.fields["slice"] == max(briers, key=briers.__getitem__)
    assert (most.fields["slices"], most.fields["too_small"], most.outcome) == (2, 1, "failed")
    least = verdict(tm.at_least("accuracy", 0.01, by="town"), answers(**by), seed=0)
    rights = {
        name: metrics.accuracy_score(given.y[towns == name], given.predicted[""][towns == name] >= 0.5)
        for name in ("Ulm", "Bonn")
    }
    assert least.value == pytest.approx(min(rights.values()))
    none = verdict(tm.at_least("accuracy", 0.01, by="town"), answers(columns={"town": objects(*range(N))}), seed=0)
    assert (none.outcome, none.reason, none.n, none.bound) == ("undecided", "too-few", N, 0.01)


def test_fairness_needs_two_groups_and_a_yes() -> None:
    young = objects(*([True] * 200 + [False] * 200))
    decided = objects(*(["yes"] * 50 + ["no"] * 150 + ["yes"] * 100 + ["no"] * 100))
    check = tm.fair("age < 30", decision="yes", ratio=0.8)
    found = verdict(check, answers(columns={"age < 30": young, "decision": decided}), seed=0)
    assert (found.value, found.outcome, found.fields["lowest"]) == (0.5, "failed", "True")
    one = verdict(check, answers(columns={"age < 30": objects(*[True] * N), "decision": decided}), seed=0)
    assert (one.outcome, one.reason, one.value) == ("undecided", "too-few", None)
    nobody = verdict(check, answers(columns={"age < 30": young, "decision": objects(*["no"] * N)}), seed=0)
    assert (nobody.outcome, nobody.reason) == ("undecided", "none-chosen")


def test_drift_is_not_told_by_answers() -> None:
    with pytest.raises(TypeError):
        verdict(tm.no_drift(), answers(), seed=0)


@pytest.mark.parametrize(
    ("low", "high", "most", "least"),
    [
        (1.0, 2.0, ("passed", "shown"), ("failed", "beyond-bound")),
        (4.0, 5.0, ("failed", "beyond-bound"), ("passed", "shown")),
        (2.0, 4.0, ("undecided", "not-shown"), ("undecided", "not-shown")),
        (3.0, 3.0, ("passed", "shown"), ("passed", "shown")),
        (None, 2.0, ("passed", "shown"), ("failed", "beyond-bound")),
        (4.0, None, ("failed", "beyond-bound"), ("passed", "shown")),
        (2.0, None, ("undecided", "too-few"), ("undecided", "too-few")),
        (None, None, ("undecided", "too-few"), ("undecided", "too-few")),
    ],
)
def test_an_interval_beside_a_bound_of_3(
    low: float | None, high: float | None, most: tuple[str, str], least: tuple[str, str]
) -> None:
    checks = (AtMost(metric="p99_ms", bound=3.0), AtLeast(metric="p99_ms", bound=3.0))
    found = [by_interval(check, 2.5, low, high, n=9) for check in checks]
    assert [(one.outcome, one.reason) for one in found] == [most, least]
    assert {(one.value, one.low, one.high, one.n, one.bound) for one in found} == {(2.5, low, high, 9, 3.0)}


def test_what_was_not_measured_is_never_passed_by_itself() -> None:
    one = unmeasured(AtMost(metric="memory_mib", bound=5.0), "did-not-start", outcome="failed", words="no module")
    assert (one.outcome, one.bound, one.fields) == ("failed", 5.0, {"words": "no module"})
    assert (unmeasured(tm.no_drift(), "x").outcome, unmeasured(tm.no_drift(), "x").bound) == ("undecided", None)


def test_taking_rows_takes_them_everywhere() -> None:
    given = answers(
        entity=objects(*range(N)), asks=objects(*range(N)), columns={"c": objects(*range(N))},
        masks={"m": np.arange(N) % 2 == 0},
    )  # fmt: skip
    rows = np.arange(N) < 3
    some = given.take(rows)
    assert some.y.tolist() == given.y[:3].tolist()
    assert some.entity is not None
    assert some.asks is not None
    assert some.entity.tolist() == some.asks.tolist() == some.columns["c"].tolist() == [0, 1, 2]
    assert some.masks["m"].tolist() == [True, False, True]
