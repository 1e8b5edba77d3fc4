"""A template with its fields becomes text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.tell.words.template import fill, length, names

DAY_US = 86_400_000_000


@pytest.mark.parametrize(
    ("template", "fields", "text"),
    [
        ("{rows:,} rows", {"rows": 103418}, "103,418 rows"),
        ("AUC {value}", {"value": 0.1 + 0.2}, "AUC 0.3"),
        ("one of {known}", {"known": ("a", "b", 0.5)}, "one of a, b, 0.5"),
        ("at {at_us:time}", {"at_us": 1_767_225_600_000_000}, "at 2026-01-01 00:00:00 UTC"),
        ("within {delay_us:length}", {"delay_us": 30 * DAY_US}, "within 30 days"),
        ("No {column}.[[ Did you mean {nearest}?]]", {"column": "ag", "nearest": "age"}, "No ag. Did you mean age?"),
        ("No {column}.[[ Did you mean {nearest}?]]", {"column": "ag", "nearest": None}, "No ag."),
        ("No {column}.[[ Did you mean {nearest}?]]", {"column": "ag"}, "No ag."),
        ("pip install 'tidemill[{extra}]'", {"extra": "sklearn"}, "pip install 'tidemill[sklearn]'"),
        ("[[{rows} rows put aside]]", {"rows": 0}, "0 rows put aside"),
    ],
)
def test_says_fields(template: str, fields: dict[str, object], text: str) -> None:
    assert fill(template, fields) == text


@pytest.mark.parametrize("template", ["{missing}", "{rows:%Q!}", "{rows.nothing}", "{}", "{rows", "{text:,}"])
def test_gives_nothing_where_a_field_is_missing_or_of_the_wrong_kind(template: str) -> None:
    assert fill(template, {"rows": 3, "text": "three"}) is None


def test_a_value_with_braces_or_brackets_is_said_as_it_is() -> None:
    assert fill("bad: {text}[[ ({text})]]", {"text": "{x} [[y]]"}) == "bad: {x} [[y]] ({x} [[y]])"


def test_names_the_needed_and_the_optional_fields() -> None:
    assert names("{column} of {where}[[ near {nearest} of {where}]]") == (
        frozenset({"column", "where"}),
        frozenset({"nearest"}),
    )


@pytest.mark.parametrize(
    ("us", "text"),
    [
        (DAY_US, "1 day"),
        (DAY_US // 2, "12 hours"),
        (90 * 60_000_000, "90 minutes"),
        (15_000_000, "15 seconds"),
        (250_000, "0.25 seconds"),
        (1_000_000, "1 second"),
        (0, "0 seconds"),
    ],
)
def test_a_length_is_said_in_its_largest_whole_unit(us: int, text: str) -> None:
    assert length(us) == text


@given(st.text(), st.dictionaries(st.sampled_from(["a", "b"]), st.none() | st.integers() | st.floats() | st.text()))
def test_never_raises_whatever_the_template(template: str, fields: dict[str, object]) -> None:
    assert isinstance(fill(template, fields), str | None)
