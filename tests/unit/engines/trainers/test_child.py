"""A training function in a process of its own: what it writes stays off the screen, its end is told."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tidemill as tm
from tidemill.engines.flavors.constant import ConstantFlavor
from tidemill.engines.trainers.child import ChildTrainer
from tidemill.errors import ModelError
from tidemill.ports.flavor import FeatureColumn
from tidemill.ports.trainer import Fold, Task

FOLD = Fold(matrix=np.ones((4, 1)), target=np.array([0.0, 1.0, 0.0, 1.0]), keys={"asked_at": [1, 2, 3, 4]})


def task(function: Callable[[tm.Data, tm.Data], object]) -> Task:
    features = (FeatureColumn(name="form.n", type="float"),)
    return Task(function=function, train=FOLD, valid=FOLD, features=features, parameters={}, kind="binary", seed=1)


def test_what_the_function_prints_goes_to_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def talks(train: tm.Data, valid: tm.Data) -> object:
        print("out", len(train.y))  # noqa: T201 - as people do
        print("err", file=sys.stderr)  # noqa: T201 - as people do
        return 0.5

    logger, handler = logging.getLogger("tidemill.training"), logging.FileHandler(tmp_path / "log.txt")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        ChildTrainer([ConstantFlavor()]).fit(task(talks))
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
        handler.close()
    assert (tmp_path / "log.txt").read_text().splitlines() == ["out 4", "err"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "SIGKILL"),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), "SIGTERM"),
        (lambda: os._exit(0), "exit status 0"),
    ],
)
def test_a_process_that_ends_in_the_middle_is_told(end: Callable[[], None], reason: str) -> None:
    def ends(train: tm.Data, valid: tm.Data) -> object:
        end()
        return 0.5

    with pytest.raises(ModelError) as raised:
        ChildTrainer([ConstantFlavor()]).fit(task(ends))
    assert (raised.value.code, raised.value.fields["reason"]) == ("model.function-died", reason)
