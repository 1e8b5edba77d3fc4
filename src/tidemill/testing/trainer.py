"""What every Trainer must do; a backend's test inherits the suite and gives its `trainer` fixture."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from tidemill.errors import ModelError
from tidemill.ports.flavor import FeatureColumn
from tidemill.ports.trainer import Fold, Task, Trainer
from tidemill.spec.data import Data

DAY_US = 86_400_000_000
FEATURES = (
    FeatureColumn(name="call.age", type="float"),
    FeatureColumn(name="call.job", type="text", vocabulary=("clerk", "cook")),
)


def fold(days: list[int]) -> Fold:
    """One ask a day, in the order given; the age is the day, every third job is missing."""
    jobs = [np.nan if day % 3 == 0 else float(day % 2) for day in days]
    return Fold(
        matrix=np.array([[float(day), job] for day, job in zip(days, jobs, strict=True)]).reshape(-1, 2),
        target=np.array([float(day % 2) for day in days]),
        keys={"customer": [f"c{day}" for day in days], "asked_at": [day * DAY_US for day in days]},
    )


def task(function: Callable[..., object], **parameters: object) -> Task:
    """A task whose train fold comes out of order."""
    return Task(
        function=function, train=fold([3, 1, 2, 4]), valid=fold([6, 5]), features=FEATURES, parameters=parameters,
        kind="number", seed=7,
    )  # fmt: skip


class TrainerSuite:
    """Inherit and define `trainer`, with the constant flavor among its own."""

    @pytest.fixture
    def trainer(self) -> Trainer:
        raise NotImplementedError

    def test_gives_the_model_as_files(self, trainer: Trainer) -> None:
        def mean(train: Data, _valid: Data, *, weight: float) -> float:
            return float(train.y.mean() * weight)

        saved = trainer.fit(task(mean, weight=0.5))
        assert (saved.flavor, saved.files) == ("constant", {"model.json": b'{"value": 0.25}'})

    def test_the_function_sees_frames_with_categories_in_order_of_the_asks(self, trainer: Trainer) -> None:
        def look(train: Data, valid: Data) -> float:
            assert list(train.X) == ["call.age", "call.job"]
            assert train.X["call.age"].tolist() == [1.0, 2.0, 3.0, 4.0]
            assert train.X["call.job"].cat.categories.tolist() == ["clerk", "cook"]
            assert train.X["call.job"].astype(object).where(train.X["call.job"].notna(), None).tolist() == [
                "cook", "clerk", None, "clerk",
            ]  # fmt: skip
            assert train.y.tolist() == [1.0, 0.0, 1.0, 0.0]
            assert train.keys["customer"].tolist() == ["c1", "c2", "c3", "c4"]
            assert str(train.keys["asked_at"].dtype) == "datetime64[us, UTC]"
            assert [moment.isoformat() for moment in valid.keys["asked_at"]] == [
                "1970-01-06T00:00:00+00:00", "1970-01-07T00:00:00+00:00",
            ]  # fmt: skip
            return 0.0

        assert trainer.fit(task(look)).flavor == "constant"

    def test_the_same_seed_draws_the_same_numbers(self, trainer: Trainer) -> None:
        def draw(_train: Data, _valid: Data) -> float:
            return random.random() + float(np.random.random())  # noqa: NPY002 - what a careless team's code does.

        first, again = trainer.fit(task(draw)), trainer.fit(task(draw))
        assert first == again
        assert trainer.fit(replace(task(draw), seed=8)) != first

    def test_says_what_the_function_raised_and_on_which_line(self, trainer: Trainer) -> None:
        def broken(_train: Data, _valid: Data) -> float:
            return float(np.linalg.inv(np.zeros((2, 2)))[0, 0])

        with pytest.raises(ModelError) as caught:
            trainer.fit(task(broken))
        fields = caught.value.fields
        assert caught.value.code == "model.function-raised"
        assert (fields["function"], fields["error"], fields["words"]) == ("broken", "LinAlgError", "Singular matrix")
        assert str(fields["place"]).startswith("trainer.py:")
        assert fields["line"] == "return float(np.linalg.inv(np.zeros((2, 2)))[0, 0])"

    @pytest.mark.parametrize(
        ("model", "kind", "code", "fields"),
        [
            (None, "number", "returned-nothing", {"function": "give"}),
            ("a text", "number", "not-a-model", {"type": "builtins.str"}),
            (float("nan"), "number", "nan-score", {"broken": 2, "rows": 2}),
            (1.5, "binary", "not-a-probability", {"low": 1.5, "high": 1.5}),
        ],
    )
    def test_says_what_is_wrong_with_what_it_returned(
        self, trainer: Trainer, model: object, kind: str, code: str, fields: Mapping[str, object]
    ) -> None:
        def give(_train: Data, _valid: Data) -> object:
            return model

        with pytest.raises(ModelError) as caught:
            trainer.fit(replace(task(give), kind=kind))
        assert caught.value.code == f"model.{code}"
        assert fields.items() <= dict(caught.value.fields).items()

    def test_a_function_that_takes_no_such_parameter_is_told(self, trainer: Trainer) -> None:
        def plain(_train: Data, _valid: Data) -> float:
            return 0.0

        with pytest.raises(ModelError) as caught:
            trainer.fit(task(plain, depth=3))
        assert (caught.value.code, caught.value.fields["error"]) == ("model.function-raised", "TypeError")

    def test_exit_is_an_error_of_the_function(self, trainer: Trainer) -> None:
        def leave(_train: Data, _valid: Data) -> float:
            raise SystemExit("done for today")

        with pytest.raises(ModelError) as caught:
            trainer.fit(task(leave))
        assert (caught.value.fields["error"], caught.value.fields["words"]) == ("SystemExit", "done for today")

    def test_scores_the_train_fold_where_there_is_no_valid_fold(self, trainer: Trainer) -> None:
        def nothing(_train: Data, _valid: Data) -> float:
            return float("inf")

        with pytest.raises(ModelError) as caught:
            trainer.fit(replace(task(nothing), valid=fold([])))
        assert (caught.value.code, caught.value.fields["rows"]) == ("model.nan-score", 4)
