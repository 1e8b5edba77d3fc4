"""A training function in a process of its own: what it writes stays off the screen, its end is told."""

from __future__ import annotations

import ctypes
import faulthandler
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import lightgbm as lgb
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


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The lines in the log of trainings."""
    caplog.set_level(logging.INFO, "tidemill.training")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "tidemill.training"]


def c_prints(words: str) -> None:
    """As a library written in C does, whose own buffer Python knows nothing of."""
    ctypes.CDLL(None).printf(b"%s", words.encode())


def test_what_the_function_prints_goes_to_the_log(
    logged: Callable[[], list[str]], capfd: pytest.CaptureFixture[str]
) -> None:
    def talks(train: tm.Data, valid: tm.Data) -> object:
        print("out", len(train.y))  # noqa: T201 - as people do
        c_prints("in C\n\n")
        print("err", file=sys.stderr)  # noqa: T201 - as people do
        subprocess.run([sys.executable, "-c", "print('another process')"], check=True)
        os.write(2, b"10%\r20%\r")
        c_prints("the rest, for 100% %")
        return 0.5

    ChildTrainer([ConstantFlavor()]).fit(task(talks))
    assert logged() == ["out 4", "in C", "err", "another process", "10%", "20%", "the rest, for 100% %"]
    assert capfd.readouterr() == ("", "")


def test_lightgbm_imported_beforehand_says_nothing_on_the_screen(
    logged: Callable[[], list[str]], capfd: pytest.CaptureFixture[str]
) -> None:
    """Its way to Python's output is of the thread that imported it; in the thread that trains it writes by itself."""

    def boosts(train: tm.Data, valid: tm.Data) -> object:
        lgb.LGBMClassifier(n_estimators=1, n_jobs=1).fit(train.X, train.y)
        return 0.5

    ChildTrainer([ConstantFlavor()]).fit(task(boosts))
    assert any(line.startswith("[LightGBM] [Info]") for line in logged())
    assert capfd.readouterr() == ("", "")


def test_more_than_a_pipe_holds_arrives_whole_and_in_order(logged: Callable[[], list[str]]) -> None:
    def floods(train: tm.Data, valid: tm.Data) -> object:
        for number in range(20_000):
            os.write(1, b"%d, and so on and so on\n" % number)
        os.write(1, b"x" * 200_000 + b"\n")
        return 0.5

    ChildTrainer([ConstantFlavor()]).fit(task(floods))
    *lines, last, rest = (line for line in logged() if not line.startswith("x" * 65_536))
    assert [*lines, last] == [f"{number}, and so on and so on" for number in range(20_000)]
    assert set(rest) == {"x"}


def test_processes_and_threads_that_it_leaves_behind_are_not_waited_for(logged: Callable[[], list[str]]) -> None:
    def leaves(train: tm.Data, valid: tm.Data) -> object:
        threading.Thread(target=lambda: [os.write(1, b"talks on\n") for _ in iter(int, 1)], daemon=True).start()
        left = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
        os.write(1, f"left {left.pid}\n".encode())  # whole, whatever else writes meanwhile
        return 0.5

    assert ChildTrainer([ConstantFlavor()]).fit(task(leaves)).flavor == "constant"
    assert any(line.startswith("left ") for line in logged())


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "SIGKILL"),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), "SIGTERM"),
        (lambda: signal.raise_signal(signal.SIGSEGV), "SIGSEGV"),
        (lambda: os._exit(0), "exit status 0"),
    ],
)
def test_a_process_that_ends_in_the_middle_is_told_with_what_it_said_last(
    end: Callable[[], None], reason: str, logged: Callable[[], list[str]]
) -> None:
    def ends(train: tm.Data, valid: tm.Data) -> object:
        faulthandler.disable()  # pytest's, which would tell of the crash
        c_prints("one in C, ")
        print("one in Python", end="")  # noqa: T201 - as people do
        end()
        return 0.5

    with pytest.raises(ModelError) as raised:
        ChildTrainer([ConstantFlavor()]).fit(task(ends))
    assert (raised.value.code, raised.value.fields["reason"]) == ("model.function-died", reason)
    assert logged() == ["one in C, one in Python"]
