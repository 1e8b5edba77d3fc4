"""The name that was probably meant: near in spelling, whatever its case and the blanks around it."""

from __future__ import annotations

import pytest

from tidemill.spec.nearest import nearest


@pytest.mark.parametrize(
    ("name", "meant"), [("amuont", "amount"), ("AMOUNT", "amount"), ("t", " T "), (" t", " T "), ("colour", None)]
)
def test_the_nearest_name(name: str, meant: str | None) -> None:
    assert nearest(name, ["id", " T ", "amount"]) == meant
