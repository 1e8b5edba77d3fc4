"""Which small files become one: few files at any time, each row written anew once a tier, large files left alone."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tidemill.facts.data import DataFile
from tidemill.stores.compact import FAN, LARGE, compacted, heaps
from tidemill.stores.tables.parquet import ParquetTables
from tidemill.testing.tables import draft, rows


def file(rows: int, size: int = 100, name: str = "") -> DataFile:
    return DataFile(digest=name, rows=rows, bytes=size)


@given(st.lists(st.integers(0, 5_000), max_size=400))
@settings(max_examples=30)
def test_a_lake_that_grows_has_few_files_and_writes_each_row_once_a_tier(sizes: list[int]) -> None:
    lake, written, name = list[DataFile](), 0, count()
    for size in sizes:
        lake.append(file(size, name=f"{next(name)}"))
        found = heaps(lake)
        assert [one for heap in found for one in heap.files] == lake
        written += sum(heap.rows for heap in found if len(heap.files) > 1)
        lake = [file(heap.rows, name=f"{next(name)}") for heap in found]
        tiers = 1 + max(heap.tier for heap in found)
        assert len(lake) <= (FAN - 1) * (tiers + 1)
    assert written <= sum(sizes) * 6
    assert sum(one.rows for one in lake) == sum(sizes)


def test_many_small_files_of_a_lake_that_never_put_any_together_come_to_few_at_once() -> None:
    found = heaps([file(1) for _ in range(10_000)])
    assert [heap.rows for heap in found] == [4096, 4096] + [256] * 7 + [16]
    assert heaps([one for heap in found for one in heap.files]) == found


def test_large_files_are_left_alone_and_nothing_is_put_together_across_them() -> None:
    some = [file(1)] * (FAN - 1)
    assert all(len(heap.files) == 1 for heap in heaps([*some, file(1, LARGE), *some]))
    assert len(heaps([*some, file(1, LARGE), *some, file(1)])) == FAN + 1


def test_a_lost_file_keeps_nothing_from_landing(tmp_path: Path) -> None:
    tables, version = ParquetTables(tmp_path), None
    for n in range(FAN):
        version = tables.commit(draft(tables.stage("events", rows(n), time="at")), version)
    assert version is not None
    tables.paths(version.files[:1])[0].unlink()
    after = tables.commit(draft(tables.stage("events", rows(99), time="at")), version)
    assert after.files[:-1] == version.files
    assert compacted(after, tables).files == after.files


def test_a_column_that_came_later_is_null_before(tmp_path: Path) -> None:
    tables, version = ParquetTables(tmp_path), None
    for n in range(FAN + 1):
        extra = {} if n < 8 else {"extra": pa.array([None], pa.null()) if n < 12 else ["x"]}
        table = pa.table({"n": [n], **extra})
        version = tables.commit(draft(tables.stage("events", table, time="at")), version)
    assert version is not None
    assert len(version.files) == 2
    assert tables.read(version.files)["extra"].to_pylist() == [None] * 12 + ["x"] * 5
