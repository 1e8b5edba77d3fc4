"""Rankings: by score, or at random for a known share, with propensities that are true."""

from __future__ import annotations

from collections import Counter

import pytest
from scipy.stats import binomtest, chisquare

from tidemill.lifecycle.serve.rank import order


def test_by_falling_score_and_ties_as_listed() -> None:
    found = order([0.1, 0.5, 0.5, 0.9], top=3, explore=0.0, request="r")
    assert found.places == (3, 1, 2)
    assert found.propensities == (1.0, 1.0, 1.0)
    assert not found.explored


def test_fewer_candidates_than_wanted_are_all_shown() -> None:
    assert order([0.2], top=10, explore=0.0, request="r").places == (0,)
    assert order([], top=10, explore=0.5, request="r").places == ()


def test_the_same_request_is_explored_in_the_same_way() -> None:
    assert order([1.0, 2.0, 3.0], top=3, explore=0.5, request="r7") == order(
        [1.0, 2.0, 3.0], top=3, explore=0.5, request="r7"
    )


def test_the_declared_share_is_explored_and_any_item_may_come_first() -> None:
    n = 6_000
    found = [order([3.0, 2.0, 1.0], top=2, explore=0.2, request=f"r{k}") for k in range(n)]
    explored = [one for one in found if one.explored]
    assert binomtest(len(explored), n, 0.2).pvalue > 1e-4
    firsts = Counter(one.places[0] for one in explored)
    assert chisquare([firsts[place] for place in range(3)]).pvalue > 1e-4


@pytest.mark.parametrize("position", [0, 1])
def test_propensities_are_how_often_it_happens(position: int) -> None:
    n = 6_000
    found = [order([3.0, 2.0, 1.0], top=2, explore=0.4, request=f"r{k}") for k in range(n)]
    told: dict[int, float] = {one.places[position]: one.propensities[position] for one in found}
    seen = Counter(one.places[position] for one in found)
    assert sum(told.values()) == pytest.approx(1.0)
    for item, propensity in told.items():
        assert binomtest(seen[item], n, propensity).pvalue > 1e-4
