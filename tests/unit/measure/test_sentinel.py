"""Codes for 'not known' are found by the gap and the rows; amounts that stand far out honestly are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.measure.column import read
from tidemill.measure.sentinel import is_code, sentinels

RANDOM = np.random.default_rng(5)
N = 20_000
AGES = RANDOM.integers(18, 80, N)
DRAWN = RANDOM.random(N)


def found(values: Any) -> dict[float, int]:
    """Rows by value."""
    return {one.value: one.rows for one in sentinels(read(np.asarray(values)))}


@pytest.mark.parametrize("share", [0.0005, 0.005, 0.02, 0.1, 0.4])
@pytest.mark.parametrize("code", [999, -1, -9, -999, 9999, 32_767])
def test_a_code_among_ages_is_found_however_many_rows_have_it(share: float, code: int) -> None:
    values = np.where(share > DRAWN, code, AGES)
    assert found(values) == {code: (values == code).sum()}


def test_what_is_said_of_it_is_how_many_where_and_between_what_all_others_lie() -> None:
    values = np.where(DRAWN < 0.02, 999.0, np.where(DRAWN > 0.5, np.nan, AGES))
    (one,) = sentinels(read(values))
    assert (one.low, one.high, one.rows) == (18, 79, int((DRAWN < 0.02).sum()))
    assert one.first_row == np.flatnonzero(values == 999)[0]
    known = values[values < 999]
    low, high = np.quantile(known[known > 18], (0.25, 0.75))
    assert one.gap == pytest.approx((999 - 79) / (high - low))


@pytest.mark.parametrize("codes", [(-1, 999), (-999, 999), (997, 998, 999), (-9, -8), (-1, 9999, 99)])
def test_several_codes_do_not_hide_each_other(codes: tuple[int, ...]) -> None:
    values = RANDOM.integers(18, 50, 3_000)
    for place, code in enumerate(codes):
        values[60 * place : 60 * (place + 1)] = code
    assert found(values) == dict.fromkeys(codes, 60)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (np.where(DRAWN < 0.8, -1, RANDOM.integers(1, 871, N)), -1),  # days since, -1 for never
        (np.where(DRAWN < 0.1, -1, RANDOM.integers(0, 51, N)), -1),
        (np.where(DRAWN < 0.02, -1, RANDOM.lognormal(10, 0.8, N).round()), -1),
        (np.where(DRAWN < 0.02, -1.0, RANDOM.lognormal(0, 1, N)), -1),
        (np.where(DRAWN < 0.02, -99.9, RANDOM.normal(12, 8, N).round(1)), -99.9),
        (np.where(DRAWN < 0.02, 999_999_999, RANDOM.lognormal(10, 0.8, N).round()), 999_999_999),
        (np.where(DRAWN < 0.02, -99.9, RANDOM.uniform(-10, 40, N)).astype(np.float32), float(np.float32(-99.9))),
        (np.where(DRAWN < 0.02, -99.9, RANDOM.normal(20, 12, N)), -99.9),  # the tail has gaps of its own
        (np.where(DRAWN < 0.02, 500, AGES), 500),  # no usual code, but nothing lies within seven times the ages
        (np.where(DRAWN < 0.7, 0, np.where(DRAWN < 0.72, 9999, RANDOM.integers(1, 60, N))), 9999),
    ],
)
def test_codes_are_found_in_columns_of_many_shapes(values: Any, code: float) -> None:
    assert set(found(values)) == {code}


@pytest.mark.parametrize(
    "values",
    [
        AGES,
        RANDOM.normal(10, 2, N).round(1),
        RANDOM.lognormal(10, 1, N).round(-2),
        RANDOM.poisson(3, N),
        RANDOM.poisson(20, N),
        np.round(RANDOM.pareto(1.5, N) * 100),
        np.where(DRAWN < 0.6, 0, RANDOM.integers(1_000, 9_000, N)),  # nothing lent, or a thousand at least
        np.where(DRAWN < 0.9, 0.0, RANDOM.exponential(1, N).round(2)),
        np.where(DRAWN < 0.02, -RANDOM.integers(1, 4, N), RANDOM.poisson(5, N)),  # returns
        np.where(DRAWN < 0.02, -1, RANDOM.geometric(0.2, N)),  # one piece came back
        RANDOM.integers(1, 11, N),  # ratings
        RANDOM.choice([9.99, 12.99, 14.99, 19.99, 24.99, 29.99, 34.99, 39.99, 49.99, 59.99, 79.99, 99.99, 199.99], N),
        RANDOM.choice([5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 250, 500, 1_000], N),  # gifts
        RANDOM.choice([6, 12, 18, 24, 30, 36, 48, 60, 72, 84, 120, 240, 360], N),  # months of loans
        np.where(DRAWN < 0.1, 100, RANDOM.integers(0, 60, N)),  # full marks
        np.minimum(RANDOM.lognormal(9, 1, N).round(-2), 35_000),
        RANDOM.integers(1_950, 2_021, N),
        np.append(AGES, [144, 123]),  # few rows: outliers
        np.zeros(0),
        np.full(100, np.nan),
        np.array(["a"] * 100),
    ],
)
def test_honest_columns_have_none(values: Any) -> None:
    assert found(values) == {}


def test_usual_codes_are_told_from_amounts() -> None:
    codes = (-1, -9, 99, 998, 999, 9_999, -999, 77, -88, 99.9, -999.9, 32_767, -2_147_483_648, 4_294_967_295)
    assert all(map(is_code, codes))
    assert not any(map(is_code, (0, 1, 9, 10, 100, 500, -2, -10, 979, 1_998, 12.9, 65_536, 1e6)))


@given(st.lists(st.integers(-5, 30) | st.sampled_from([-1, 999, 0]), max_size=200))
def test_any_column_is_judged_and_only_by_values_that_it_has(values: list[int]) -> None:
    counts = {value: values.count(value) for value in set(values)}
    for value, rows in found(np.array(values, np.int64)).items():
        assert value in {min(counts), max(counts), -1, 999}
        assert rows == counts[int(value)] >= 5
        assert value != 0
