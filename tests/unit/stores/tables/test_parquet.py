"""Dataset versions whose files were damaged, taken away, or left half-way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tidemill.errors import StoreError
from tidemill.facts.data import DatasetVersion
from tidemill.stores.tables.parquet import ParquetTables
from tidemill.testing.tables import draft, rows


@pytest.fixture
def tables(tmp_path: Path) -> ParquetTables:
    return ParquetTables(tmp_path)


@pytest.fixture
def version(tables: ParquetTables) -> DatasetVersion:
    return tables.commit(draft(tables.stage("events", rows(1, 2), time="at")), None)


def code(call: Callable[[], object]) -> tuple[str, str]:
    """The error's code and the name of the file it names."""
    with pytest.raises(StoreError) as caught:
        call()
    return caught.value.code, Path(str(caught.value.fields["path"])).name


def test_lies_where_the_docs_say(tables: ParquetTables, version: DatasetVersion, tmp_path: Path) -> None:
    digest = version.files[0].digest
    assert tables.paths(version.files) == (tmp_path / "files" / digest[:2] / f"{digest}.parquet",)
    assert (tmp_path / "manifests" / "events" / "v00000001.json").is_file()


def test_is_zstd_parquet_of_many_rows_a_group(tables: ParquetTables, version: DatasetVersion) -> None:
    group = pq.ParquetFile(tables.paths(version.files)[0]).metadata.row_group(0)
    assert {group.column(n).compression for n in range(group.num_columns)} == {"ZSTD"}


def test_a_dictionary_is_made_only_of_values_that_repeat(tables: ParquetTables) -> None:
    count = 20_000
    columns = {
        "id": pa.array(range(count), pa.int64()),
        "noise": [n * 0.7 for n in range(count)],
        "town": [f"town {n % 900}" for n in range(count)],
        "run": [n // 30 for n in range(count)],
        "none": pa.nulls(count),
        "list": [[n] for n in range(count)],
    }
    file = tables.stage("events", pa.table(columns), time="at")
    group = pq.ParquetFile(tables.paths([file])[0]).metadata.row_group(0)
    coded = {
        group.column(n).path_in_schema.split(".")[0]: group.column(n).has_dictionary_page
        for n in range(group.num_columns)
    }
    assert {name: coded[name] for name in ("id", "noise", "town", "run")} == {
        "id": False,
        "noise": False,
        "town": True,
        "run": True,
    }
    assert tables.read([file]).to_pydict()["list"][7] == [7]


def test_a_corrupt_manifest_is_named(tables: ParquetTables, version: DatasetVersion, tmp_path: Path) -> None:
    place = tmp_path / "manifests" / "events" / "v00000001.json"
    place.chmod(0o644)
    place.write_bytes(place.read_bytes()[:-20])
    assert code(lambda: tables.newest("events")) == ("store.manifest-corrupt", "v00000001.json")
    assert tables.datasets() == ("events",)


def test_a_damaged_or_missing_data_file_is_named(tables: ParquetTables, version: DatasetVersion) -> None:
    (place,) = tables.paths(version.files)
    place.chmod(0o644)
    place.write_bytes(place.read_bytes() + b"x")
    assert code(lambda: tables.read(version.files)) == ("store.data-file-corrupt", place.name)
    place.unlink()
    assert code(lambda: tables.read(version.files)) == ("store.data-file-missing", place.name)
    assert code(lambda: tables.commit(draft(*version.files), version)) == ("store.data-file-missing", place.name)
    tables.stage("events", rows(1, 2), time="at")
    assert tables.read(version.files) == rows(1, 2)


def test_what_a_crash_left_behind_is_no_version(tables: ParquetTables, version: DatasetVersion, tmp_path: Path) -> None:
    home = tmp_path / "manifests" / "events"
    (home / ".v00000002.json.1234abcd.part").write_bytes(b"half")
    (home / "v2.json").write_bytes(b"somebody's")
    tables.stage("events", rows(3), time="at")
    assert tables.newest("events") == version


def test_files_of_many_row_groups_keep_their_order(tables: ParquetTables) -> None:
    many = pa.table({"n": pa.array(range(300_000), pa.int64())})
    file = tables.stage("events", many, time="at")
    assert tables.read([file], ["n"])["n"].to_pylist() == list(range(300_000))
