"""Names and values that are written into an expression are read again as what they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.spec import written
from tidemill.spec.expression import Column, Constant
from tidemill.spec.parse import parse

SIGNS = st.characters(blacklist_categories=("Cs", "Cc"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("age", "age"),
        ("default", "default"),
        ("emp.var.rate", '"emp.var.rate"'),
        ("case", '"case"'),
        ("나이", '"나이"'),
    ],
)
def test_names_stand_in_quotes_only_where_they_need_them(name: str, shown: str) -> None:
    assert written.name(name) == shown


@given(st.text(SIGNS, min_size=1, max_size=8).filter(str.strip))
def test_any_name_is_read_as_that_column(name: str) -> None:
    assert parse(written.name(name)).tree == Column(name=name)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1))
def test_any_number_is_read_as_the_very_same(number: float) -> None:
    tree = parse(written.number(number)).tree
    assert isinstance(tree, Constant)
    assert tree.value == number


@given(st.text(SIGNS, max_size=8))
def test_any_word_is_read_as_the_very_same(word: str) -> None:
    assert parse(written.text(word)).tree == Constant(value=word, type="text")
