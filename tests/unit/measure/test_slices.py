"""Figures in slices and in time blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from tidemill.measure.blocks import equal_blocks, in_blocks
from tidemill.measure.slices import slices


@given(st.integers(0, 500), st.integers(0, 30))
def test_blocks_hold_every_row_once_and_are_equal_to_one(rows: int, count: int) -> None:
    sizes = [block.stop - block.start for block in equal_blocks(rows, count)]
    assert sum(sizes) == rows
    assert max(sizes) - min(sizes) <= 1
    assert len(sizes) == max(1, min(count, rows))


def test_tracking_a_changing_rate_shows_pooled_and_not_inside_blocks(random: np.random.Generator) -> None:
    rate = np.repeat([0.05, 0.2, 0.5, 0.1], 1000)
    y = (random.random(4000) < rate).astype(int)
    blocks = in_blocks("roc_auc", y, rate, count=4)
    assert roc_auc_score(y, rate) > 0.7
    assert (blocks.mean, blocks.median, blocks.defined) == (0.5, 0.5, 4)


def test_a_block_of_one_class_is_left_out_of_the_mean() -> None:
    y, p = np.array([1, 0, 1, 1]), np.array([0.9, 0.1, 0.2, 0.3])
    blocks = in_blocks("roc_auc", y, p, count=2)
    assert [figure.value for figure in blocks.figures] == [1.0, None]
    assert (blocks.mean, blocks.defined) == (1.0, 1)
    assert in_blocks("roc_auc", y[:0], p[:0], count=3).mean is None


def test_each_value_is_a_slice_and_a_small_one_has_no_figure(random: np.random.Generator) -> None:
    by = np.array(["a"] * 100 + [None] * 50 + ["b"] * 10, object)
    y, p = random.integers(0, 2, 160), random.random(160)
    found = slices("roc_auc", y, p, by, seed=0)
    assert [(one.value, one.rows) for one in found] == [("a", 100), (None, 50), ("b", 10)]
    assert found[0].figure.value == pytest.approx(roc_auc_score(y[:100], p[:100]))
    assert found[2].figure.reason == "too-few"
    assert slices("roc_auc", y[:0], p[:0], by[:0], seed=0) == ()
