"""What is told of words, found by looking at them together, against a look at each."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tidemill.facts.data import Finding
from tidemill.measure.column import read
from tidemill.measure.profile import profile
from tidemill.measure.survey.table import Table
from tidemill.measure.survey.texts import NOTHING, text_findings

WORDS = st.text(st.sampled_from(list("abAB ßS\t\0\xa0_")), max_size=4) | st.sampled_from(["n/a", " NULL ", "N/A", "?"])
AMOUNTS = st.sampled_from(["0", "1", "-2.5", "1e3", "0.5", "007", "1_000", "٣", "0٣", "inf", "x", " 7 ", "-01", "00"])


def told(words: list[str]) -> dict[str, Finding]:
    """The findings of a text column with these values, by their codes."""
    column = read(np.array(words, object))
    table = Table(name="t", columns={"c": column}, types={"c": "text"})
    return {one.code: one for one in text_findings(table, profile("c", "text", column), column)}


@given(st.lists(WORDS, min_size=2, max_size=30))
def test_words_alike_but_for_case_and_spaces_are_counted_as_one_by_one(words: list[str]) -> None:
    alike = defaultdict(set)
    for word in words:
        alike[" ".join(word.casefold().split())].add(word)
    several = [group for group in alike.values() if len(group) > 1]
    found = told(words).get("finding.spellings")
    assert (found is not None) == bool(several)
    if found is not None:
        rows = sum(words.count(word) for group in several for word in group)
        assert (found.fields["words"], found.fields["rows"]) == (len(several), rows)


@given(st.lists(WORDS, min_size=2, max_size=30).filter(lambda words: len(set(words)) > 1))
def test_words_for_nothing_are_counted_as_one_by_one(words: list[str]) -> None:
    rows = sum(word.strip().casefold() in NOTHING for word in words)
    found = told(words).get("finding.words-for-nothing")
    assert (0 if found is None else found.fields["rows"]) == rows


@given(st.lists(AMOUNTS, max_size=8))
def test_words_that_are_no_amounts_are_counted_among_those_that_are(others: list[str]) -> None:
    """Most are amounts, so the column is one of numbers kept as text."""
    words = [str(number) for number in range(300)] + others
    none = Counter(word for word in others if not amount(word))
    found = told(words)["finding.numbers-as-text"]
    assert found.fields.get("rows", 0) == sum(none.values())


def amount(word: str) -> bool:
    """By hand: what Python reads as a number, but no code with a leading zero and no underline."""
    try:
        float(word)
    except ValueError:
        return False
    return "_" not in word and not (len(word) > 1 and word[0] == "0" and word[1].isdigit())
