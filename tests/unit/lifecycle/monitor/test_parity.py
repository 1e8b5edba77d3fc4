"""When two values are one, and when a score is what the features give."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from tidemill.facts.data import Value
from tidemill.lifecycle.monitor.parity import Difference, is_same, misscored, plain
from tidemill.predict.predictor import Predictor


@pytest.mark.parametrize(
    ("one", "other"), [(None, None), (3, 3.0), (2**53, float(2**53)), ("a", "a"), (True, True), (0.1 + 0.2, 0.1 + 0.2)]
)
def test_the_same(one: Value, other: Value) -> None:
    assert is_same(one, other)
    assert is_same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [(None, 0), (None, ""), (0.3, 0.1 + 0.2), (0.0, -0.0), (1, True), (1, "1"), (2**53 + 1, float(2**53)), ("a", "A")],
)
def test_not_the_same(one: Value, other: Value) -> None:
    assert not is_same(one, other)
    assert not is_same(other, one)


def test_what_the_log_cannot_write_is_null_there() -> None:
    assert plain(pa.chunked_array([[1.5, None, math.nan, math.inf]])) == [1.5, None, None, None]
    assert plain(pa.chunked_array([pa.array([1], pa.timestamp("us", tz="UTC"))])) == [1]


class Sums:
    """Sums of rows; with company every row gets a last digit more."""

    def __init__(self, company: float) -> None:
        self.company = company

    def score(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = matrix.sum(axis=1) * (1.0 + (len(matrix) > 1) * self.company)
        return found


def wrong(logged: list[float], company: float) -> list[Difference]:
    rows = pa.table({"id": [f"w.1-{n}" for n in range(len(logged))], "score": logged})
    inputs = np.arange(1.0, len(logged) + 1)[:, None]
    return list(misscored(rows, inputs, cast("Predictor", cast("Any", Sums(company)))))


def test_scores_are_equal_to_the_last_bit() -> None:
    near = math.nextafter(3.0, 4.0)
    assert wrong([1.0, 2.0, near], company=0.0) == [
        Difference(prediction="w.1-2", name="score", logged=near, recomputed=3.0)
    ]


def test_a_model_that_minds_its_company_is_taken_as_golden_rows_are() -> None:
    assert wrong([1.0, math.nextafter(2.0, 3.0), 3.0 + 1e-15], company=1e-15) == []
    assert [one.prediction for one in wrong([1.0, 2.0, 3.0001], company=1e-15)] == ["w.1-2"]
