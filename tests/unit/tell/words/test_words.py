"""From a code with fields to a sentence and the way out."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest

from tidemill.tell import words
from tidemill.tell.words import sentence, way_out

ENGLISH = {
    "data.column-missing": (
        "{where} has no column {column}.[[ Did you mean {nearest}?]]",
        "Declare {column} or drop it.",
    ),
    "data.small": ("{rows} rows.", ""),
}
KOREAN = {"data.column-missing": ("{where}에 열 {column}이 없습니다.", "{column}을 선언하거나 빼십시오.")}


@pytest.fixture(autouse=True)
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """English words of two codes, Korean ones of the first."""
    modules = {"en": ModuleType("en"), "ko": ModuleType("ko")}
    monkeypatch.setattr(modules["en"], "CODES", ENGLISH, raising=False)
    monkeypatch.setattr(modules["ko"], "CODES", KOREAN, raising=False)
    monkeypatch.setattr(words, "find_spec", lambda name: name)
    monkeypatch.setattr(words, "import_module", lambda name: modules[name.split(".")[3]])
    words.codes.cache_clear()
    yield
    words.codes.cache_clear()


def test_says_what_is_the_case_and_the_way_out() -> None:
    fields = {"where": "events@v3", "column": "agee", "nearest": "age"}
    assert sentence("data.column-missing", fields) == "events@v3 has no column agee. Did you mean age?"
    assert way_out("data.column-missing", fields) == "Declare agee or drop it."


def test_speaks_korean_where_korean_is_written_else_english() -> None:
    fields = {"where": "events@v3", "column": "나이", "rows": 3}
    assert sentence("data.column-missing", fields, language="ko") == "events@v3에 열 나이이 없습니다."
    assert sentence("data.small", fields, language="ko") == "3 rows."


def test_nothing_to_do_is_an_empty_way_out() -> None:
    assert way_out("data.small", {"rows": 3}) == ""


@pytest.mark.parametrize("code", ["data.unheard-of", "tides.high", "nonsense", ""])
def test_a_code_without_words_is_said_as_code_and_fields(code: str) -> None:
    assert sentence(code, {"column": "x"}) == f"{code} (column='x')"
    assert sentence(code, {}) == code
    assert way_out(code, {}) == ""


def test_a_missing_field_is_no_second_error() -> None:
    assert sentence("data.column-missing", {"column": "x"}) == "data.column-missing (column='x')"
    assert way_out("data.column-missing", {}) == ""
