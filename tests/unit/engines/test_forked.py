"""Work in a forked process: what it gives, what it raises, how it ends."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable

import numpy as np
import pytest

from tidemill.engines.forked import forked
from tidemill.errors import ModelError, RunError


def test_gives_what_the_function_gives_and_keeps_its_changes_away() -> None:
    kept = [1]

    def work() -> list[int]:
        kept.append(2)
        return kept

    assert forked(work) == [1, 2]
    assert kept == [1]


def test_brings_large_answers_whole() -> None:
    assert forked(lambda: np.arange(3_000_000)).sum() == 3_000_000 * 2_999_999 // 2


class LocalError(Exception):
    pass


def raising(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize("error", [ModelError("nan-score", broken=1, rows=2), ValueError("no"), SystemExit(3)])
def test_raises_what_the_function_raises(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught:
        forked(raising(error))
    assert str(caught.value) == str(error)
    assert getattr(caught.value, "fields", None) == getattr(error, "fields", None)


def test_an_error_of_a_class_that_the_parent_may_not_know_comes_as_words() -> None:
    with pytest.raises(RunError) as caught:
        forked(raising(LocalError("broken")))
    assert caught.value.code == "run.work-raised"
    assert caught.value.fields == {"error": "LocalError", "words": "broken"}


def test_an_answer_that_cannot_be_sent_is_an_error_and_not_a_hang() -> None:
    with pytest.raises((RunError, TypeError)):
        forked(threading.Lock)


class Engine:
    """Cannot be taken apart in another process than its own."""

    def __init__(self) -> None:
        self.process, self.itself = os.getpid(), self

    def __del__(self) -> None:
        if os.getpid() != self.process:
            os._exit(7)


def test_what_this_process_threw_away_is_not_taken_apart_in_the_other() -> None:
    gc.disable()  # so that it is still lying about at the fork
    try:
        Engine()
        assert forked(gc.collect) >= 0
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (lambda: os._exit(3), "exit status 3"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "SIGKILL"),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), "SIGTERM"),
    ],
)
def test_says_how_the_process_ended(end: Callable[[], None], reason: str) -> None:
    with pytest.raises(RunError) as caught:
        forked(end)
    assert (caught.value.code, caught.value.fields["reason"]) == ("run.process-died", reason)


def test_ends_a_process_that_takes_too_long() -> None:
    with pytest.raises(RunError) as caught:
        forked(threading.Event().wait, seconds=0.1)
    assert (caught.value.code, caught.value.fields["seconds"]) == ("run.process-too-slow", 0.1)


def test_threads_that_the_work_leaves_behind_do_not_hold_it_up() -> None:
    def work() -> str:
        threading.Thread(target=threading.Event().wait).start()
        return "done"

    assert forked(work, seconds=20) == "done"
