"""Rows without a key: of a source that is read whole again, just those land that came since, equal ones too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tidemill as tm
from tests.street import Street
from tidemill.spec.source import Files
from tidemill.stores.sources.files import FilesReader

A, B, C = ("2026-01-01,1", "2026-01-02,", "2026-01-03,3")
Extract = Callable[[Mapping[str, list[str]]], Counter[str]]


@pytest.fixture
def extract(tmp_path: Path) -> Extract:
    """Extracts a folder with those lines in files of those names; what the dataset holds then."""
    return extracting(tmp_path)


def extracting(place: Path) -> Extract:
    system = tm.System("shop", owner="owner@shop.example", zone="UTC")
    system.source("events", tm.files("events"), time="at")
    mill = Street(system, {})
    reader = FilesReader(Files(path=str(place)))
    mill.ctx = replace(mill.ctx, open_source=lambda table: reader)

    def landed(files: Mapping[str, list[str]]) -> Counter[str]:
        for old in place.glob("*.csv"):
            old.unlink()
        for name, lines in files.items():
            head, *rows = lines if lines[0].startswith("at") else ["at,n", *lines]
            (place / f"{name}.csv").write_text("\n".join([head, *rows]) + "\n")
        mill.extract("events")
        rows = mill.landed("events").to_pylist()
        return Counter(f"{row['at']:%Y-%m-%d},{'' if row['n'] is None else row['n']}" for row in rows)

    return landed


def test_a_file_that_grew_brings_the_rows_that_were_appended(extract: Extract) -> None:
    assert extract({"l": [A, A, B]}) == {A: 2, B: 1}
    assert extract({"l": [A, A, B, B, B, C]}) == {A: 2, B: 3, C: 1}
    assert extract({"l": [A, A, B, B, B, C, A]}) == {A: 3, B: 3, C: 1}
    assert extract({"l": [A]}) == {A: 3, B: 3, C: 1}, "what is gone from a file has happened all the same"


def test_equal_rows_are_counted_over_all_files(extract: Extract) -> None:
    assert extract({"1": [A, B], "2": [A]}) == {A: 2, B: 1}
    assert extract({"1": [A, B, B], "2": [A]}) == {A: 2, B: 2}
    assert extract({"1": [A, B, B], "2": [A, A]}) == {A: 3, B: 2}
    assert extract({"1": [A, B, B], "2": [A, A], "3": [A, C]}) == {A: 4, B: 2, C: 1}


def test_a_column_that_is_new_makes_other_rows_only_where_it_has_a_value(extract: Extract) -> None:
    assert extract({"l": [A, A, B]}) == {A: 2, B: 1}
    assert extract({"l": ["at,n,of", f"{A},", f"{A},x", f"{A},", f"{A},", f"{B},", f"{B},y"]}) == {A: 4, B: 2}
    assert extract({"l": ["at,n,of", f"{A},x", f"{A},x", f"{A},", f"{A},", f"{A},", f"{B},", f"{B},y"]}) == {A: 5, B: 2}


LINES = st.lists(st.sampled_from([A, B, C]), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None)
@given(folders=st.lists(st.dictionaries(st.sampled_from(["1", "2", "3"]), LINES, min_size=1), min_size=1, max_size=3))
def test_no_pass_lands_less_or_more_than_was_ever_there_at_once(
    tmp_path_factory: pytest.TempPathFactory, folders: list[dict[str, list[str]]]
) -> None:
    extract = extracting(tmp_path_factory.mktemp("folder"))
    most: Counter[str] = Counter()
    before: dict[str, list[str]] = {}
    for files in folders:
        if all(files.get(name) == lines for name, lines in before.items()):  # just new files: their rows are all new
            most += Counter(line for name, lines in files.items() if name not in before for line in lines)
        else:
            most |= Counter(line for lines in files.values() for line in lines)
        assert extract(files) == most
        before = files
