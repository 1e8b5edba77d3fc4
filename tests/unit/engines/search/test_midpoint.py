"""The middle of each range."""

from __future__ import annotations

import pytest

from tidemill.engines.search.midpoint import Midpoint
from tidemill.spec.model import Parameter, Tunable


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (Parameter(name="p", type="int", default=7), 7),
        (Parameter(name="p", type="text", default=None), None),
        (Parameter(name="p", type="int", tunable=Tunable(low=15, high=127)), 71),
        (Parameter(name="p", type="int", tunable=Tunable(low=0, high=5)), 2),
        (Parameter(name="p", type="float", tunable=Tunable(low=0.0, high=0.5)), 0.25),
        (Parameter(name="p", type="float", tunable=Tunable(low=0.01, high=1.0, log=True)), 0.1),
        (Parameter(name="p", type="int", tunable=Tunable(low=10, high=1000, log=True)), 100),
        (Parameter(name="p", type="text", tunable=Tunable(choices=("a", "b", "c"))), "b"),
        (Parameter(name="p", type="text", tunable=Tunable(choices=("a", "b"))), "a"),
    ],
)
def test_proposes_the_middle(parameter: Parameter, value: object) -> None:
    found = Midpoint().ask([parameter])["p"]
    assert found == (pytest.approx(value) if isinstance(value, float) else value)
    assert type(found) is type(value)


def test_hearing_how_it_did_changes_nothing() -> None:
    search, parameters = Midpoint(), [Parameter(name="p", type="int", tunable=Tunable(low=1, high=9))]
    search.tell(search.ask(parameters), 0.1)
    assert search.ask(parameters) == {"p": 5}
