"""A share is beyond its promise only where chance cannot be meant: against exact binomial tails."""

from __future__ import annotations

import pytest
from scipy import stats

from tidemill.measure.contract.chance import RARE, divergence, exceeds


@pytest.mark.parametrize("n", [1, 7, 50, 400, 10_000])
@pytest.mark.parametrize("most", [0.001, 0.01, 0.2, 0.7])
def test_a_kept_promise_is_called_broken_less_often_than_once_in_ten_thousand(n: int, most: float) -> None:
    first = next((hits for hits in range(n + 1) if exceeds(hits, n, most)), None)
    if first is not None:
        assert stats.binom.sf(first - 1, n, most) <= RARE
        assert all(exceeds(hits, n, most) for hits in range(first, n + 1))


@pytest.mark.parametrize(("n", "most"), [(400, 0.01), (10_000, 0.001), (10_000, 0.2)])
def test_three_times_what_was_promised_is_noticed_once_rows_tell(n: int, most: float) -> None:
    first = next(hits for hits in range(n + 1) if exceeds(hits, n, most))
    assert first <= 3 * most * n + 12
    assert stats.binom.sf(first - 1, n, most) > RARE / 100, "the bound gives little away"


def test_the_divergence_is_that_of_scipy() -> None:
    for seen, promised in [(0.3, 0.1), (0.0, 0.4), (1.0, 0.4), (0.5, 0.5)]:
        assert divergence(seen, promised) == pytest.approx(
            stats.entropy([seen, 1 - seen], [promised, 1 - promised]), abs=1e-12
        )


def test_none_promised_is_broken_by_one_and_nothing_by_no_rows() -> None:
    assert exceeds(1, 1_000_000, 0.0)
    assert not exceeds(0, 10, 0.0)
    assert not exceeds(0, 0, 0.0)
    assert not exceeds(5, 5, 1.0)
