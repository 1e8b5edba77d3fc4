"""Outliers and piles: the absurd is found, the merely skewed is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tidemill.measure.column import read
from tidemill.measure.outlier import Outliers, outliers, piles

RANDOM = np.random.default_rng(5)


def found(values: Any) -> Outliers:
    one = outliers(read(np.asarray(values)))
    assert one is not None
    return one


@pytest.mark.parametrize(
    "values",
    [
        RANDOM.normal(10, 2, 100_000),
        RANDOM.lognormal(10, 1, 100_000),
        RANDOM.exponential(3, 100_000),
        RANDOM.uniform(0, 1, 100_000),
        RANDOM.lognormal(3, 2.5, 100_000),
        RANDOM.poisson(20, 100_000),
        RANDOM.binomial(1, 0.001, 100_000),
        np.where(RANDOM.random(100_000) < 0.9, 0.0, RANDOM.exponential(1, 100_000)),
        np.ones(1000),
        np.arange(10.0),
        np.array(["a"] * 100),
        np.zeros(0),
        np.full(100, np.nan),
    ],
)
def test_a_healthy_column_has_none(values: Any) -> None:
    assert outliers(read(values)) is None


def test_the_ten_billion_order_is_the_worst_row(random: np.random.Generator) -> None:
    price = random.lognormal(10, 0.8, 5000).round()
    price[1234] = 1e10
    one = found(price)
    assert one.worst[0].row == 1234
    assert (one.above, one.below, one.scale) == (1, 0, "log")
    assert one.high < 1e10
    assert one.max_ratio is not None
    assert one.max_ratio > 1000


def test_a_negative_booking_in_a_skewed_column_is_found_below(random: np.random.Generator) -> None:
    price = random.lognormal(1, 1, 5000)
    price[[7, 9]] = -11_062.06
    one = found(price)
    assert (one.below, {worst.row for worst in one.worst}) == (2, {7, 9})
    assert one.low < 0


def test_bounds_are_median_and_five_ranges(random: np.random.Generator) -> None:
    values = np.append(random.normal(0, 1, 999), 50.0)
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    one = found(values)
    assert (one.low, one.high) == pytest.approx((middle - 5 * (high - low), middle + 5 * (high - low)))
    assert one.worst[0].distance == pytest.approx((50 - middle) / (high - low))


def test_rows_are_places_in_the_column_also_with_nulls_between(random: np.random.Generator) -> None:
    values = np.where(np.arange(1000) % 3 == 0, np.nan, random.normal(size=1000))
    values[500] = 1e6
    one = found(values)
    assert (one.worst[0].row, one.worst[0].value, one.n) == (500, 1e6, 666)
    infinite = values.copy()
    infinite[1] = np.inf
    assert found(infinite).worst[0].row == 500


def test_a_heavy_side_counts_none(random: np.random.Generator) -> None:
    values = np.append(random.normal(0, 1, 9800), random.normal(100, 1, 200))
    assert outliers(read(values)) is None


def test_a_sentinel_and_a_sensors_end_are_piles(random: np.random.Generator) -> None:
    days = np.append(random.integers(0, 28, 500), np.full(9500, 999))
    (pile,) = piles(read(days))
    assert (pile.end, pile.value, pile.rows, pile.first_row) == ("highest", 999.0, 9500, 500)
    sensor = np.append(np.clip(np.round(random.normal(20, 15, 20_000)), -39, 84), np.repeat([-40, 85], 30))
    assert {(pile.end, pile.value) for pile in piles(read(sensor))} == {("lowest", -40.0), ("highest", 85.0)}


@pytest.mark.parametrize(
    "values",
    [
        np.round(RANDOM.normal(20, 15, 20_000)),
        RANDOM.poisson(3, 20_000),
        np.where(RANDOM.random(20_000) < 0.8, 0.0, RANDOM.integers(0, 40, 20_000)),
        RANDOM.integers(0, 5, 20_000),
        np.zeros(0),
        np.ones(100),
        np.array(["a", "b"]),
    ],
)
def test_ordinary_ends_are_no_piles(values: Any) -> None:
    assert piles(read(values)) == ()


@given(hnp.arrays(float, st.integers(0, 60), elements=st.floats(-1e12, 1e12) | st.sampled_from([np.nan, np.inf, 0.0])))
def test_any_column_is_judged_without_a_warning(values: Any) -> None:
    one = outliers(read(values))
    assert one is None or one.below + one.above > 0
    piles(read(values))
