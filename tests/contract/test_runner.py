"""Each Runner: what the work gives, what it raises, how many work at once."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tidemill.engines.runners.inline import InlineRunner
from tidemill.engines.runners.pool import PoolRunner
from tidemill.errors import DataError, RunError
from tidemill.ports.runner import Runner


@pytest.fixture(params=[InlineRunner(), PoolRunner(2)], ids=["inline", "pool"])
def runner(request: pytest.FixtureRequest) -> Runner:
    made: Runner = request.param
    return made


def test_gives_what_the_work_gives(runner: Runner) -> None:
    here = {"rows": [1, 2, 3]}
    assert runner.call(lambda: sum(here["rows"])) == 6


def test_raises_what_the_work_raises(runner: Runner) -> None:
    def work() -> None:
        raise DataError("number-too-big", column="price")

    with pytest.raises(DataError) as caught:
        runner.call(work)
    assert (caught.value.code, caught.value.fields) == ("data.number-too-big", {"column": "price"})


def test_a_crash_in_the_pool_is_an_answer_and_frees_its_place() -> None:
    runner = PoolRunner(1)
    for _ in range(2):
        with pytest.raises(RunError) as caught:
            runner.call(lambda: os._exit(9))
        assert caught.value.code == "run.process-died"
    assert runner.call(os.getpid) != os.getpid()


def test_no_more_than_its_size_work_at_once(tmp_path: Path) -> None:
    runner, here = PoolRunner(2), threading.Lock()
    most = []

    def work() -> int:
        mark = tmp_path / str(os.getpid())
        mark.touch()
        seen = len(list(tmp_path.iterdir()))
        mark.unlink()
        return seen

    def one(_: int) -> None:
        seen = runner.call(work)
        with here:
            most.append(seen)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(12)))
    assert len(most) == 12
    assert max(most) <= 2
