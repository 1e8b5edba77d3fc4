"""Columns go to arrays and back without loss, and words to their places."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.street import us
from tidemill.features.offline.columns import (
    ARROW,
    array_of,
    arrow_of,
    input_of,
    matrix,
    matrix_column,
    type_of,
    values_of,
    words_of,
)
from tidemill.ports.flavor import FeatureColumn

CELLS: dict[str, list[Any]] = {
    "text": ["a", None, ""],
    "int": [2**62, None, -1],
    "float": [0.1, None, -1e300],
    "boolean": [True, None, False],
    "date": [date(1969, 12, 31), None, date(2026, 1, 2)],
    "timestamp": [datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), None, datetime(2026, 1, 2, tzinfo=UTC)],
}


@pytest.mark.parametrize("kind", CELLS)
def test_every_type_comes_back_as_it_was(kind: str) -> None:
    column = pa.chunked_array([pa.array(CELLS[kind][:1], ARROW[kind]), pa.array(CELLS[kind][1:], ARROW[kind])])
    values = values_of(column)
    assert values.missing.tolist() == [False, True, False]
    assert type_of(column.type) == kind
    assert arrow_of(values, kind).to_pylist() == CELLS[kind]
    plain = [None if gone else cell for cell, gone in zip(values.data.tolist(), values.missing, strict=True)]
    assert array_of(plain, kind).to_pylist() == CELLS[kind]


def test_times_are_microseconds_days_are_days_and_decimals_floats() -> None:
    moments = pa.chunked_array([pa.array([us("2026-01-02") * 1000], pa.timestamp("ns", tz="Asia/Seoul"))])
    assert values_of(moments).data.tolist() == [us("2026-01-02")]
    assert values_of(pa.chunked_array([pa.array([date(1970, 1, 3)])])).data.tolist() == [2]
    assert values_of(pa.chunked_array([pa.array([Decimal("1.25"), None])])).data[0] == 1.25
    nothing = values_of(pa.chunked_array([pa.nulls(2)]))
    assert nothing.missing.tolist() == [True, True]
    assert arrow_of(nothing, "text").type == pa.string()


@given(
    cells=st.lists(st.none() | st.sampled_from(["a", "b", "", "ß", "없음"]), max_size=8),
    words=st.sets(st.sampled_from(["a", "b", "", "ß"])),
)
def test_a_word_is_its_place_in_the_vocabulary_and_unseen_ones_are_missing(
    cells: list[str | None], words: set[str]
) -> None:
    feature = FeatureColumn(name="f", type="text", vocabulary=tuple(sorted(words)))
    places = {word: float(place) for place, word in enumerate(feature.vocabulary)}
    wanted = [places.get(cell, np.nan) if cell is not None else np.nan for cell in cells]
    column = pa.chunked_array([pa.array(cells, pa.string())])
    np.testing.assert_array_equal(input_of(column, feature), np.array(wanted, np.float64))
    np.testing.assert_array_equal(matrix_column(values_of(column), feature), np.array(wanted, np.float64))


def test_numbers_and_truths_are_floats_and_null_is_not_a_number() -> None:
    table = pa.table({"n": [1, None], "b": [True, False], "w": ["x", None]})
    features = [FeatureColumn(name="n", type="number"), FeatureColumn(name="b", type="number"),
                FeatureColumn(name="w", type="text", vocabulary=("w", "x"))]  # fmt: skip
    np.testing.assert_array_equal(matrix(table, features), [[1, 1, 1], [np.nan, 0, np.nan]])
    assert matrix(table, []).shape == (2, 0)


def test_words_are_numbered_as_they_first_appear_over_all_chunks() -> None:
    codes, words = words_of(pa.chunked_array([["b", None], [], ["a", "b"]], pa.string()))
    assert (codes.tolist(), words) == ([0, -1, 1, 0], ("b", "a"))
    assert codes.dtype == np.int64
    for empty in (pa.chunked_array([], pa.string()), pa.chunked_array([[None]], pa.string())):
        assert words_of(empty)[1] == ()


def test_nulls_of_numbers_are_zeros_apart() -> None:
    values = values_of(pa.chunked_array([[1.5, None], [None, float("nan")]], pa.float64()))
    assert (values.data.tolist()[:3], values.missing.tolist()) == ([1.5, 0.0, 0.0], [False, True, True, False])
    assert np.isnan(values.data[3])
    assert values_of(pa.chunked_array([[2**62 + 1, None]], pa.int64())).data.tolist() == [2**62 + 1, 0]
