"""Profiles, duplicates, clocks, jumps: against numpy and by hand."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.measure.column import read
from tidemill.measure.duplicates import duplicates, row_codes
from tidemill.measure.jump import jump
from tidemill.measure.order import backward_steps
from tidemill.measure.profile import QUANTILES, histogram, infinite, is_constant, is_id_like, profile
from tidemill.measure.spread import spread

RANDOM = np.random.default_rng(2)


def test_a_number_is_told_by_moments_quantiles_and_a_histogram_of_its_body(random: np.random.Generator) -> None:
    values = np.append(random.normal(5, 2, 1000), [np.nan, np.nan, 1e9])
    told = profile("x", "float", read(values))
    kept = values[~np.isnan(values)]
    assert (told.rows, told.nulls, told.distinct) == (1003, 2, 1001)
    assert told.mean == pytest.approx(kept.mean())
    assert told.std == pytest.approx(kept.std(ddof=1))
    assert told.quantiles == pytest.approx(np.quantile(kept, QUANTILES))
    assert sum(told.counts) == 1001
    assert len(told.counts) == len(told.edges) + 1
    assert told.edges[-1] < 20  # the wild value stands in the last bar and does not stretch the others
    assert told.top == ()


def test_texts_and_booleans_are_told_by_their_most_frequent_values() -> None:
    told = profile("x", "text", read(np.array(["b", "a", None, "b", "a", "b"], object)))
    assert (told.top, told.nulls, told.distinct, told.edges) == ((("b", 3), ("a", 2)), 1, 2, ())
    flags = profile("x", "boolean", read(np.array([True, False, True])))
    assert (flags.top, flags.quantiles) == ((("true", 2), ("false", 1)), ())
    assert flags.mean == pytest.approx(2 / 3)
    assert profile("x", "int", read(np.array([7, 7, 2**60]))).top == (("7", 2), (str(2**60), 1))


@pytest.mark.parametrize("values", [np.zeros(0), np.full(5, np.nan), np.array([None] * 3, object)])
def test_an_empty_column_has_no_figures(values: Any) -> None:
    told = profile("x", "float", read(values))
    assert (told.mean, told.std, told.quantiles, told.top, told.edges, told.counts) == (None, None, (), (), (), ())
    assert is_constant(told)
    assert not is_id_like(told)


def test_infinite_values_are_counted_and_kept_out_of_the_mean() -> None:
    column = read(np.array([1.0, 3.0, np.inf, -np.inf]))
    assert infinite(spread(column)) == 2
    assert profile("x", "float", column).mean == 2.0


def test_constants_and_ids_are_seen(random: np.random.Generator) -> None:
    assert is_constant(profile("x", "int", read(np.ones(50))))
    assert is_id_like(profile("x", "int", read(np.arange(50))))
    assert is_id_like(profile("x", "text", read(np.arange(50).astype(str))))
    assert not is_id_like(profile("x", "float", read(random.random(50))))


@given(st.lists(st.integers(-3, 9), max_size=40), st.lists(st.integers(-3, 9), min_size=2, max_size=6, unique=True))
def test_a_histogram_counts_each_row_between_its_edges(values: list[int], marks: list[int]) -> None:
    edges = np.array(sorted(marks), float)
    counts = histogram(spread(read(np.array(values, float))), edges)
    bounds = pairwise([-np.inf, *edges.tolist(), np.inf])
    assert counts.tolist() == [sum(low <= value < high for value in values) for low, high in bounds]


@given(st.lists(st.tuples(st.sampled_from([1.0, 2.0, None]), st.sampled_from(["a", "b", None])), max_size=20))
def test_equal_rows_have_equal_codes(rows: list[tuple[float | None, str | None]]) -> None:
    columns = [read(np.array([row[i] for row in rows], object)) for i in (0, 1)]
    code = row_codes(columns)
    for i, one in enumerate(rows):
        assert [code[i] == other for other in code] == [one == other for other in rows]
    assert duplicates(columns).surplus == len(rows) - len(set(rows))


def test_duplicates_name_the_most_repeated_rows_first() -> None:
    found = duplicates([read(np.array([5, 1, 2, 2, 1, 2, 9]))])
    assert (found.surplus, found.values, found.n) == (3, 2, 7)
    assert (found.first_rows, found.times) == ((2, 1), (3, 2))
    assert duplicates([]).surplus == 0


def test_a_clock_runs_back_only_against_its_own_entity() -> None:
    entity = np.array([0, 1, 0, 1, 0, 0])
    time = np.array([100, 10, 90, 20, 95, 40])
    found = backward_steps(time, entity)
    assert (found.steps, found.entities, found.largest_us, found.rows) == (2, 1, 55, (5, 2))
    assert backward_steps(time[:0], entity[:0]).steps == 0


def test_another_level_from_one_day_on_is_a_jump_there(random: np.random.Generator) -> None:
    metres = random.lognormal(3, 0.1, 2000)
    found = jump(read(np.where(np.arange(2000) < 1100, metres, metres * 1000)))
    assert found is not None
    assert found.row == 1100
    assert found.after / found.before == pytest.approx(1000, rel=0.05)


@pytest.mark.parametrize(
    "values",
    [
        RANDOM.normal(0, 1, 2000),
        np.cumsum(RANDOM.normal(0, 1, 2000)),
        np.sin(np.arange(2000) / 60) + RANDOM.normal(0, 0.3, 2000),
        np.ones(2000),
        np.zeros(3),
        np.full(2000, np.nan),
        np.array(["a"] * 100),
    ],
)
def test_noise_walks_and_seasons_do_not_jump(values: Any) -> None:
    assert jump(read(values)) is None


def test_a_jump_is_the_same_whether_the_columns_spread_is_at_hand_or_not(random: np.random.Generator) -> None:
    for step in (0.0, 0.5, 3.0, 8.0):
        column = read(random.normal(0, 1, 4000) + step * (np.arange(4000) > 2500))
        assert jump(column, spread(column)) == jump(column)
        assert (jump(column) is not None) == (step >= 8.0)
