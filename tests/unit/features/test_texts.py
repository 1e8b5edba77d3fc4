"""Texts character by character, against DuckDB's own functions and a plain matcher."""

from __future__ import annotations

import sys
import time

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.features.buckets import bucket_names
from tidemill.features.texts import like, lower, upper


def test_every_letter_has_the_case_that_duckdb_gives_it() -> None:
    found = duckdb.execute(
        "SELECT c, lower(c), upper(c) FROM (SELECT chr(unnest(range(1, 55296) || range(57344, 1114112))::INT) c) "
        "WHERE lower(c) <> c OR upper(c) <> c"
    ).fetchall()
    cased = {c: (low, up) for c, low, up in found}
    ours = [c for c in map(chr, range(1, sys.maxunicode + 1)) if c.lower() != c or c.upper() != c]
    assert {c: (lower(c), upper(c)) for c in {*cased, *ours}} == {c: cased.get(c, (c, c)) for c in {*cased, *ours}}
    assert len(cased) > 2_500


def matches(pattern: str, text: str) -> bool:
    """The definition of LIKE, by dynamic programming over prefixes."""
    reach = [True] + [False] * len(text)
    for sign in pattern:
        if sign == "%":
            reach = [any(reach[: end + 1]) for end in range(len(text) + 1)]
        else:
            reach = [False, *(reach[end] and sign in ("_", text[end]) for end in range(len(text)))]
    return reach[-1]


@given(st.text("ab%_.\n", max_size=7), st.text("ab.%\n", max_size=9))
def test_like_is_its_definition(pattern: str, text: str) -> None:
    assert like(pattern)(text) == matches(pattern, text)


def test_no_text_makes_a_pattern_slow() -> None:
    start = time.process_time()
    assert not like("%a%a%a%a%a%a%a%a%b")("a" * 20_000)
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize(
    ("edges", "names"),
    [
        ([20, 30], ("<20", "20-30", "30+")),
        ([0.5], ("<0.5", "0.5+")),
        ([-5, 0, 1e6], ("<-5", "-5-0", "0-1000000", "1000000+")),
    ],
)
def test_buckets_are_named_by_their_edges(edges: list[float], names: tuple[str, ...]) -> None:
    assert bucket_names(edges) == names
