"""Functions on the request: their text stands alone, without the file they were written in."""

from __future__ import annotations

import math
from datetime import date, datetime
from math import floor as down

import pytest

from tidemill.spec.scalar import on_request_view, text_of

NIGHT = (22, 5)


def at_night(asked_at: datetime) -> bool:
    return asked_at.hour >= NIGHT[0] or asked_at.hour < NIGHT[1]


def log_amount(amount: float | None) -> float | None:
    """The logarithm, None for none."""
    import statistics

    return None if amount is None else statistics.mean([math.log(amount), math.log(amount)])


def steps(amount: float, start: date = date(2020, 1, 1)) -> int:
    return down(amount) + start.year


def quoted(state: str) -> str | None:
    return state.upper() or None


@pytest.mark.parametrize(
    ("function", "arguments", "returns"),
    [
        (at_night, (datetime(2026, 1, 1, 23),), "boolean"),  # noqa: DTZ001 - the hour counts
        (log_amount, (math.e,), "float"),
        (steps, (3.7,), "int"),
        (quoted, ("by",), "text"),
    ],
)
def test_the_code_runs_alone_and_gives_the_same(function: object, arguments: tuple[object, ...], returns: str) -> None:
    view = on_request_view(function)  # type: ignore[arg-type]  # several signatures
    assert view.returns == returns
    scope: dict[str, object] = {}
    exec(compile(view.code, "bundle", "exec"), scope)
    assert scope[view.name](*arguments) == function(*arguments)  # type: ignore[operator]  # several signatures


def test_the_code_names_only_what_the_function_reads() -> None:
    assert text_of(at_night).before == ("from datetime import datetime as datetime", "NIGHT = (22, 5)")
    assert on_request_view(at_night).parameters == ("asked_at",)


def test_decorators_are_left_behind() -> None:
    import tidemill as tm

    system = tm.System("kit", owner="a@b.example")

    @system.on_request
    def is_dear(amount: int) -> bool:
        return amount > 5

    assert is_dear.code.splitlines()[-2:] == ["def is_dear(amount: int) -> bool:", "    return amount > 5"]
