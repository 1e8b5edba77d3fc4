"""Drift against closed forms, scipy, and a stable year."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tidemill.measure.bins import count, freeze
from tidemill.measure.column import read
from tidemill.measure.drift import chance, chi_square, drift, drift_of, psi, reference, verdict

RANDOM = np.random.default_rng(9)


@pytest.mark.parametrize(("bins", "known"), [(10, 0.926), (2000, 1.0)])
def test_psi_of_a_shift_by_one_deviation_is_the_known_one(bins: int, known: float) -> None:
    cuts = stats.norm.ppf(np.linspace(0, 1, bins + 1))
    then, now = (np.diff(stats.norm.cdf(cuts, mean)) * 1e12 for mean in (0, 1))
    assert psi(then, now) == pytest.approx(known, abs=0.01)


@pytest.mark.parametrize("shift", [0.17, 0.32, 0.5])
def test_psi_is_about_the_squared_shift(shift: float, random: np.random.Generator) -> None:
    before = reference(read(random.normal(0, 1, 200_000)))
    found = drift(before, read(random.normal(shift, 1, 200_000)))
    assert found.psi_adjusted == pytest.approx(shift**2, rel=0.12)


@given(st.lists(st.tuples(st.integers(5, 200), st.integers(5, 200)), min_size=2, max_size=12))
def test_chi_square_is_scipys(pairs: list[tuple[int, int]]) -> None:
    then, now = (np.array(side) for side in zip(*pairs, strict=True))
    oracle = stats.chi2_contingency([then, now], correction=False)
    assert chi_square(then, now) == pytest.approx(oracle.statistic, rel=1e-9, abs=1e-9)


def test_p_and_moved_are_those_of_the_counts() -> None:
    before = reference(read(np.array(["a"] * 600 + ["b"] * 400)), windows=())
    found = drift(before, read(np.array(["a"] * 250 + ["b"] * 250)))
    oracle = stats.chi2_contingency([[600, 400], [250, 250]], correction=False)
    assert found.p == pytest.approx(oracle.pvalue, rel=1e-9)
    assert found.moved == pytest.approx(0.1)
    assert (found.names, found.then[0], found.now[0], found.n) == (("a", "b", "other", "new", "null"), 0.6, 0.5, 500)


def test_chance_adds_what_the_adjustment_takes_off(random: np.random.Generator) -> None:
    plain: list[float] = []
    adjusted: list[float] = []
    p = []
    values = random.normal(size=20_000)
    before = reference(read(values), windows=())
    for _ in range(300):
        found = drift(before, read(random.normal(size=500)))
        plain.append(found.psi or 0.0)
        adjusted.append(found.psi_adjusted or 0.0)
        p.append(found.p)
    assert np.mean(plain) == pytest.approx(chance(np.ones(20) * 1000, np.ones(20) * 25), rel=0.1)
    assert abs(np.mean(adjusted)) < 0.1 * np.mean(plain)
    assert stats.kstest(p, "uniform").pvalue > 0.001


def test_restless_days_raise_phi_and_stay_silent(random: np.random.Generator) -> None:
    days = [random.normal(random.normal(0, 0.3), 1, 500) for _ in range(60)]
    windows = [slice(500 * i, 500 * (i + 1)) for i in range(40)]
    before = reference(read(np.concatenate(days[:40])), windows=windows)
    assert before.phi > 2
    assert before.usual > 0.05
    alarms = [verdict(drift(before, read(day)), 0.03, columns=1) for day in days[40:]]
    assert alarms.count("failed") <= 1
    calm = reference(read(random.normal(size=20_000)), windows=windows)
    assert calm.phi < 1.3


@pytest.mark.parametrize(
    ("now", "outcome"),
    [
        (RANDOM.normal(0, 1, 2000), "passed"),
        (RANDOM.normal(1, 1, 2000), "failed"),
        (RANDOM.normal(0, 1, 99), "undecided"),
        (np.zeros(0), "undecided"),
        (np.full(2000, np.nan), "failed"),
        (np.where(np.arange(2000) == 0, 1e10, RANDOM.normal(0, 1, 2000)), "passed"),
    ],
)
def test_a_column_passes_fails_or_is_undecided(now: Any, outcome: str, random: np.random.Generator) -> None:
    before = reference(read(random.normal(0, 1, 10_000)))
    assert verdict(drift(before, read(now)), 0.25, columns=10) == outcome


def test_new_texts_rare_texts_and_nulls_have_bins_of_their_own() -> None:
    texts = [f"t{i}" for i in range(30) for _ in range(40 - i)]
    bins = freeze(read(np.array(texts)))
    counts = dict(zip(bins.names, count(bins, read(np.array(["t0", "t29", "new", None], object))), strict=True))
    assert (counts["t0"], counts["other"], counts["new"], counts["null"]) == (1, 1, 1, 1)
    assert len(bins.names) == 23


def test_few_numbers_are_atoms_and_a_value_between_them_is_other() -> None:
    bins = freeze(read(np.array([0, 1, 1, 0])))
    assert bins.names == ("0", "1", "other", "null")
    assert count(bins, read(np.array([0.5, 1.0, 2.0, np.nan, -1.0]))).tolist() == [0, 1, 3, 1]


@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=80),
    st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=40),
    st.integers(0, 40),
)
def test_every_row_is_counted_once_and_windows_add_up(then: list[float], now: list[float], cut: int) -> None:
    bins = freeze(read(np.array(then)))
    whole = count(bins, read(np.array(now, float)))
    parts = [count(bins, read(np.array(part, float))) for part in (now[:cut], now[cut:])]
    assert whole.sum() == len(now)
    assert (parts[0] + parts[1]).tolist() == whole.tolist()
    found = drift_of(reference(read(np.array(then))), whole)
    assert found.psi is None or np.isfinite(found.psi)


def test_a_mass_on_zero_keeps_its_bin(random: np.random.Generator) -> None:
    zero = np.where(random.random(10_000) < 0.6, 0.0, random.exponential(1, 10_000))
    less = np.where(random.random(5_000) < 0.4, 0.0, random.exponential(1, 5_000))
    found = drift(reference(read(zero)), read(less))
    assert found.moved == pytest.approx(0.2, abs=0.03)
