"""Past rows cut, trained over and measured: against worlds whose figures can be written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tidemill.errors import DataError
from tidemill.measure.arrays import Floats
from tidemill.measure.backtest.age import ages
from tidemill.measure.backtest.backtest import NEVER, Backtest, backtest
from tidemill.measure.backtest.course import course, shuffled_halves
from tidemill.measure.backtest.ways import NUMBER, YES_NO, best, by_block, enough, mean, ways

N = 4_000


def says(value: Callable[[slice], float]) -> Callable[[slice], Callable[[slice], Floats]]:
    """A recipe whose model says one number, made of the rows that it learnt from."""
    return lambda learnt: lambda rows: np.full(len(range(*rows.indices(N))), value(learnt))


def of_numbers(y: Floats, value: Callable[[slice], float]) -> Backtest:
    return backtest(course(y, yes_no=False), says(value))


def test_the_first_half_comes_before_twenty_blocks_that_cover_the_second() -> None:
    plan = course(np.zeros(41_188), yes_no=False)
    assert (plan.first, len(plan.blocks), plan.windows) == (20_594, 20, (None, 20_594, 5_148))
    assert plan.blocks[0].start == plan.first
    assert plan.blocks[-1].stop == 41_188
    assert all(one.stop == other.start for one, other in zip(plan.blocks, plan.blocks[1:], strict=False))
    assert plan.learnt(None, 3) == slice(0, plan.blocks[3].start)
    assert plan.learnt(5_148, 0) == slice(20_594 - 5_148, 20_594)


def test_blocks_are_fewer_where_the_rarer_outcome_is_rare() -> None:
    y = np.zeros(N)
    y[::50] = 1.0
    assert len(course(y, yes_no=True).blocks) == 4


@pytest.mark.parametrize(
    ("y", "code", "fields"),
    [
        (np.zeros(10), "data.too-few-to-try", {"rows": 10}),
        (np.repeat([1.0, 0.0], 500), "data.too-few-of-a-kind", {"part": "older", "rows": 0}),
        (np.tile([1.0, 0.0], 5), "data.too-few-to-try", {"rows": 10}),
    ],
)
def test_too_few_rows_are_refused(y: Floats, code: str, fields: dict[str, Any]) -> None:
    with pytest.raises(DataError) as caught:
        course(y, yes_no=True)
    assert caught.value.code == code
    assert {name: caught.value.fields[name] for name in fields} == fields


def test_each_block_is_answered_by_the_model_that_would_have_stood_there() -> None:
    past = of_numbers(np.arange(N, dtype=float), lambda learnt: float(learnt.stop))
    starts = [block.start for block in past.course.blocks]
    for every in (NEVER, 1, 3):
        answered = past.answers(None, every)
        models = [starts[0 if not every else block // every * every] for block in range(20)]
        assert answered.tolist() == [float(model) for model in models for _ in range(100)]


def test_models_that_learn_from_the_same_rows_are_trained_once() -> None:
    trained: list[tuple[int, int]] = []
    told: list[tuple[int, int]] = []

    def fit(rows: slice) -> Callable[[slice], Floats]:
        trained.append((rows.start, rows.stop))
        return lambda asked: np.zeros(asked.stop - asked.start)

    backtest(course(np.arange(N, dtype=float), yes_no=False), fit, lambda done, total: told.append((done, total)))
    assert len(trained) == len(set(trained)) == 59  # before the first block all rows are the newest half
    assert told[-1] == (60, 60)


def test_a_model_ages_by_what_the_world_moves() -> None:
    past = of_numbers(np.arange(N, dtype=float), lambda learnt: float(learnt.stop))
    found = list(ages(past, np.arange(N, dtype=float), "mae", None))
    assert [one.blocks for one in found] == list(range(18))
    assert [one.lost.value for one in found] == pytest.approx([100.0 * age for age in range(18)])
    assert found[3].lost.n == 17


def test_ways_are_measured_beside_never_to_retrain() -> None:
    y = np.where(np.arange(N) < 3_000, 0.0, 10.0)
    past = of_numbers(y, lambda learnt: float(y[learnt][-1]))
    found = {(way.window, way.every): way for way in ways(past, y, NUMBER, seed=1)}
    never, each = found[None, NEVER], found[None, 1]
    assert (never.trainings, each.trainings, found[None, 10].trainings) == (1, 20, 2)
    assert never.loss.value == pytest.approx(5.0)
    assert each.loss.value == pytest.approx(10.0 / 20)  # the block in which the world changed
    assert each.gain.value == each.saved.value == pytest.approx(4.5)
    assert found[None, 4].loss.value == pytest.approx(2 * 10.0 / 20)
    assert by_block("mae", past, y, past.answers(None, 1)).tolist() == [0.0] * 10 + [10.0] + [0.0] * 9


def test_no_way_is_recommended_where_the_world_stands_still() -> None:
    y = np.random.default_rng(1).normal(0, 1, N)
    past = of_numbers(y, lambda learnt: float(y[learnt].mean()))
    found = ways(past, y, NUMBER, seed=1)
    assert enough(found, past, y, NUMBER) == found[0]


def test_the_cheapest_way_that_is_about_as_good_is_recommended() -> None:
    y = np.where(np.arange(N) < 2_150, 0.0, 10.0)  # in the second block: a model before the third has seen it
    past = of_numbers(y, lambda learnt: float(y[learnt][-1]))
    found = ways(past, y, NUMBER, seed=1)
    assert best(found).every == 1
    chosen = enough(found, past, y, NUMBER)
    assert (chosen.every, chosen.trainings, chosen.loss.value) == (2, 10, best(found).loss.value)


def test_an_event_is_judged_by_order_and_by_rate() -> None:
    random = np.random.default_rng(3)
    chance = np.where(np.arange(N) < N // 2, 0.1, 0.6)
    y = (random.random(N) < chance).astype(float)
    past = backtest(course(y, yes_no=True), says(lambda learnt: float(y[learnt][-200:].mean())))
    found = ways(past, y, YES_NO, seed=1)
    assert found[0].inside.value == 0.5  # one number orders nothing
    assert enough(found, past, y, YES_NO).every > 0
    assert (found[1].saved.value or 0) > 0.5


def test_a_mean_over_blocks_has_students_interval() -> None:
    values = np.array([0.5, 0.7, np.nan, 0.6, 0.9])
    told = mean(values).interval()
    known = values[~np.isnan(values)]
    low, high = stats.t.interval(0.95, 3, known.mean(), stats.sem(known))
    assert (told.value, told.low, told.high, told.n) == pytest.approx((0.675, low, high, 4))
    assert mean(np.array([0.5, 0.7])).interval().low is None
    assert mean(np.array([np.nan])).value is None


def test_random_halves_are_halves() -> None:
    one, other = shuffled_halves(101, seed=3)
    assert (len(one), len(other)) == (50, 51)
    assert sorted([*one.tolist(), *other.tolist()]) == list(range(101))
    assert (shuffled_halves(101, seed=3)[0] == one).all()
