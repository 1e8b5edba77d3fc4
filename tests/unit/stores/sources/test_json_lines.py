"""JSON lines: values keep the kind that JSON gives them, lines may lack names, and a wrong line is named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tidemill.errors import SourceError
from tidemill.facts.data import ColumnType
from tidemill.spec.source import Files, FilesQuery
from tidemill.stores.sources.files import FilesQueryReader, FilesReader


def written(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, object]]:
    return [row for piece in FilesReader(Files(path=str(path))).slices("") for row in piece.rows.to_pylist()]


@pytest.mark.parametrize(
    ("values", "kind", "read"),
    [
        (["1", "-9223372036854775808"], "int", [1, -(2**63)]),
        (["1", "2.5"], "float", [1.0, 2.5]),
        (["1e3", "null"], "float", [1000.0, None]),
        (["12345678901234567890", "1"], "text", ["12345678901234567890", "1"]),
        (["12345678901234567890123", "1.5"], "text", ["12345678901234567890123", "1.5"]),
        (["true", "false"], "boolean", [True, False]),
        (['"1"', '"02"'], "text", ["1", "02"]),
        (['"1"', "2"], "text", ["1", "2"]),
        (["true", '"false"'], "text", ["true", "false"]),
        (['"2026-01-31"'], "date", [date(2026, 1, 31)]),
        (['"2026-01-31T09:00:00.5"'], "timestamp", [datetime.fromisoformat("2026-01-31T09:00:00.5")]),
        (['"2026-01-31T09:00:00+09:00"'], "timestamp", [datetime(2026, 1, 31, tzinfo=UTC)]),
        (["[1, null]", '{"a": "b"}'], "text", ["[1,null]", '{"a":"b"}']),
        (['""', '"\\u00e9\\n"'], "text", ["", "é\n"]),
        (["null"], "unknown", [None]),
    ],
)
def test_a_column_has_the_kind_of_all_its_values(
    tmp_path: Path, values: list[str], kind: str, read: list[object]
) -> None:
    path = written(tmp_path / "a.jsonl", *(f'{{"x": {value}}}' for value in values))
    assert FilesReader(Files(path=str(path))).columns() == (ColumnType(name="x", type=kind),)
    assert [row["x"] for row in rows(path)] == read


def test_names_come_in_order_of_appearance_and_may_be_lacking_or_strange(tmp_path: Path) -> None:
    path = written(tmp_path / "a.ndjson", '{"b": 1}', "  ", '{"a/~\\"": 2, "b": 3}')
    assert rows(path) == [{"b": 1, 'a/~"': None}, {"b": 3, 'a/~"': 2}]


def test_files_of_every_kind_are_one_table(tmp_path: Path) -> None:
    written(tmp_path / "a.csv", "id,x", "1,1.5")
    written(tmp_path / "b.jsonl", '{"id": 2, "x": 2}')
    table = (("raw", Files(path=str(tmp_path))),)
    (piece,) = FilesQueryReader(FilesQuery(sql="select * from raw order by id", tables=table)).slices("")
    assert piece.rows.to_pylist() == [{"id": 1, "x": 1.5}, {"id": 2, "x": 2.0}]
    assert FilesReader(Files(path=str(tmp_path))).misfits() == ()


@pytest.mark.parametrize("line", ['{"x": 1', "[1]", "7", '{"": 1}', "x"])
def test_a_line_that_is_no_object_is_named(tmp_path: Path, line: str) -> None:
    path = written(tmp_path / "a.jsonl", '{"x": 1}', line)
    with pytest.raises(SourceError) as error:
        rows(path)
    assert error.value.code == "source.file-unreadable"
    assert "line 2" in str(error.value.fields["reason"])


def test_a_file_of_blank_lines_is_empty(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as error:
        rows(written(tmp_path / "a.jsonl", "", ""))
    assert error.value.code == "source.file-empty"


def test_a_compressed_file_that_breaks_off_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00 not really")
    with pytest.raises(SourceError) as error:
        rows(path)
    assert error.value.code == "source.file-damaged"


def test_a_file_in_another_encoding_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"x": 1}\n{"x": "강남구"}\n'.encode("cp949"))
    with pytest.raises(SourceError) as error:
        rows(path)
    assert (error.value.code, error.value.fields["looks"]) == ("source.not-utf8", "CP949")
    assert (error.value.fields["line"], error.value.fields["place"]) == (2, 16)
