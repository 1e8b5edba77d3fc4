"""Tails against scipy."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from tidemill.measure import tails

chances = st.floats(1e-6, 1 - 1e-6)


@given(st.floats(0.01, 2000), st.integers(1, 1000))
def test_chi_square_is_scipys(x: float, df: int) -> None:
    assert tails.chi_square_above(x, df) == pytest.approx(stats.chi2.sf(x, df), rel=1e-9, abs=1e-200)


@given(st.floats(-50, 50), st.integers(1, 5000))
def test_student_is_scipys(t: float, df: int) -> None:
    assert tails.student_above(t, df) == pytest.approx(stats.t.sf(t, df), rel=1e-8, abs=1e-200)


@given(chances, st.integers(1, 5000))
def test_student_quantile_is_scipys(p: float, df: int) -> None:
    assert tails.student_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-7, abs=1e-9)


@given(st.floats(-8, 8), chances)
def test_normal_is_scipys(z: float, p: float) -> None:
    assert tails.normal_above(z) == pytest.approx(stats.norm.sf(z), rel=1e-12)
    assert tails.normal_quantile(p) == pytest.approx(stats.norm.ppf(p), rel=1e-9, abs=1e-9)
    assert tails.student_above(z, inf) == tails.normal_above(z)
    assert tails.student_quantile(p, inf) == tails.normal_quantile(p)


@given(st.floats(0, 1), st.floats(0.1, 500), st.floats(0.1, 500))
def test_incomplete_beta_is_scipys(x: float, a: float, b: float) -> None:
    assert tails.beta_below(x, a, b) == pytest.approx(special.betainc(a, b, x), rel=1e-8, abs=1e-14)


@given(st.integers(-1, 60), st.integers(1, 60), chances)
def test_binomial_is_scipys(k: int, n: int, p: float) -> None:
    assert tails.binomial_at_most(k, n, p) == pytest.approx(stats.binom.cdf(k, n, p), rel=1e-9, abs=1e-12)


def test_bounds_of_a_share_by_the_beta_quantile_are_clopper_and_pearsons() -> None:
    bounds = stats.binomtest(3, 20).proportion_ci(0.95, method="exact")
    assert tails.beta_quantile(0.025, 3, 18) == pytest.approx(bounds.low, rel=1e-9)
    assert tails.beta_quantile(0.975, 4, 17) == pytest.approx(bounds.high, rel=1e-9)


@given(st.floats(-1, 5))
def test_kolmogorov_is_scipys(x: float) -> None:
    assert tails.kolmogorov_above(x) == pytest.approx(stats.kstwobign.sf(x), rel=1e-9, abs=1e-14)
