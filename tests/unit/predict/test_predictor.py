"""Predictors: rows become what the model saw in training, and remembered asks get their scores."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.unit.predict.made import SIGNATURE, remembering, saved
from tidemill.engines.flavors.constant import ConstantFlavor
from tidemill.errors import ModelError
from tidemill.features.offline.columns import matrix
from tidemill.ports.flavor import FeatureColumn
from tidemill.predict.bundle import Bundle, open_bundle
from tidemill.predict.golden import golden, verify
from tidemill.predict.pack import pack
from tidemill.predict.predictor import Predictor, encoder
from tidemill.predict.signature import Signature
from tidemill.stores.memory.blobs import MemoryBlobs

FEATURES = SIGNATURE.features


def opened(signature: Signature = SIGNATURE) -> Bundle:
    blobs = MemoryBlobs()
    return open_bundle(pack(signature, saved(), {}, blobs), blobs)


class SumFlavor(ConstantFlavor):
    """Scores a row with the sum of what is there, so that a test sees what came in."""

    def load(self, *given: object) -> Any:
        return self

    def predict(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.nansum(matrix, axis=1))

    def close(self) -> None:
        pass


def test_scores_rows_by_the_names_of_their_features() -> None:
    predictor = Predictor(opened(), SumFlavor())
    row = {
        "is_evening": True,
        "call.job": "cook",
        "call.twice": 60,
        "past.calls_7d": None,
        "call.rest": 1.5,
        "more": "x",
    }
    assert predictor.predict([row, row | {"call.job": "astronaut"}]) == [63.5, 62.5]
    assert predictor.predict([]) == []


def test_a_feature_that_is_not_there_is_no_zero() -> None:
    with pytest.raises(KeyError):
        Predictor(opened(), SumFlavor()).predict([{"call.job": "cook"}])


COLUMNS = {
    "text": (st.none() | st.sampled_from(["clerk", "cook", "astronaut", ""]), pa.string()),
    "int": (st.none() | st.integers(-(2**63), 2**63 - 1), pa.int64()),
    "float": (st.none() | st.floats(), pa.float64()),
    "boolean": (st.none() | st.booleans(), pa.bool_()),
}


@given(st.data())
def test_one_row_online_is_the_row_of_the_training_matrix(data: st.DataObject) -> None:
    features = tuple(
        FeatureColumn(name=f"v.{kind}", type=kind, vocabulary=("clerk", "cook") if kind == "text" else ())
        for kind in COLUMNS
    )
    rows = [
        {f"v.{kind}": data.draw(values) for kind, (values, _) in COLUMNS.items()}
        for _ in range(data.draw(st.integers(1, 4)))
    ]
    table = pa.table(
        {f"v.{kind}": pa.array([row[f"v.{kind}"] for row in rows], type) for kind, (_, type) in COLUMNS.items()}
    )
    online = [[encoder(feature)(row[feature.name]) for feature in features] for row in rows]
    np.testing.assert_array_equal(np.array(online), matrix(table, features))


def test_golden_rows_are_computed_anew_with_look_ups_as_they_were() -> None:
    rows, scores = golden(opened().signature)
    # 9:00 UTC is 18:00 in Seoul, a microsecond before it is not; 30 * 2, 30 - 4; cook is word 1, astronaut is none.
    np.testing.assert_array_equal(rows, [[1, 60, 26, 4, 1], [math.nan, math.nan, math.nan, 0, 0]])
    assert scores.tolist() == [0.25, 0.25]


def test_a_version_that_remembers_rightly_is_let_in() -> None:
    verify(Predictor(opened(), ConstantFlavor()))


def test_a_version_that_answers_otherwise_is_refused_with_the_row() -> None:
    with pytest.raises(ModelError) as caught:
        verify(Predictor(opened(remembering(0.25 + 1e-6)), ConstantFlavor()))
    assert caught.value.code == "model.golden-mismatch"
    assert caught.value.fields == {"row": 1, "found": 0.25, "expected": 0.25 + 1e-6}
