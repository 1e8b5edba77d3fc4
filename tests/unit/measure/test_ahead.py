"""What two runs do not share, against the same said row by row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidemill.measure.ahead import changes

FEW = st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0.0, 1.0, 2.5, np.nan, np.inf])), max_size=12)


def same(one: float, other: float) -> bool:
    return one == other or (one != one and other != other)  # noqa: PLR0124 - NaN is not itself


@given(FEW, FEW)
@settings(max_examples=150)
def test_finds_what_a_look_at_every_pair_finds(rows: list[tuple[int, float]], other: list[tuple[int, float]]) -> None:
    both = [*rows, *other]
    names = np.unique(np.array([name for name, _ in both], np.int64), return_inverse=True)[1]
    found = changes(names, {"x": np.array([value for _, value in both], np.float64)}, len(rows))
    gone, apart = [], []
    for place, (name, value) in enumerate(rows):
        theirs = [its for its_name, its in other if its_name == name]
        if sum(before == name for before, _ in rows[:place]) >= len(theirs):
            gone.append(place)
        if theirs and not any(same(value, its) for its in theirs):
            apart.append(place)
    assert found.gone.tolist() == gone
    assert found.columns.get("x", np.empty(0)).tolist() == apart
    assert found.some == bool(gone or apart)


def test_rounding_is_no_change_but_the_next_code_is() -> None:
    names = np.array([0, 1, 2, 0, 1, 2])
    sums = np.array([1e5, 1e-9, 3.0, 1e5 * (1 + 1e-9), 2e-9, 3.001])
    found = changes(names, {"sum": sums, "code": np.array([7_000_000, 1, 2, 7_000_001, 1, 2])}, 3)
    assert {name: places.tolist() for name, places in found.columns.items()} == {"sum": [2], "code": [0]}


def test_columns_come_with_the_most_changed_first() -> None:
    names = np.array([0, 1, 0, 1])
    columns = {"one": np.array([1, 2, 1, 3]), "none": np.array([1, 2, 1, 2]), "two": np.array([1, 2, 3, 4])}
    assert list(changes(names, columns, 2).columns) == ["two", "one"]


@pytest.mark.parametrize("rows", [0, 3])
def test_nothing_is_found_in_nothing_and_all_is_gone_where_nothing_is(rows: int) -> None:
    assert changes(np.arange(rows), {"x": np.zeros(rows)}, rows).gone.tolist() == list(range(rows))
