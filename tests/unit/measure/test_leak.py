"""Leak suspects on made tables: what tells the outcome is named, what is only honest or lucky is not."""

from __future__ import annotations

import numpy as np
import pytest

from tidemill.measure.column import read
from tidemill.measure.leak import Strength, strengths
from tidemill.measure.ranks import auc

RANDOM = np.random.default_rng(11)
N = 6000
TIME = np.arange(N)
RATE = np.where(np.arange(N) < 3000, 0.1, 0.5)
Y = (RANDOM.random(N) < RATE).astype(float)


def strength_of(values: np.ndarray, y: np.ndarray = Y, time: np.ndarray = TIME) -> Strength:
    return strengths({"x": read(values)}, y, time)[0]


def test_a_copy_of_the_outcome_is_named_in_every_form(random: np.random.Generator) -> None:
    noisy = Y + random.normal(0, 0.4, N)
    forms = {
        "number": Y,
        "turned": -Y,
        "noisy": noisy,
        "text": np.where(Y == 1, "lost", "paid"),
        "null only when good": np.where(Y == 1, random.random(N), np.nan),
        "null only when bad": np.where(Y == 1, np.nan, random.random(N)),
        "date of loss": np.where(Y == 1, np.datetime64("2020-01-01") + TIME, np.datetime64("NaT")),
        "middle code": np.where(Y == 1, 3, random.choice([1, 2, 4, 5], N)),
        "flag": Y == 1,
    }
    found = strengths({name: read(values) for name, values in forms.items()}, Y, TIME)
    assert {one.column for one in found if one.suspect} == set(forms)
    assert all(one.blocks == 20 and one.n == N for one in found)


def test_the_calendar_is_no_leak_though_it_orders_all_rows_well() -> None:
    assert auc(Y == 1, TIME.astype(float)) > 0.7
    for calendar in (TIME, (TIME // 300).astype(str), RATE):
        assert (strength_of(calendar).value or 0) < 0.6


def test_the_strength_is_the_median_over_blocks_of_the_auc_in_either_direction(random: np.random.Generator) -> None:
    values = Y + random.normal(0, 1.2, N)
    each = [auc(Y[i : i + 300] == 1, values[i : i + 300]) for i in range(0, N, 300)]
    by_hand = np.median([max(area, 1 - area) for area in each if not np.isnan(area)])
    assert strength_of(values).value == pytest.approx(by_hand, abs=0.01)


def test_many_categories_of_chance_know_nothing(random: np.random.Generator) -> None:
    for distinct in (2, 50, 1000, N):
        lucky = random.integers(0, distinct, N).astype(str)
        assert (strength_of(lucky).value or 0) < 0.6
    assert (strength_of(np.repeat("same", N)).value or 0) == pytest.approx(0.5)


def test_a_run_of_alike_rows_does_not_teach_its_own_outcome(random: np.random.Generator) -> None:
    trip = np.arange(N) // 20
    y = (random.random(300) < 0.4)[trip].astype(float)  # one outcome per trip
    assert (strength_of(trip.astype(str), y).value or 0) < 0.6


def test_rows_are_put_in_time_order_and_unknown_outcomes_left_out(random: np.random.Generator) -> None:
    shuffled = random.permutation(N)
    values = Y + random.normal(0, 1, N)
    assert strength_of(values[shuffled], Y[shuffled], TIME[shuffled]) == strength_of(values)
    half = np.where(TIME % 2 == 0, Y, np.nan)
    assert strength_of(values, half).n == N // 2


def test_a_number_is_judged_by_rank_correlation(random: np.random.Generator) -> None:
    y = random.lognormal(0, 1, N)
    leak, honest = strength_of(y**2, y), strength_of(np.log(y) + random.normal(0, 0.7, N), y)
    assert leak.value == pytest.approx(1.0)
    assert (leak.suspect, leak.yes_no, leak.bound) == (True, False, 0.95)
    assert honest.value == pytest.approx(6 / np.pi * np.arcsin(1 / np.sqrt(1 + 0.49) / 2), abs=0.03)  # of two normals
    assert not honest.suspect


def test_a_small_table_has_fewer_blocks_and_a_tiny_one_no_strength() -> None:
    assert strength_of(Y[3000:3200], Y[3000:3200], TIME[:200]).blocks == 3
    for few in (Y[:0], Y[:30], np.zeros(100), np.full(100, np.nan)):
        found = strength_of(np.arange(len(few)), few, TIME[: len(few)])
        assert (found.value, found.suspect, found.blocks) == (None, False, 0)


def test_chance_names_nothing_in_small_tables_of_many_columns(random: np.random.Generator) -> None:
    y = (random.random(300) < 0.2).astype(float)
    columns = {str(i): read(random.normal(size=300)) for i in range(200)}
    assert not any(one.suspect for one in strengths(columns, y, np.arange(300)))
