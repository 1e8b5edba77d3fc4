"""CSV and Parquet files: types by all values, what counts as new, and everything that can go wrong."""

from __future__ import annotations

import csv as csvs
import gzip
import os
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidemill.errors import SourceError
from tidemill.ports.source import Slice
from tidemill.spec.source import Files, FilesQuery
from tidemill.stores import filerows
from tidemill.stores.arrow import AWARE, NAIVE
from tidemill.stores.sources.files import FilesQueryReader, FilesReader


def csv(place: Path, *lines: str) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place


def read(path: Path | str, cursor: str = "") -> list[Slice]:
    return list(FilesReader(Files(path=str(path))).slices(cursor))


def query(sql: str, **tables: Path) -> FilesQueryReader:
    return FilesQueryReader(
        FilesQuery(sql=sql, tables=tuple((name, Files(path=str(path))) for name, path in tables.items()))
    )


def code(call: Callable[[], object]) -> str:
    with pytest.raises(SourceError) as caught:
        call()
    return caught.value.code.removeprefix("source.")


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["1", "-2", "", "0"], pa.int64(), [1, -2, None, 0]),
        (["9223372036854775807", "9223372036854775808"], pa.string(), ["9223372036854775807", "9223372036854775808"]),
        (["20251126000000000001", "-9223372036854775809"], pa.string(), [f"{20251126000000000001}", f"{-2**63 - 1}"]),
        (["1.5", "20251126000000000001"], pa.string(), ["1.5", "20251126000000000001"]),
        (["1.5", "1e20", "100000000000000000000.0"], pa.float64(), [1.5, 1e20, 1e20]),
        (["1", "2.5", "1e3", "-.5", "0.25"], pa.float64(), [1.0, 2.5, 1000.0, -0.5, 0.25]),
        (["01234", "2"], pa.string(), ["01234", "2"]),
        (["1", "n/a"], pa.string(), ["1", "n/a"]),
        (["true", "False", ""], pa.bool_(), [True, False, None]),
        (["2026-01-02", "2026-02-29"], pa.string(), ["2026-01-02", "2026-02-29"]),
        (["2026-01-02", "2024-02-29"], pa.date32(), [date(2026, 1, 2), date(2024, 2, 29)]),
        (["31/12/2026"], pa.string(), ["31/12/2026"]),
        (["2026-01-02 03:04", "2026-01-02T03:04:05.5"], NAIVE, ["2026-01-02 03:04", "2026-01-02 03:04:05.5"]),
        (["2026-01-02", "2026-01-02T03:04:05", ""], NAIVE, ["2026-01-02", "2026-01-02 03:04:05", None]),
        (["2026-02-29", "2026-01-02T03:04:05"], pa.string(), ["2026-02-29", "2026-01-02T03:04:05"]),
        (["2026-01-02T03:04:05Z", "2026-01-02 12:04:05+09:00"], AWARE, ["2026-01-02 03:04:05Z"] * 2),
        (["2026-01-02 03:04", "2026-01-02T03:04:05Z"], pa.string(), ["2026-01-02 03:04", "2026-01-02T03:04:05Z"]),
        (["nan", "inf"], pa.string(), ["nan", "inf"]),
        ([" 1"], pa.string(), [" 1"]),
        (["", ""], pa.null(), [None, None]),
    ],
)  # fmt: skip
def test_a_csv_column_is_what_all_of_its_values_are(
    tmp_path: Path, values: list[str], kind: pa.DataType, expected: list[object]
) -> None:
    (piece,) = read(csv(tmp_path / "t.csv", "id,c", *(f"x,{value}" for value in values)))
    column = piece.rows["c"]
    if kind in {NAIVE, AWARE}:
        expected = [None if value is None else datetime.fromisoformat(str(value)) for value in expected]
    assert (column.type, column.to_pylist()) == (kind, expected)


def test_all_values_decide_not_a_sample(tmp_path: Path) -> None:
    (piece,) = read(csv(tmp_path / "t.csv", "n", *map(str, range(60_000)), "last"))
    assert piece.rows["n"].to_pylist()[-2:] == ["59999", "last"]


def test_blanks_around_a_name_are_none_of_it(tmp_path: Path) -> None:
    (piece,) = read(csv(tmp_path / "t.csv", 'id, at ,"\tthe price "', "1, x,2"))
    assert piece.rows.to_pylist() == [{"id": 1, "at": " x", "the price": 2}]
    with pytest.raises(SourceError) as caught:
        read(csv(tmp_path / "u.csv", "id, id ", "1,2"))
    assert "'id'" in str(caught.value.fields["reason"])


def test_quotes_separators_and_compression_are_noticed(tmp_path: Path) -> None:
    csv(tmp_path / "a.csv", "id;words", '1;"a;b ""c"""')
    csv(tmp_path / "b.tsv", "id\twords", "2\td,e")
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(b"id,words\n3,f\n"))
    rows = [row for piece in read(tmp_path) for row in piece.rows.to_pylist()]
    assert rows == [{"id": 1, "words": 'a;b "c"'}, {"id": 2, "words": "d,e"}, {"id": 3, "words": "f"}]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_lines_may_end_as_any_system_ends_them(tmp_path: Path, end: str, mark: str) -> None:
    text = f'{mark}id,"a,b"{end}1,"x{end}y"{end}#2,{end}3,""{end}'
    (tmp_path / "t.csv").write_bytes(text.encode())
    (piece,) = read(tmp_path / "t.csv")
    assert piece.rows.to_pydict() == {"id": ["1", "#2", "3"], "a,b": [f"x{end}y", None, None]}


CELLS = st.text('a,"\n\r é', max_size=4)
ROWS = st.lists(st.tuples(CELLS, CELLS, st.sampled_from(["\n", "\r\n", "\r"])), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, head_end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_lines_of_one_file_may_end_as_each_of_them_does(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], head_end: str
) -> None:
    text = f"a,b{head_end}" + "".join(f"{quote(one)},{quote(other)}{end}" for one, other, end in rows)
    place = tmp_path_factory.mktemp("ends") / "t.csv"
    place.write_bytes(text.encode())
    (piece,) = read(place)
    parsed = list(csvs.reader(StringIO(text, newline="")))[1:]  # the standard library's reader is the judge
    assert [list(row.values()) for row in piece.rows.to_pylist()] == [[cell or None for cell in row] for row in parsed]


def quote(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\n\r') else cell


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"a,b\n1,2\r\n1,2,3\n", "line 3 has 3 values"),
        (b"a,b\n1,2\r\n1\n", "line 3 has 1 values"),
        (b'a,b\r\n1,2\n1,"2\n', "line 3"),
        (b"a,b\n1,2\n1,2,3\n", "Line: 3"),
        (b"a,b\n1,2\n1\n", "Line: 3"),
        (b"a,b,c,d\n" + b"1,2,3,4\n" * 200 + b"5,6\n", "202"),
        (b'a,b\n1,"2\n', "unterminated quote"),
        (b"a,b,a\n1,2,3\n", "'a'"),
        (b"a,,b\n1,2,3\n", "''"),
        (b"\n1,2\n", "no names"),
    ],
)
def test_a_csv_that_is_not_well_formed_is_said_never_bent(tmp_path: Path, text: bytes, reason: str) -> None:
    (tmp_path / "t.csv").write_bytes(text)
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "t.csv")
    assert caught.value.code == "source.file-unreadable"
    assert reason in str(caught.value.fields["reason"])


def test_files_of_one_folder_share_their_types(tmp_path: Path) -> None:
    csv(tmp_path / "1.csv", "n,only", "1,x")
    csv(tmp_path / "2.csv", "n,day", "2.5,2026-01-02")
    one, two = read(tmp_path)
    assert (one.rows["n"].to_pylist(), two.rows["n"].to_pylist()) == ([1.0], [2.5])
    assert (one.rows.column_names, two.rows.column_names) == (["n", "only"], ["n", "day"])


def test_a_type_that_was_read_only_widens(tmp_path: Path) -> None:
    csv(tmp_path / "1.csv", "code", "A7")
    (first,) = read(tmp_path)
    csv(tmp_path / "2.csv", "code", "7")
    (second,) = read(tmp_path, first.cursor)
    assert second.rows["code"].to_pylist() == ["7"]


def test_keys_too_long_for_an_int_stay_apart_in_every_file(tmp_path: Path) -> None:
    csv(tmp_path / "1.csv", "order_no", "7")
    csv(tmp_path / "2.csv", "order_no", "20251126000000000001", "20251126000000000002")
    assert [value for piece in read(tmp_path) for value in piece.rows["order_no"].to_pylist()] == [
        "7", "20251126000000000001", "20251126000000000002",
    ]  # fmt: skip


def test_new_files_are_read_alone_and_hidden_ones_never(tmp_path: Path) -> None:
    csv(tmp_path / "a.csv", "n", "1")
    (first,) = read(tmp_path)
    for name in (".b.csv", "_tmp/b.csv", "notes.txt"):
        csv(tmp_path / name, "n", "0")
    csv(tmp_path / "day=2/b.csv", "n", "2")
    (second,) = read(tmp_path, first.cursor)
    assert (second.rows["n"].to_pylist(), second.whole) == ([2], False)
    assert read(tmp_path, second.cursor) == []


def test_a_changed_or_vanished_file_brings_the_whole_folder(tmp_path: Path) -> None:
    csv(tmp_path / "a.csv", "n", "1")
    csv(tmp_path / "b.csv", "n", "2")
    *_, last = read(tmp_path)
    csv(tmp_path / "a.csv", "n", "1", "3")
    grown = read(tmp_path, last.cursor)
    assert [(piece.rows["n"].to_pylist(), piece.whole) for piece in grown] == [([1, 3], True), ([2], True)]
    assert grown[0].cursor == last.cursor
    (tmp_path / "a.csv").unlink()
    (left,) = read(tmp_path, grown[1].cursor)
    assert (left.rows["n"].to_pylist(), left.whole) == ([2], True)
    assert read(tmp_path, left.cursor) == []


def test_a_file_emptied_to_its_header_says_so(tmp_path: Path) -> None:
    place = csv(tmp_path / "a.csv", "n", "1")
    (first,) = read(place)
    csv(place, "n")
    (emptied,) = read(place, first.cursor)
    assert (emptied.rows.num_rows, emptied.whole) == (0, True)


def test_the_same_bytes_are_nothing_new_whenever_they_were_written(tmp_path: Path) -> None:
    place = csv(tmp_path / "a.csv", "n", "1")
    (first,) = read(place)
    os.utime(place, ns=(0, 0))
    assert read(place, first.cursor) == []
    moved = place.rename(tmp_path / "b.csv")
    assert [piece.whole for piece in read(tmp_path, first.cursor)] == [True]
    assert moved.exists()


def test_a_glob_reads_what_it_names_and_odd_names_are_names(tmp_path: Path) -> None:
    for name in ("x/[a] *'1'.csv", "x/b.csv", "y/c.csv"):
        csv(tmp_path / name, "n", name[-5])
    assert [piece.rows["n"][0].as_py() for piece in read(f"{tmp_path}/x/*.csv")] == ["'", "b"]
    assert [piece.rows["n"][0].as_py() for piece in read(f"{tmp_path}/**/[bc].csv")] == ["b", "c"]
    assert len(read(tmp_path / "x" / "[a] *'1'.csv")) == 1


def test_parquet_types_settle(tmp_path: Path) -> None:
    table = pa.table(
        {
            "small": pa.array([1], pa.int16()),
            "at": pa.array([1_999], pa.timestamp("ns")),
            "kind": pa.array(["a"]).dictionary_encode(),
            "money": pa.array([Decimal("1.50")], pa.decimal128(9, 2)),
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    (piece,) = read(tmp_path / "t.parquet")
    assert [str(kind) for kind in piece.rows.schema.types] == ["int64", "timestamp[us]", "string", "decimal128(9, 2)"]
    assert [column.type for column in FilesReader(Files(path=str(tmp_path))).columns()] == [
        "int", "timestamp", "text", "float",
    ]  # fmt: skip


def test_a_column_without_any_value_is_of_unknown_type(tmp_path: Path) -> None:
    place = csv(tmp_path / "t.csv", "n,note", "1,", "2,")
    assert [one.type for one in FilesReader(Files(path=str(place))).columns()] == ["int", "unknown"]
    csv(tmp_path / "u.csv", "n,note")
    assert [one.type for one in FilesReader(Files(path=str(tmp_path / "u.csv"))).columns()] == ["unknown", "unknown"]
    csv(tmp_path / "u.csv", "n,note", "3,hello")
    assert [one.type for one in FilesReader(Files(path=str(tmp_path))).columns()] == ["int", "text"]


def test_columns_that_are_text_because_of_few_values(tmp_path: Path) -> None:
    rows = [f"{n},2026-01-{n:02d},0{n},{'n/a' if n % 2 else n},{n}.5" for n in range(10, 29)]
    csv(tmp_path / "a.csv", "n,day,code,half,price", *rows)
    csv(tmp_path / "b.csv", "n,day,price", "30,soon,1.5", "thirty,2026-01-30,2", ",,")
    found = {one.column: one for one in FilesReader(Files(path=str(tmp_path))).misfits()}
    assert {name: (one.kind, one.odd, one.of, one.example) for name, one in found.items()} == {
        "n": ("whole number", 1, 21, "thirty"),
        "day": ("date", 1, 21, "soon"),
    }


@pytest.mark.parametrize(("encoding", "looks"), [("utf-16", "UTF-16"), ("cp949", "CP949"), ("latin-1", "")])
def test_a_file_in_another_encoding(tmp_path: Path, encoding: str, looks: str) -> None:
    text = "name\n강남구\n서초구\n" if encoding == "cp949" else "name\nGünter\nJosé\nÿ\n"
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "t.csv")
    assert (caught.value.code, caught.value.fields["looks"]) == ("source.not-utf8", looks)


def test_another_encoding_far_behind_the_beginning(tmp_path: Path) -> None:
    def fields(text: bytes, name: str = "t.csv") -> tuple[object, ...]:
        (tmp_path / name).write_bytes(text)
        with pytest.raises(SourceError) as caught:
            read(tmp_path / name)
        assert caught.value.code == "source.not-utf8"
        return tuple(caught.value.fields[field] for field in ("line", "place", "looks"))

    before, korean = b"a,b\n" + b"1,2\n" * 300_000, "1,강남구\n".encode("cp949")
    assert fields(before + korean + b"1,2\n") == (300_002, 1_200_006, "CP949")
    assert fields(gzip.compress(before + korean), "t.csv.gz") == (300_002, 1_200_006, "CP949")
    assert fields(before + b"1,\xff\n") == (300_002, 1_200_006, "")
    assert fields("a,강\n".encode() + before + korean) == (300_003, 1_200_012, "")  # iconv would spoil what is right
    assert fields(before + b"1,\xec\x84") == (300_002, 1_200_006, "")


@pytest.mark.parametrize("rows", [40, 60_000])
@pytest.mark.parametrize("where", [0.5, 0.9])
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_damaged_compressed_file_never_lands(tmp_path: Path, rows: int, where: float, form: str) -> None:
    line = "{},{}\n" if form == "csv" else '{{"a": {}, "b": {}}}\n'
    text = "a,b\n" * (form == "csv") + "".join(line.format(n, n * 7919 % 10_007) for n in range(rows))
    data = bytearray(gzip.compress(text.encode()))
    data[int(len(data) * where)] ^= 1
    place = tmp_path / f"t.{form}.gz"
    place.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        read(place)
    assert caught.value.code in {"source.file-damaged"} | ({"source.file-unreadable"} if form == "jsonl" else set())
    place.write_bytes(gzip.compress(text.encode())[:-9])
    assert code(lambda: read(place)) == "file-damaged"


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_names_that_differ_in_case_alone_are_one_clear_error(tmp_path: Path, form: str) -> None:
    def write(place: Path, *names: str) -> None:
        if form == "csv":
            csv(place, ",".join(names), ",".join("1" for _ in names))
        elif form == "jsonl":
            place.write_text("".join(f'{{"{name}": 1}}\n' for name in names))
        else:
            pq.write_table(pa.table([pa.array([1])] * len(names), names=list(names)), place)

    def clash(call: Callable[[], object]) -> tuple[object, ...]:
        with pytest.raises(SourceError) as caught:
            call()
        return (caught.value.code, *(caught.value.fields[field] for field in ("one", "other", "path")))

    one, two = tmp_path / f"1.{form}", tmp_path / f"2.{form}"
    write(one, "a", "A", "é", "É")
    assert clash(lambda: read(one)) == ("source.names-clash", "a", "A", str(one))
    assert clash(FilesReader(Files(path=str(one))).columns)[0] == "source.names-clash"
    assert clash(query("select 1 from t", t=one).columns)[0] == "source.names-clash"
    write(one, "a", "é", "É")
    write(two, "A")
    assert clash(lambda: read(tmp_path)) == ("source.names-clash", "a", "A", str(two))
    two.unlink()
    (first,) = read(tmp_path)
    assert first.rows.column_names == ["a", "é", "É"]


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "zero.csv").touch()
    csv(tmp_path / "notes.txt", "n", "1")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no parquet PAR1")
    assert code(lambda: read(tmp_path / "gone.csv")) == "unreachable"
    assert code(lambda: read(tmp_path / "empty")) == "unreachable"
    assert code(lambda: read(f"{tmp_path}/gone/*.csv")) == "unreachable"
    assert code(lambda: read(tmp_path / "zero.csv")) == "file-empty"
    assert code(lambda: read(tmp_path / "notes.txt")) == "format-unknown"
    assert code(lambda: read(tmp_path / "broken.parquet")) == "file-unreadable"
    assert code(FilesReader(Files(path=str(tmp_path / "broken.parquet"))).columns) == "file-unreadable"


@pytest.mark.parametrize("disturb", [Path.unlink, lambda place: csv(place, "n", "1", "2")])
def test_a_file_that_changes_while_it_is_read_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disturb: Callable[[Path], object]
) -> None:
    place = csv(tmp_path / "a.csv", "n", "1")
    pieces = filerows.pieces

    def disturbed(link: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[pa.Table, bool]]:
        for found in pieces(link, sql):
            disturb(place)
            yield found

    monkeypatch.setattr(filerows, "pieces", disturbed)
    assert code(lambda: read(place)) == "lost"


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_large_file_comes_in_slices_and_only_the_last_says_that_it_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    table = pa.table({"n": range(5_000), "w": [str(number) for number in range(5_000)]})
    place = tmp_path / f"a.{form}"
    if form == "parquet":
        pq.write_table(table, place)
    else:
        copied = f"copy (from given) to '{place}'" + (" (format json)" if form == "jsonl" else "")
        duckdb.connect().register("given", table).execute(copied)
    monkeypatch.setattr(filerows, "CELLS", 4_096)
    monkeypatch.setattr(filerows, "FIRST_ROWS", 2_048)
    reader = FilesReader(Files(path=str(place)))
    slices = list(reader.slices(""))
    assert [one.rows.num_rows for one in slices] == [2_048, 2_048, 904]
    assert pa.concat_tables([one.rows for one in slices])["n"].to_pylist() == list(range(5_000))
    assert [list(reader.slices(one.cursor)) != [] for one in slices] == [True, True, False]
    place.unlink()
    with duckdb.connect() as engine:
        engine.execute(f"copy (select i as n from range(5000) t(i)) to '{tmp_path / 'b.parquet'}'")
    again = list(FilesReader(Files(path=str(tmp_path))).slices(slices[-1].cursor))
    assert [(one.rows.num_rows, one.whole) for one in again] == [(4_096, True), (904, True)]
    assert [one.cursor == slices[-1].cursor for one in again] == [True, False]


def test_a_file_that_goes_before_its_turn_is_lost_and_no_mistake(tmp_path: Path) -> None:
    csv(tmp_path / "t" / "a.csv", "n", "1")
    for name in ("b.csv", "c.parquet"):
        last = csv(tmp_path / "t" / name, "n", "2")
        if name.endswith("parquet"):
            pq.write_table(pa.table({"n": [2]}), last)
        slices = FilesReader(Files(path=str(tmp_path / "t"))).slices("")
        assert next(slices).origin == "a.csv"
        last.unlink()
        with pytest.raises(SourceError) as caught:
            next(slices)
        assert (caught.value.code, caught.value.fields["source"]) == ("source.lost", str(last))


def test_a_query_is_run_again_whole_when_a_file_or_the_text_changed(tmp_path: Path) -> None:
    orders = csv(tmp_path / "orders.csv", "customer,n", "a,2", "b,1", "a,3")
    names = csv(tmp_path / "names.csv", "customer,name", "a,Ann", "b,Bob")
    sql = "select name, sum(n) as total from orders join names using (customer) group by name order by name;"
    (first,) = query(sql, orders=orders, names=names).slices("")
    assert (first.rows.to_pylist(), first.whole) == ([{"name": "Ann", "total": 5}, {"name": "Bob", "total": 1}], True)
    assert str(first.rows.schema.field("total").type) == "int64"
    assert list(query(sql, orders=orders, names=names).slices(first.cursor)) == []
    csv(names, "customer,name", "a,Ada", "b,Bob")
    (second,) = query(sql, orders=orders, names=names).slices(first.cursor)
    assert second.rows["name"].to_pylist() == ["Ada", "Bob"]
    (third,) = query("select 1 as one from orders", orders=orders, names=names).slices(second.cursor)
    assert third.rows["one"].to_pylist() == [1, 1, 1]


def test_a_query_never_cuts_places_off_decimals(tmp_path: Path) -> None:
    folder = tmp_path / "prices"
    folder.mkdir()

    def write(name: str, value: str, kind: pa.DataType) -> None:
        pq.write_table(pa.table({"price": pa.array([Decimal(value)], kind)}), folder / name)

    write("a.parquet", "1.25", pa.decimal128(38, 2))
    write("b.parquet", "1.23456", pa.decimal128(38, 5))
    with pytest.raises(SourceError) as caught:
        list(query("select price from prices", prices=folder).slices(""))
    assert caught.value.code == "source.decimals-clash"
    assert caught.value.fields == {"column": "price", "one": "decimal(38, 2)", "other": "decimal(38, 5)"}
    write("a.parquet", "1.25", pa.decimal128(20, 2))
    write("b.parquet", "1.23456", pa.decimal128(23, 5))
    (piece,) = query("select price from prices", prices=folder).slices("")
    assert piece.rows["price"].to_pylist() == [Decimal("1.25000"), Decimal("1.23456")]


def test_a_query_looks_at_a_file_once_while_it_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = csv(tmp_path / "t.csv", "n", "1", "2")
    looked: list[int] = []
    look = filerows.look

    def counted(link: duckdb.DuckDBPyConnection, files: Iterable[Path], known: filerows.Types) -> filerows.Types:
        looked.append(1)
        return look(link, files, known)

    monkeypatch.setattr(filerows, "look", counted)
    reader = query("select *, lag(n) over (order by n) as l from t", t=place)
    assert [column.type for column in reader.columns()] == ["int", "int"]
    (first,) = reader.slices("")
    with reader.rerun("n"):
        assert len(looked) == 1
    csv(place, "n", "1", "twelve")
    (second,) = reader.slices(first.cursor)
    assert (second.rows["n"].to_pylist(), len(looked)) == (["1", "twelve"], 2)


def test_a_query_gives_its_rows_in_the_same_order_each_time(tmp_path: Path) -> None:
    place = csv(tmp_path / "t.csv", "k,n", *(f"{n * 7919 % 1009},{n}" for n in range(20_000)))
    (one,) = query("select k, count(*) as c from t group by k", t=place).slices("")
    (two,) = query("select k, count(*) as c from t group by k", t=place).slices("")
    assert one.rows == two.rows


@pytest.mark.parametrize(
    "sql",
    [
        "select nope from t",
        "selekt",
        "drop view t",
        "select * from 'https://host.example/x.parquet'",
        "select 1; select 2",
    ],
)
def test_a_query_that_cannot_be_run_is_said(tmp_path: Path, sql: str) -> None:
    place = csv(tmp_path / "t.csv", "n", "1")
    assert code(lambda: list(query(sql, t=place).slices(""))) == "query-failed"
    assert code(query(sql, t=place).columns) == "query-failed"
    assert code(lambda: list(query("select 1", t=tmp_path / "gone.csv").slices(""))) == "unreachable"


def test_a_file_that_has_not_changed_is_looked_at_once(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"

    def kind(text: str, changed_s: int) -> str:
        file.write_text(text)
        os.utime(file, (changed_s, changed_s))
        with filerows.engine() as link:
            return filerows.look(link, [file], {})["n"]

    assert kind("n\n12\n", 1_000) == "int"
    assert kind("n\nab\n", 1_000) == "int"  # nothing of it shows, and it is not read
    assert kind("n\nab\n", 1_001) == "text"
    now = int(time.time())
    assert (kind("n\n12\n", now), kind("n\nab\n", now)) == ("int", "text")  # so young that it may be written to again
