"""Codes of keys agree exactly where all key columns do, and null agrees with nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.errors import DataError
from tidemill.features.keys import by_code, factorise, value_codes
from tidemill.features.rows import Values

Key = tuple[int | str | None, ...]

NUMBERS = st.none() | st.integers(-2, 2) | st.sampled_from([-(2**62), 2**62, 2**63 - 1])
TEXTS = st.none() | st.sampled_from(["", "a", "b", "1"])


def columns(keys: list[Key], kinds: str) -> list[Values]:
    return [column([key[place] for key in keys], kind) for place, kind in enumerate(kinds)]


def column(cells: list[int | str | None], kind: str) -> Values:
    missing = np.array([cell is None for cell in cells], np.bool_)
    data = np.empty(len(cells), object if kind == "t" else np.int64)
    data[:] = cells if kind == "t" else [cell or 0 for cell in cells]
    return Values(data=data, missing=missing)


@st.composite
def keyed(draw: st.DrawFn) -> tuple[str, list[Key], list[Key]]:
    kinds = draw(st.sampled_from(["n", "t", "nt", "nn", "tnt"]))
    key = st.tuples(*(TEXTS if kind == "t" else NUMBERS for kind in kinds))
    return kinds, draw(st.lists(key, max_size=12)), draw(st.lists(key, max_size=12))


@given(given=keyed())
def test_codes_are_equal_exactly_where_all_columns_are(given: tuple[str, list[Key], list[Key]]) -> None:
    kinds, rows, asks = given
    row_codes, ask_codes = factorise(columns(rows, kinds), columns(asks, kinds))
    for codes, keys in ((row_codes, rows), (ask_codes, asks)):
        for code, key in zip(codes.tolist(), keys, strict=True):
            for other, asked in zip(ask_codes.tolist(), asks, strict=True):
                assert (code == other >= 0) == (key == asked and None not in key)
            assert code >= 0 or None in key or key not in asks
    assert set(row_codes.tolist()) - {-1} <= set(range(len(set(asks))))


def test_numbers_that_files_with_nulls_keep_as_floats_are_whole_numbers() -> None:
    floats = Values(data=np.array([17850.0, np.nan, 3.0]), missing=np.array([False, True, False]))
    rows, asks = factorise([floats], [column([3, 17850], "n")])
    assert [asks[0] == rows[2], asks[1] == rows[0], rows[1]] == [True, True, -1]


@pytest.mark.parametrize(
    ("rows", "asks"),
    [
        (column([1], "n"), column(["1"], "t")),
        (Values.whole(np.array([0.5])), column([1], "n")),
        (Values.whole(np.array([1], "M8[D]")), column([1], "n")),
    ],
)
def test_keys_that_cannot_be_compared_are_refused(rows: Values, asks: Values) -> None:
    with pytest.raises(DataError) as raised:
        factorise([column([1], "n"), rows], [column([1], "n"), asks])
    assert raised.value.code == "data.key-kind"
    assert raised.value.fields["column"] == 2


@given(codes=st.lists(st.integers(0, 3) | st.integers(0, 2**40), min_size=1, max_size=30))
def test_by_code_is_a_stable_sort(codes: list[int]) -> None:
    backwards = np.arange(len(codes))[::-1]
    found = by_code(np.array(codes, np.int64), backwards)
    assert found.tolist() == sorted(backwards.tolist(), key=lambda place: codes[place])


def test_values_get_one_code_each_and_none_for_what_is_not_there() -> None:
    numbers = value_codes(Values.whole(np.array([2.5, np.nan, 0.0, -0.0, np.inf, 2.5])))
    assert [numbers[0] == numbers[5], numbers[2] == numbers[3], numbers[1], numbers[4]] == [True, True, -1, -1]
    assert set(numbers.tolist()) == {-1, 0, 1}
    words = value_codes(column(["b", None, "a", "b"], "t"))
    assert [words[0] == words[3], words[1], len(set(words.tolist()))] == [True, -1, 3]
