"""One call of a training function: what is looked at beyond what every trainer's suite sees."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tidemill.engines.fitting import fit
from tidemill.engines.flavors.constant import ConstantFlavor
from tidemill.errors import ModelError
from tidemill.spec.data import Data
from tidemill.testing.trainer import task


class OddFlavor(ConstantFlavor):
    """Its models give scores of whatever shape it is told."""

    def __init__(self, shape: Callable[[int], tuple[int, ...]]) -> None:
        self.shape = shape
        self.closed = 0

    def load(self, *given: object) -> Any:
        return self

    def predict(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.zeros(self.shape(len(matrix)))

    def close(self) -> None:
        self.closed += 1


def zero(train: Data, valid: Data) -> float:
    return 0.0


@pytest.mark.parametrize("shape", [lambda n: (n + 1,), lambda n: (n, 1), lambda n: (n, 3), lambda n: ()])
def test_one_score_a_row_or_none_at_all(shape: Callable[[int], tuple[int, ...]]) -> None:
    flavor = OddFlavor(shape)
    with pytest.raises(ModelError) as caught:
        fit(task(zero), [flavor])
    assert caught.value.code == "model.wrong-length"
    assert (caught.value.fields["found"], caught.value.fields["rows"]) == (shape(2), 2)
    assert flavor.closed == 1


def test_warnings_of_the_function_are_shown_and_stop_nothing() -> None:
    def warning(train: Data, valid: Data) -> float:
        warnings.warn("old habits", DeprecationWarning, stacklevel=1)
        return 0.0

    with pytest.warns(DeprecationWarning, match="old habits"):
        assert fit(task(warning), [ConstantFlavor()]).flavor == "constant"


def test_the_folds_of_the_task_stay_as_they_were() -> None:
    def spoil(train: Data, valid: Data) -> float:
        train.X["call.age"] = 0.0
        train.y[:] = 9.0
        return 0.0

    work = task(spoil)
    before = work.train.matrix.copy(), work.train.target.copy()
    fit(work, [ConstantFlavor()])
    np.testing.assert_array_equal(work.train.matrix, before[0])
    np.testing.assert_array_equal(work.train.target, before[1])


def test_an_error_inside_a_library_is_told_by_the_teams_own_line() -> None:
    def careless(train: Data, valid: Data) -> float:
        return float(train.X["no such column"].mean())

    with pytest.raises(ModelError) as caught:
        fit(task(careless), [ConstantFlavor()])
    fields = caught.value.fields
    assert (fields["error"], fields["line"]) == ("KeyError", 'return float(train.X["no such column"].mean())')
    assert str(fields["place"]).startswith("test_fitting.py:")
