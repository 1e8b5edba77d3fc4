"""Arrays become columns: kinds, nulls, codes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tidemill.measure.column import codes, read


@pytest.mark.parametrize(
    ("values", "kind", "nulls"),
    [
        (np.array([1, 2, 3]), "number", 0),
        (np.array([1.0, np.nan]), "number", 1),
        (np.array([True, False]), "boolean", 0),
        (np.array(["2020-01-01", "NaT"], "datetime64[ns]"), "time", 1),
        (np.array(["a", "b"]), "text", 0),
        (np.array(["a", None, float("nan")], object), "text", 2),
        (np.array([None, True], object), "boolean", 1),
        (np.array([None, Decimal("1.5")], object), "number", 1),
        (np.array([None, None], object), "text", 2),
        (np.array([], float), "number", 0),
    ],
)
def test_reads_the_kind_and_the_nulls(values: Any, kind: str, nulls: int) -> None:
    column = read(values)
    assert (column.kind, column.nulls, column.rows) == (kind, nulls, len(values))


def test_big_whole_numbers_keep_their_last_digit() -> None:
    assert read(np.array([2**60, 2**60 + 1])).values.tolist() == [2**60, 2**60 + 1]


def test_text_becomes_codes_and_null_has_its_own() -> None:
    column = read(np.array(["b", None, "a", "b"], object))
    assert column.values.tolist() == [0, -1, 1, 0]
    assert column.labels == ("b", "a")
    assert column.take(np.array([2])).values.tolist() == [1]


def test_times_are_microseconds_and_numbers_have_nan_for_null() -> None:
    assert read(np.array(["1970-01-01T00:00:01"], "datetime64[ms]")).values.tolist() == [1_000_000]
    assert np.isnan(read(np.array([None, 2.0], object)).numbers()[0])


def test_codes_number_values_as_they_appear() -> None:
    number, values = codes(np.array(["x", None, "x", "y"], object))
    assert number.tolist() == [0, 1, 0, 2]
    assert values == ("x", None, "y")
