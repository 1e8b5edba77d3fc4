"""Changes of unit, from a moment on or in a share of the rows; what only moves, wanders or is wide is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.measure.blocks import equal_blocks
from tidemill.measure.column import read
from tidemill.measure.unit import COUNTS, FACTORS, MOST, change, in_blocks, mixture, stays

N = 4_000
RANDOM = np.random.default_rng(2)


def sizes(spread: float = 0.3, rows: int = N) -> np.ndarray:
    return np.random.default_rng(1).lognormal(3, spread, rows)


@pytest.mark.parametrize("factor", [1.609344, 1.8, 2.20462262, 2.54, 3.28084, 3.6, 12, 60, 100, 1000, 86_400, 1e6])
@pytest.mark.parametrize("up", [True, False])
def test_from_some_row_on_every_value_is_a_factor_of_units_larger_or_smaller(factor: float, up: bool) -> None:
    values = sizes()
    values[1730:] *= factor if up else 1 / factor
    found = change(read(values))
    assert found is not None
    assert (found.unit.factor, found.up) == (factor, up)
    assert abs(found.row - 1730) <= 2
    assert found.before == pytest.approx(20, rel=0.1)
    assert mixture(read(values)) is None or factor > 10


@pytest.mark.parametrize("row", [300, 1999, 2000, 3700])
def test_the_row_is_found_wherever_it_lies(row: int) -> None:
    values = sizes()
    values[row:] /= 0.4536
    found = change(read(values))
    assert found is not None
    assert abs(found.row - row) <= 2
    assert found.unit.names == "pounds and kilograms"


def test_a_unit_that_came_and_went_is_named_where_it_came() -> None:
    values = sizes()
    values[1_000:2_000] *= 100
    found = change(read(values))
    assert found is not None
    assert (found.row, found.unit.factor, found.up) == (1_000, 100, True)


@pytest.mark.parametrize(
    ("slope", "offset", "names"),
    [(1.8, 32.0, "degrees Fahrenheit and Celsius"), (1.0, 273.15, "kelvin and degrees Celsius")],
)
def test_degrees_of_another_scale_are_told_by_their_zero(slope: float, offset: float, names: str) -> None:
    celsius = np.random.default_rng(3).normal(20, 4, N)
    for values in (
        np.where(np.arange(N) < 2_222, celsius, celsius * slope + offset),
        np.where(np.arange(N) >= 2_222, celsius, celsius * slope + offset),
    ):
        found = change(read(values))
        assert found is not None
        assert (found.unit.names, found.row) == (names, 2_222)


@pytest.mark.parametrize("factor", [2.54, 12, 100, 1000])
@pytest.mark.parametrize("share", [0.01, 0.05, 0.4])
def test_a_share_of_the_rows_in_another_unit_is_found_row_by_row(factor: float, share: float) -> None:
    values = sizes(0.08)
    odd = np.random.default_rng(4).random(N) < share
    values[odd] *= factor
    found = mixture(read(values))
    assert found is not None
    assert (found.unit.factor, found.up) == (factor, True)
    assert found.rows.tolist() == np.flatnonzero(odd).tolist()
    assert found.other / found.usual == pytest.approx(factor, rel=0.05)
    assert change(read(values)) is None


def test_signs_zeros_and_nulls_stay_what_they_are() -> None:
    values = sizes() * np.where(np.arange(N) % 9, 1, -1)
    values[2_000:] *= 1000
    values[::7], values[::11] = 0, np.nan
    found = change(read(values))
    assert found is not None
    assert (found.row, found.unit.factor) == (2_000, 1000)


def test_a_long_table_is_looked_at_in_part_and_its_rows_are_still_named() -> None:
    values = sizes(rows=MOST * 2 + 10)
    values[300_000:] *= 60
    found = change(read(values))
    assert found is not None
    assert abs(found.row - 300_000) <= 10
    odd = np.arange(len(values)) % 50 == 0
    mixed = mixture(read(np.where(odd, sizes(rows=len(values)) * 1000, sizes(rows=len(values)))))
    assert mixed is not None
    assert mixed.rows.tolist() == np.flatnonzero(odd).tolist()


@pytest.mark.parametrize(
    "values",
    [
        RANDOM.normal(50, 10, N),
        np.cumsum(RANDOM.normal(0, 1, N)) + 100,
        20 + 10 * np.sin(np.arange(N) / 300) + RANDOM.normal(0, 2, N),
        RANDOM.gamma(0.7, 3, N),
        RANDOM.standard_cauchy(N),
        np.where(np.arange(N) < 2_000, 100, 160) + RANDOM.normal(0, 5, N),
        np.where(np.arange(N) < 2_000, 0.0, 3.0) + RANDOM.normal(0, 1, N),
        np.arange(N)[::-1],
        np.where(RANDOM.random(N) < 0.5, 5.0, 500.0),
        np.full(N, 7.0),
        np.full(N, np.nan),
        np.zeros(0),
        np.ones(3),
        np.array(["a"] * 100),
    ],
)
def test_moves_walks_seasons_and_heavy_tails_are_no_other_unit(values: Any) -> None:
    assert change(read(values)) is None
    assert mixture(read(values)) is None


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 2))
def test_amounts_of_one_unit_are_never_said_to_be_in_two(seed: int, spread: float) -> None:
    values = np.random.default_rng(seed).lognormal(2, spread, 1_500)
    assert change(read(values)) is None
    assert mixture(read(values)) is None


def test_ratios_of_units_are_too_far_apart_to_be_taken_for_each_other() -> None:
    factors = np.log([unit.factor for unit in FACTORS])
    assert np.diff(factors).min() > 0.05


@given(
    st.sampled_from([1.0, 1.3, 1.55, 1.609344, 1.8, 2.2, 2.54, 1 / 3.6, 10.0]),
    st.sampled_from([0.0, 0.5, 32.0, 273.15]),
    st.sampled_from([0.01, 0.3, 1.5]),
    st.integers(0, 999),
    st.booleans(),
)
def test_what_few_places_rule_out_the_whole_look_does_not_find(
    factor: float, offset: float, spread: float, row: int, both: bool
) -> None:
    random = np.random.default_rng(row)
    values = random.normal(0, spread, 1000) if both else random.lognormal(2, spread, 1000)
    values[row:] = values[row:] * factor + offset
    if stays(values):
        assert all(in_blocks(values, equal_blocks(1000, count)) is None for count in COUNTS)
