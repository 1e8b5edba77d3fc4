"""The spread of a column: its quantiles, counts and ends against numpy's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tidemill.measure.column import read
from tidemill.measure.spread import of_values, spread

SHARES = (0.0, 0.005, 0.25, 1 / 3, 0.5, 0.75, 0.999, 1.0)
SOME = st.integers(1, 60)
FLOATS = hnp.arrays(float, SOME, elements=st.floats(-1e9, 1e9) | st.sampled_from([0.0, -0.0, 1.0, 2.0]))
INTS = hnp.arrays(np.int64, SOME, elements=st.integers(-(2**62), 2**62) | st.integers(-5, 5))


@given(FLOATS | INTS)
def test_values_and_rows_are_those_of_numpy(values: Any) -> None:
    found = of_values(values)
    distinct, counts = np.unique(values, return_counts=True)
    assert (found.values == distinct).all()
    assert found.values.dtype == values.dtype
    assert found.counts.tolist() == counts.tolist()
    assert found.rows == len(values)
    assert found.up_to(np.arange(len(distinct) + 1)).tolist() == [0, *np.cumsum(counts).tolist()]


@given(FLOATS | INTS)
def test_quantiles_and_the_median_are_numpys_to_the_last_bit(values: Any) -> None:
    found = of_values(values).amounts()
    numbers = values.astype(float)
    assert found.quantiles(SHARES).tolist() == np.quantile(numbers, SHARES).tolist()
    assert found.median() == np.median(numbers)
    assert found.median(np.arcsinh) == np.median(np.arcsinh(numbers))
    assert found.quantiles(SHARES, np.arcsinh).tolist() == np.quantile(np.arcsinh(numbers), SHARES).tolist()


@given(FLOATS, st.lists(st.floats(-10, 10), min_size=1, max_size=5))
def test_rows_below_edges_are_counted(values: Any, edges: list[float]) -> None:
    assert of_values(values).below(np.array(edges)).tolist() == [int((values < edge).sum()) for edge in edges]


@given(FLOATS)
def test_sizes_are_the_absolute_values(values: Any) -> None:
    sizes, whole = of_values(values).sizes(), of_values(np.abs(values))
    assert sizes.values.tolist() == whole.values.tolist()
    assert sizes.counts.tolist() == whole.counts.tolist()


@given(hnp.arrays(np.int64, st.integers(0, 80), elements=st.integers(0, 12)), st.integers(1, 15))
def test_the_most_frequent_come_first_and_ties_in_rising_order(values: Any, most: int) -> None:
    found = of_values(values)
    told = {int(found.values[place]): int(found.counts[place]) for place in found.top(most)}
    counted = sorted((-(values == one).sum(), one) for one in set(values.tolist()))[:most]
    assert list(told.items()) == [(one, -less) for less, one in counted]


def test_what_is_not_finite_is_no_amount_and_null_is_nothing() -> None:
    found = spread(read(np.array([np.inf, 1.0, np.nan, -np.inf, 1.0, 2.0])))
    assert found.values.tolist() == [-np.inf, 1.0, 2.0, np.inf]
    assert (found.amounts().values.tolist(), found.amounts().rows) == ([1.0, 2.0], 3)


def test_whole_numbers_that_a_double_cannot_tell_apart_are_one_amount() -> None:
    found = of_values(np.array([2**60, 2**60 + 1, 5]))
    assert (len(found.values), found.amounts().values.tolist()) == (3, [5.0, 2.0**60])
    assert found.amounts().counts.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("values", "usual"), [([1, 1, 2, 3], 0), ([1, 2, 2, 2], 1), ([1, 1, 2, 3, 4], None), ([], None)]
)
def test_a_value_that_half_of_the_rows_share_is_the_usual_one(values: list[int], usual: int | None) -> None:
    found = of_values(np.array(values, np.int64))
    assert found.usual() == usual
    if usual is not None:
        assert found.without(usual).values.tolist() == [one for one in found.values if one != found.values[usual]]
