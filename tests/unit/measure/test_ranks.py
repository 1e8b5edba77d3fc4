"""Ranks and orders against scipy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from tidemill.measure.ranks import auc, midranks, spearman

few_values = st.lists(st.integers(0, 5), min_size=2, max_size=40)


@given(few_values)
def test_midranks_are_scipys(values: list[int]) -> None:
    assert midranks(np.array(values, float)).tolist() == stats.rankdata(values).tolist()


@given(few_values)
def test_auc_is_sklearns_with_ties(values: list[int]) -> None:
    positive = np.arange(len(values)) % 2 == 0
    assert auc(positive, np.array(values, float)) == pytest.approx(roc_auc_score(positive, values), abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=40))
def test_spearman_is_scipys(pairs: list[tuple[int, int]]) -> None:
    left, right = (np.array(side, float) for side in zip(*pairs, strict=True))
    if np.ptp(left) == 0 or np.ptp(right) == 0:
        assert np.isnan(spearman(left, right))
    else:
        assert spearman(left, right) == pytest.approx(stats.spearmanr(left, right).statistic, abs=1e-12)


def test_one_class_or_no_row_has_no_order() -> None:
    assert np.isnan(auc(np.array([True, True]), np.array([0.0, 1.0])))
    assert np.isnan(spearman(np.zeros(0), np.zeros(0)))
