"""Each Trainer against the suite, and what only a process of its own can promise."""

from __future__ import annotations

import logging
import os
import signal
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from tidemill.engines.flavors.constant import ConstantFlavor
from tidemill.engines.flavors.lightgbm import LightgbmFlavor
from tidemill.engines.trainers.child import ChildTrainer
from tidemill.engines.trainers.inline import InlineTrainer
from tidemill.errors import ModelError
from tidemill.ports.trainer import Fold, Task
from tidemill.spec.data import Data
from tidemill.testing.flavor import FEATURES, matrix, outcome
from tidemill.testing.trainer import DAY_US, TrainerSuite, task

FLAVORS = (LightgbmFlavor(), ConstantFlavor())


class TestInline(TrainerSuite):
    @pytest.fixture
    def trainer(self) -> InlineTrainer:
        return InlineTrainer(FLAVORS)


class TestChild(TrainerSuite):
    @pytest.fixture
    def trainer(self) -> ChildTrainer:
        return ChildTrainer(FLAVORS)

    def test_a_crash_of_the_function_is_an_answer(self, trainer: ChildTrainer) -> None:
        def crash(train: Data, valid: Data) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        with pytest.raises(ModelError) as caught:
            trainer.fit(task(crash))
        assert caught.value.code == "model.function-died"
        assert caught.value.fields == {"function": "crash", "reason": "SIGKILL"}

    def test_what_the_function_prints_is_logged_line_by_line(
        self, trainer: ChildTrainer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        def chat(train: Data, valid: Data) -> float:
            logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", force=True)
            print("one\ntwo", "words")  # noqa: T201 - what is tested.
            logging.getLogger("team").info("three")
            return 0.0

        with caplog.at_level(logging.INFO):
            trainer.fit(task(chat))
        said = [(record.name, record.getMessage()) for record in caplog.records]
        assert said == [("tidemill.training", line) for line in ("one", "two words", "team: three")]
        assert capfd.readouterr() == ("", "")


def whole(rows: int, seed: int) -> Fold:
    made = matrix(rows, seed)
    keys = {"asked_at": [n * DAY_US for n in range(rows)]}
    return Fold(matrix=made, target=outcome(made), keys=keys)


def ranker(train: Data, valid: Data, num_leaves: int = 31) -> object:
    """As in a team's system file, whose use of `eval_set` newer LightGBM warns of."""
    model = lgb.LGBMClassifier(n_estimators=40, num_leaves=num_leaves, n_jobs=2, verbose=-1)
    early: Any = {"eval_set": [(valid.X, valid.y)], "callbacks": [lgb.early_stopping(5, verbose=False)]}
    return model.fit(train.X, train.y, **early)


def test_both_trainers_give_the_same_bytes_and_a_child_works_after_its_parent_used_openmp() -> None:
    work = Task(
        function=ranker, train=whole(600, 0), valid=whole(200, 1), features=FEATURES, parameters={"num_leaves": 7},
        kind="binary", seed=1,
    )  # fmt: skip
    here = InlineTrainer(FLAVORS).fit(work)
    there = ChildTrainer(FLAVORS).fit(work)
    assert here == there
    scores = LightgbmFlavor().load(here.files, here.config, FEATURES).predict(work.valid.matrix)
    assert np.corrcoef(scores, work.valid.target)[0, 1] > 0.3
