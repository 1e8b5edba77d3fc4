"""Numbers as they are written in marks and tables."""

from __future__ import annotations

import pytest

from tidemill.tell.draw import number


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.960455, "0.9605"), (0.00123, "0.00123"), (41_188, "41,188"), (1972, "1972"), (-11_062.06, "-11,062"),
        (0.0, "0"), (1.5e12, "1.5e+12"),
        (2.10, "2.1"), (None, "–"), (float("nan"), "–"), (0.00001, "1e-05"), (7, "7"), (999.96, "1000"),
    ],
)  # fmt: skip
def test_amounts_have_so_many_digits_and_years_stay_years(value: float | None, shown: str) -> None:
    assert number.amount(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.264, "26 %"),
        (0.003, "0.3 %"),
        (0.00001, "< 0.1 %"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (-0.05, "−5 %"),
        (None, "–"),
    ],
)
def test_shares_are_in_percent(value: float | None, shown: str) -> None:
    assert number.share(value).replace(number.THIN, " ") == shown


def test_figures_have_the_same_places_and_their_interval_in_brackets() -> None:
    assert (number.fixed(0.77), number.fixed(-0.0271), number.fixed(None)) == ("0.770", "−0.027", "–")
    assert number.between(0.1, 0.25) == "(0.100 to 0.250)"
    assert number.between(None, 0.25) == ""


def test_ticks_have_the_places_that_tell_them_apart() -> None:
    assert number.ticks((0.5, 0.55, 0.6)) == ("0.50", "0.55", "0.60")
    assert number.ticks((0, 20_000, 1_500_000)) == ("0", "20k", "1.5M")
    assert number.ticks(()) == ()
