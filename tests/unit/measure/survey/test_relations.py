"""How columns go with an outcome: means in groups beside pandas, near-decisions as findings that say why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tidemill.facts.data import Finding, Relation
from tidemill.measure.column import read
from tidemill.measure.survey.leaks import Outcomes, judged
from tidemill.measure.survey.relations import MOST, OTHERS, decision_findings, relations
from tidemill.tell.words import sentence, way_out

N = 6_000
HOUR_US = 3_600_000_000
RANDOM = np.random.default_rng(6)
Y = (RANDOM.random(N) < 0.25).astype(float)


def asked(y: np.ndarray = Y, **columns: Any) -> Outcomes:
    return Outcomes(
        dataset="loans", label="lost", columns={name: read(values) for name, values in columns.items()}, y=y,
        asked_us=np.arange(N) * HOUR_US, read_by={"state": ("risk",)},
    )  # fmt: skip


def related(outcomes: Outcomes) -> dict[str, Relation]:
    return {one.column: one for one in relations(outcomes, judged(outcomes))}


def decided(outcomes: Outcomes) -> dict[str, Finding]:
    found = {str(one.fields["column"]): one for one in decision_findings(outcomes, judged(outcomes))}
    for one in found.values():
        assert one.code not in sentence(one.code, one.fields)
        assert way_out(one.code, one.fields)
    return found


def test_means_of_words_are_those_of_pandas_and_the_rare_words_are_one_group() -> None:
    words = np.array([f"w{i}" for i in range(30)], object)[np.minimum(RANDOM.geometric(0.15, N), 29)]
    words[3::50] = None
    y = np.where(np.arange(N) % 10 == 0, np.nan, Y)
    told = related(asked(y, word=words))["word"]
    frame = pd.DataFrame({"word": words, "y": y}).dropna(subset="y")
    by_hand = frame.groupby("word")["y"].agg(["size", "mean"]).sort_values("size", ascending=False, kind="stable")
    shares = {one.value: one for one in told.shares}
    named = [value for value in shares if value not in {OTHERS, "null"}]
    assert [shares[value].rows for value in named] == by_hand["size"].head(MOST).tolist()
    for value in named:
        row = by_hand.loc[value.strip("'")]
        assert shares[value].rows == row["size"]
        assert shares[value].mean == pytest.approx(row["mean"])
    assert shares[OTHERS].rows == by_hand["size"].iloc[MOST:].sum()
    assert shares["null"].rows == frame["word"].isna().sum()
    assert told.rows == len(frame) == sum(one.rows for one in told.shares)
    assert told.mean == pytest.approx(frame["y"].mean())


def test_stretches_of_amounts_hold_every_row_once_in_rising_order() -> None:
    amount = np.round(RANDOM.lognormal(5, 1, N), 1)
    told = related(asked(amount=amount))["amount"]
    assert len(told.shares) <= MOST + 1
    ends = [tuple(float(end.replace(",", "")) for end in one.value.split(" to ")) for one in told.shares]
    assert ends == sorted(ends)
    for (low, *rest), one in zip(ends, told.shares, strict=True):
        inside = (amount >= low) & (amount <= (rest[0] if rest else low))
        assert one.rows == inside.sum()
        assert one.mean == pytest.approx(Y[inside].mean())


def test_strength_and_order_are_those_of_the_leak_search() -> None:
    outcomes = asked(honest=Y + RANDOM.normal(0, 2, N), late=Y + RANDOM.normal(0, 0.3, N), number=RANDOM.random(N))
    assert [(one.column, one.strength) for one in relations(outcomes, judged(outcomes))] == [
        (one.column, one.value) for one in judged(outcomes)
    ]


def test_a_number_as_outcome_has_means_and_no_decisions() -> None:
    y = RANDOM.normal(10, 3, N)
    outcomes = asked(y, state=np.where(y > 10, "high", "low").astype(object))
    assert decided(outcomes) == {}
    told = related(outcomes)["state"]
    assert not told.yes_no
    assert {one.value: one.mean for one in told.shares}["'high'"] == pytest.approx(y[y > 10].mean())


def test_a_value_that_decides_is_said_with_rows_exceptions_and_who_reads_it() -> None:
    state = np.array(["open", "held", "due"], object)[RANDOM.integers(0, 3, N)]
    closed = (Y == 0) & (RANDOM.random(N) < 0.08)
    state[closed] = "settled"
    found = decided(asked(state=state, other=RANDOM.integers(0, 5, N)))
    assert set(found) == {"state"}
    one = found["state"]
    assert (one.subject, one.importance) == ("loans.state", 0.95)
    assert (one.fields["value"], one.fields["outcome"], one.fields["rows"]) == ("'settled'", "false", int(closed.sum()))
    said = sentence(one.code, one.fields)
    assert f"where it is 'settled', lost is false in all {closed.sum():,} rows;" in said
    assert "risk reads it." in said


def test_a_date_that_lies_near_the_ask_only_with_one_outcome_is_said_in_days() -> None:
    near = (Y == 1) & (RANDOM.random(N) < 0.3)
    days = np.where(near, RANDOM.integers(1, 40, N), RANDOM.integers(40, 900, N))
    paid = (np.arange(N) * HOUR_US + days * 24 * HOUR_US).astype("datetime64[us]")
    one = decided(asked(paid=paid))["paid"]
    assert one.fields["outcome"] == "true"
    assert str(one.fields["value"]).startswith("1 to ")
    assert str(one.fields["value"]).endswith(" days after the moment asked")


def test_what_decides_from_a_day_on_is_said_with_that_day() -> None:
    word = np.where(RANDOM.random(N) < 0.3, "x", "y").astype(object)
    late = np.arange(N) >= 3_000
    word[late & (Y == 0) & (RANDOM.random(N) < 0.5)] = "z"
    word[~late & (RANDOM.random(N) < 0.3)] = "z"
    one = decided(asked(word=word))["word"]
    assert (one.fields["value"], one.fields["since"]) == ("'z'", "1970-05-06")
    assert one.fields["until"] == "1970-09-07 23:00:00"


def test_a_suspect_is_not_named_twice_and_nobody_known_is_no_error() -> None:
    copy = np.where(Y == 1, "bad", "good").astype(object)
    assert decided(asked(copy=copy)) == {}
    nobody = asked(np.full(N, np.nan), copy=copy)
    assert decided(nobody) == {}
    assert relations(nobody, judged(nobody)) == ()
