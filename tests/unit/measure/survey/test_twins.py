"""A column that another one says over again is named once; what only looks alike is not."""

from __future__ import annotations

import numpy as np

from tests.unit.measure.survey.test_survey import N, found, honest
from tidemill.tell.words import sentence


def test_the_same_column_again_is_named_with_the_first() -> None:
    columns = honest()
    columns |= {"again": columns["amount"].copy(), "third": columns["amount"].copy(), "sort": columns["kind"].copy()}
    findings = found(columns)
    assert {(key, one.fields["other"]) for key, one in findings.items()} == {
        (("same-column", "again"), "amount"),
        (("same-column", "third"), "amount"),
        (("same-column", "sort"), "kind"),
    }
    one = findings["same-column", "sort"]
    assert sentence(one.code, one.fields) == "sort is the same as kind in all 2,000 rows."


def test_whole_numbers_are_the_same_as_their_floats_and_nulls_must_agree() -> None:
    whole = np.random.default_rng(7).integers(0, 50, N)
    holes = np.where(np.arange(N) % 40 == 3, np.nan, whole)
    other = np.where(np.arange(N) % 40 == 4, np.nan, whole)
    findings = found(honest(whole=whole, float=whole.astype(np.float64), holes=holes, again=holes.copy(), other=other))
    assert {column for code, column in findings if code == "same-column"} == {"float", "again"}


def test_columns_with_the_same_values_in_other_rows_are_not() -> None:
    amount = honest()["amount"]
    words = np.array(["a", "b", "c"], object)
    place = np.arange(N) % 3
    columns = honest(
        moved=np.roll(amount, 1), one=words[place], other=words[(place + 1) % 3], same=np.full(N, 7), too=np.full(N, 7)
    )
    assert not any(code == "same-column" for code, _ in found(columns))
