"""A replay on a stream that turns over: static decays, retrained recovers, the loop obeys its gates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

import tidemill as tm
from tests.street import DAY, us
from tests.unit.loop.replay.stream import BEGIN, CHANGE, ROWS, START, moment, replayed, street, stump, turning
from tidemill.errors import DataError
from tidemill.loop.replay.record import Replayed


def auc(found: Replayed, curve: str, month: str) -> float:
    (figure,) = (one for one in found.figures if (one.curve, one.metric, one.period) == (curve, "roc_auc", month))
    assert figure.value is not None
    return figure.value


EARLY, LATE = "2026-02", "2026-05"
"""The change comes on March 8."""


def test_static_decays_and_retraining_recovers() -> None:
    found = replayed(street(("label", 200)))
    assert auc(found, "static", EARLY) > 0.85
    assert auc(found, "retrained", EARLY) > 0.85
    assert auc(found, "static", LATE) < 0.15
    assert auc(found, "retrained", LATE) > 0.85
    n = ROWS - 1 - BEGIN
    assert {one.n for one in found.totals if one.against in {"static", "retrained"}} == {n}


def test_totals_are_those_of_an_outside_library_on_an_outside_model() -> None:
    """Static is one fit on the last 400 rows known at the beginning, by hand."""
    found = replayed(street())
    table = turning()
    x, y = table["x"].to_numpy(), table["y"].to_numpy(zero_copy_only=False)
    # What is known at the moment of row BEGIN is row BEGIN itself, asked and known at once.
    first = slice(BEGIN + 1 - 400, BEGIN + 1)
    p = (
        stump()
        .fit(pd.DataFrame({"form.x": x[first]}), y[first])
        .predict_proba(pd.DataFrame({"form.x": x[BEGIN + 1 :]}))[:, 1]
    )
    told = y[BEGIN + 1 :]
    assert found.total("static", "roc_auc", "pooled") == pytest.approx(metrics.roc_auc_score(told, p))
    assert found.total("static", "log_loss", "pooled") == pytest.approx(metrics.log_loss(told, p))
    halves = np.array_split(np.arange(len(told)), len(told) // 1_000)
    inside = np.mean([metrics.roc_auc_score(told[part], p[part]) for part in halves])
    assert found.total("static", "roc_auc", "in-blocks") == pytest.approx(inside, abs=2e-3)
    months = np.array([str(np.datetime64(moment(row), "us"))[:7] for row in range(BEGIN + 1, ROWS)])
    parts = [
        (metrics.roc_auc_score(told[months == one], p[months == one]), (months == one).sum()) for one in set(months)
    ]
    weighted = sum(value * n for value, n in parts) / sum(n for _, n in parts)
    assert found.total("static", "roc_auc", "by-period") == pytest.approx(weighted)
    assert [turn.trigger for turn in found.turns] == ["first"]


def test_new_rows_fire_at_each_such_row() -> None:
    found = replayed(street(("label", 500)))
    assert [turn.at_us for turn in found.turns] == [moment(BEGIN + 500 * n) for n in range(6)]
    assert {turn.trigger for turn in found.turns[1:]} == {"new_rows turned 500"}
    assert found.turns[1].evidence == {"rows": 500, "of": "turned"}
    by_source = replayed(street(("source", 500)))
    assert [turn.at_us for turn in by_source.turns] == [turn.at_us for turn in found.turns]


def test_outcomes_that_come_later_are_counted_when_they_come() -> None:
    found = replayed(street(("label", 500), known="asked_at + interval '10 days'"))
    assert [turn.at_us for turn in found.turns] == [moment(BEGIN + 500 * n) for n in range(6)]
    told = found.turns[0]
    assert told.version
    # Nothing is trained on that was not known then: the last ask trained on is ten days old.
    assert auc(found, "retrained", "2026-03") < auc(replayed(street(("label", 500))), "retrained", "2026-03")


def test_a_schedule_fires_in_the_systems_zone_where_something_new_is_known() -> None:
    found = replayed(street(tm.cron("0 5 * * 1")))
    mondays = [us("2026-01-05T05:00") + 7 * DAY * n for n in range(30)]
    expected = [at for at in mondays if moment(BEGIN) < at <= moment(ROWS - 1)]
    assert [turn.at_us for turn in found.turns[1:]] == expected
    assert {turn.trigger for turn in found.turns[1:]} == {"cron 0 5 * * 1"}


def test_a_check_that_fails_on_a_thousand_answers_fires_when_their_outcomes_are_known() -> None:
    found = replayed(street(tm.at_least("roc_auc", 0.7)))
    first, second = found.turns[:2]
    assert (first.trigger, second.trigger) == ("first", "roc_auc >= 0.7")
    # The first thousand answers end at row 1600, before the change; the second at row 2600.
    assert second.at_us == moment(BEGIN + 2_000)
    assert second.evidence["rows"] == 1_000
    assert float(str(second.evidence["value"])) < 0.2
    assert auc(found, "retrained", LATE) > auc(found, "static", LATE)


def test_input_drift_fires_when_it_is_asked_not_when_it_is_known() -> None:
    mill = street(tm.no_drift(psi=0.25), known="asked_at + interval '20 days'")
    assert [turn.trigger for turn in replayed(mill).turns] == ["first"]
    table = turning()
    x = np.where(np.arange(ROWS) < BEGIN + 500, table["x"].to_numpy(), table["x"].to_numpy() + 4)
    moved = street(tm.no_drift(psi=0.25), known="asked_at + interval '20 days'", rows=table.set_column(2, "x", [x]))
    second = replayed(moved).turns[1]
    assert (second.trigger, second.at_us) == ("no_drift psi <= 0.25", moment(BEGIN + 1_000))
    assert (second.evidence["column"], second.evidence["bound"]) == ("form.x", 0.25)


def test_the_loop_obeys_its_gates_and_keeps_the_version_that_passed() -> None:
    found = replayed(street(("label", 200)))
    assert found.turns[0].decision == "first"
    refused = [turn for turn in found.turns if turn.decision == "refused"]
    assert refused
    assert all(moment(CHANGE) < turn.at_us for turn in refused)
    worst = refused[0].verdicts[0]
    assert (worst.check, worst.outcome, refused[0].reason) == ("roc_auc >= 0.7", "failed", worst.reason)
    assert {verdict.check for turn in found.turns for verdict in turn.verdicts} == {"roc_auc >= 0.7"}
    assert found.turns[-1].decision == "promoted"
    assert auc(found, "loop", LATE) > 0.85
    loop, retrained = (found.total(name, "log_loss", "pooled") for name in ("loop", "retrained"))
    assert loop is not None
    assert retrained is not None
    assert loop != retrained


def test_gates_that_refuse_everything_leave_the_loop_without_an_answer_and_say_so() -> None:
    found = replayed(street(("label", 500), gates=[tm.at_least("roc_auc", 0.99)]))
    assert {turn.decision for turn in found.turns} == {"refused"}
    assert {turn.reason for turn in found.turns} == {"beyond-bound"}
    assert found.total("loop", "roc_auc", "pooled") is None
    assert found.total("retrained", "roc_auc", "pooled") is not None


def test_labels_at_once_is_marked_as_the_hypothesis_that_it_is() -> None:
    mill = street(("label", 500), known="asked_at + interval '15 days'")
    honest, guessed = replayed(mill), replayed(mill, labels="at-once")
    assert (honest.labels, guessed.labels) == ("declared", "at-once")
    assert guessed.total("retrained", "roc_auc", "pooled") > honest.total("retrained", "roc_auc", "pooled")  # type: ignore[operator]  # both are numbers
    # Honest figures stand on asks whose outcome is known by the end; the hypothesis on all.
    counted = {one.against: one.n for one in honest.totals if one.metric == "roc_auc" and one.part == "pooled"}
    assert counted["retrained"] == ROWS - 1 - BEGIN - 15 * 24


def test_what_cannot_be_tested_or_trained_is_said_in_its_turn_and_is_no_refusal() -> None:
    found = replayed(street(("label", 500), split=tm.by_time(valid=0, test=20, history=400)))
    assert {(turn.decision, turn.reason) for turn in found.turns} == {("untested", "data.too-few-known")}
    assert all(turn.version and not turn.verdicts for turn in found.turns)
    assert found.total("loop", "roc_auc", "pooled") is None
    assert found.turns[0].fields["part"] == "test"
    early = replayed(street(("label", 1_000)), since_us=START - DAY)
    assert (early.turns[0].decision, early.turns[0].reason) == ("failed", "data.nothing-mature")
    assert len(early.turns) == 4


def test_the_record_says_period_zone_bounds_and_what_stands_beside() -> None:
    found = replayed(street(("label", 200)), period="auto")
    # An ask an hour for 15 weeks: no length has six periods of 500, and 15 whole weeks hold 168 each.
    assert (found.period, found.zone) == ("week", "UTC")
    assert found.floors == {"roc_auc": 0.7}
    assert {one.against for one in found.totals} == {"static", "retrained", "loop", "rolling"}
    won = next(one for one in found.gains if (one.curve, one.metric) == ("retrained", "roc_auc"))
    assert won.value is not None
    assert won.value > 0.2


def test_a_span_without_asks_is_an_error_that_names_the_asks_there_are() -> None:
    with pytest.raises(DataError) as raised:
        replayed(street(), since_us=moment(ROWS + 10), until_us=moment(ROWS + 20))
    assert raised.value.code == "data.no-asks-between"
    assert raised.value.fields["last_us"] == moment(ROWS - 1)
