"""What every Tables must do; a backend's test inherits the suite and gives its `make` fixture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tidemill.errors import StoreError
from tidemill.facts.data import ColumnType, DataFile, DatasetVersion
from tidemill.ports.tables import Draft, Tables, Waste

MOMENT = pa.timestamp("us", tz="UTC")
Make = Callable[[], Tables]


def rows(*numbers: int) -> pa.Table:
    """Rows of (n, at): `at` is n seconds after 1970."""
    moments = pa.array([n * 1_000_000 for n in numbers], pa.int64()).cast(MOMENT)
    return pa.table({"n": pa.array(numbers, pa.int64()), "at": moments})


def draft(*files: DataFile, rejected: Sequence[DataFile] = (), cursor: str = "c", dataset: str = "events") -> Draft:
    return Draft(
        system="shop", dataset=dataset, files=files, rejected=tuple(rejected), cursor=cursor, watermark_us=7,
        columns=(ColumnType(name="n", type="int"),), content="digest", at_us=9,
    )  # fmt: skip


class TablesSuite:
    """Inherit and define `make`: it gives a handle on one and the same lake each time it is called."""

    @pytest.fixture
    def make(self) -> Make:
        raise NotImplementedError

    def test_a_file_tells_its_rows_and_the_times_they_span(self, make: Make) -> None:
        file = make().stage("events", rows(5, 3, 4), time="at")
        assert (file.rows, file.first_us, file.last_us) == (3, 3_000_000, 5_000_000)
        assert file.bytes > 0

    def test_without_times_there_is_no_span(self, make: Make) -> None:
        nothing = pa.table({"at": pa.array([None], MOMENT)})
        assert make().stage("events", nothing, time="at").first_us is None
        assert make().stage("events", rows(), time="at").last_us is None
        assert make().stage("events", rows(1), time="elsewhere").first_us is None

    def test_the_same_rows_make_the_same_file_however_they_were_cut(self, make: Make) -> None:
        whole = rows(*range(1000)).append_column("who", pa.array([f"c{n % 7}" for n in range(1000)]))
        pieces = pa.concat_tables([whole.slice(0, 1), whole.slice(1, 600), whole.slice(601)])
        coded = whole.set_column(2, "who", whole["who"].dictionary_encode())
        files = {make().stage("events", table, time="at").digest for table in (whole, pieces, coded)}
        assert len(files) == 1

    def test_the_first_version(self, make: Make) -> None:
        tables = make()
        file = tables.stage("events", rows(1, 2), time="at")
        broken = tables.stage("events", rows(3), time="at")
        version = tables.commit(draft(file, rejected=[broken]), None)
        assert (version.number, version.parent, version.name) == (1, None, "events@v1")
        assert (version.rows, version.new_rows, version.put_aside) == (2, 2, 1)
        assert (version.files, version.rejected) == ((file,), (broken,))
        assert (version.cursor, version.watermark_us, version.content, version.at_us) == ("c", 7, "digest", 9)
        assert make().newest("events") == make().version("events", 1) == version

    def test_a_version_holds_all_files_before_it_too(self, make: Make) -> None:
        tables = make()
        first = tables.commit(draft(tables.stage("events", rows(1, 2), time="at")), None)
        second = tables.commit(draft(tables.stage("events", rows(3), time="at"), cursor="d"), first)
        assert (second.number, second.parent) == (2, first.manifest)
        assert (second.rows, second.new_rows) == (3, 1)
        assert tables.read(second.files)["n"].to_pylist() == [1, 2, 3]
        assert make().newest("events") == second
        assert make().version("events", 1) == first

    def test_the_manifest_digest_tells_any_two_versions_apart(self, make: Make) -> None:
        tables = make()
        file = tables.stage("events", rows(1), time="at")
        one = tables.commit(draft(file, dataset="one"), None)
        other = tables.commit(replace(draft(file, dataset="one"), cursor="d"), one)
        assert len({one.manifest, other.manifest}) == 2
        assert all(len(version.manifest) == 64 for version in (one, other))

    def test_a_version_can_be_restored_from_a_record_of_it(self, make: Make) -> None:
        first = make().commit(draft(make().stage("events", rows(1), time="at")), None)
        make().restore(first)
        assert make().newest("events") == first
        with pytest.raises(StoreError, match="manifest-corrupt"):
            make().restore(replace(first, rows=2))
        assert make().newest("events") == first

    def test_small_files_are_put_together_and_no_row_is_another_for_it(self, make: Make) -> None:
        tables, version, landed = make(), None, 0
        for n in range(1, 41):
            file = tables.stage("events", rows(*range(landed, landed + n % 3 + 1)), time="at")
            broken = tables.stage("events", rows(-n), time="at")
            version, landed = tables.commit(draft(file, rejected=[broken]), version), landed + n % 3 + 1
            assert (version.new_rows, version.rows, version.put_aside) == (n % 3 + 1, landed, n)
            assert version.files[-1] == file
        assert version is not None
        assert tables.read(version.files)["n"].to_pylist() == list(range(landed))
        assert tables.read(version.rejected)["n"].to_pylist() == [-n for n in range(1, 41)]
        assert max(len(version.files), len(version.rejected)) < 20
        spans = [(file.first_us, file.last_us) for file in version.files]
        assert (spans[0][0], spans[-1][1]) == (0, (landed - 1) * 1_000_000)
        assert tables.read(make().version("events", 16).files)["n"].to_pylist() == list(range(32))

    def test_files_are_not_put_together_where_a_column_changed_its_type(self, make: Make) -> None:
        tables, version, big = make(), None, 2**53 + 1
        for n in range(40):
            value = pa.array([big], pa.int64()) if n < 20 else pa.array([0.5])
            version = tables.commit(draft(tables.stage("events", pa.table({"n": value}), time="at")), version)
        assert version is not None
        assert len(version.files) < 20
        whole = [file for file in version.files if tables.read([file]).schema.field("n").type == pa.int64()]
        assert tables.read(whole)["n"].to_pylist() == [big] * 20

    def test_versions_are_numbered_from_one_and_keep_their_numbers(self, make: Make) -> None:
        _, two, three = self.grown(make)
        assert make().numbers("events") == (1, 2, 3)
        make().remove([two])
        assert make().numbers("events") == (1, 3)
        assert make().newest("events") == three
        assert make().numbers("elsewhere") == ()
        with pytest.raises(StoreError, match="version-missing"):
            make().version("events", 2)

    def grown(self, make: Make, count: int = 3) -> list[DatasetVersion]:
        """So many versions, each with a row more than the one before: 0, 1, ..."""
        tables = make()
        versions: list[DatasetVersion] = []
        for n in range(count):
            file = tables.stage("events", rows(n), time="at")
            versions.append(tables.commit(draft(file), versions[-1] if versions else None))
        return versions

    def test_a_removed_version_takes_only_files_that_no_other_holds(self, make: Make) -> None:
        tables, kept = make(), self.grown(make, 17)
        other = tables.commit(draft(*kept[0].files, dataset="other"), None)
        gone = [one for one in kept if one.number not in (3, 17)]
        alone = {file.digest for one in gone for file in one.files} - {
            file.digest for one in (kept[2], kept[16], other) for file in one.files
        }
        assert make().waste([]) == Waste(files=0, bytes=0)
        expected = make().waste(gone)
        assert (expected.files, expected.bytes > 0) == (len(alone), True)
        assert make().remove(gone) == expected
        assert make().waste([]) == Waste(files=0, bytes=0)
        assert tables.read(kept[2].files)["n"].to_pylist() == [0, 1, 2]
        assert tables.read(kept[16].files)["n"].to_pylist() == list(range(17))
        assert tables.read(other.files)["n"].to_pylist() == [0]
        for digest in alone:
            with pytest.raises(StoreError, match="data-file-missing"):
                make().read([DataFile(digest=digest, rows=1, bytes=1)])

    def test_the_newest_version_cannot_be_removed(self, make: Make) -> None:
        one, _, three = self.grown(make)
        with pytest.raises(StoreError) as caught:
            make().remove([one, three])
        assert (caught.value.code, caught.value.fields["number"]) == ("store.version-newest", 3)
        assert make().numbers("events") == (1, 2, 3)

    def test_what_is_staged_stays_until_its_dataset_is_committed(self, make: Make) -> None:
        tables = make()
        wanted, unwanted = (tables.stage("events", rows(n), time="at") for n in (1, 2))
        assert make().remove([]) == Waste(files=0, bytes=0)
        version = tables.commit(draft(wanted), None)
        assert make().remove([]).files == 1
        assert tables.read(version.files)["n"].to_pylist() == [1]
        with pytest.raises(StoreError, match="data-file-missing"):
            tables.read([unwanted])

    def test_a_number_is_given_once(self, make: Make) -> None:
        tables = make()
        file = tables.stage("events", rows(1), time="at")
        first = tables.commit(draft(file), None)
        with pytest.raises(StoreError) as caught:
            make().commit(draft(file, cursor="other"), None)
        assert caught.value.code == "store.version-taken"
        assert make().newest("events") == first

    def test_of_many_at_once_one_gets_the_number(self, make: Make) -> None:
        tables = make()
        file = tables.stage("events", rows(1), time="at")

        def attempt(n: int) -> DatasetVersion | None:
            try:
                return tables.commit(draft(file, cursor=str(n)), None)
            except StoreError:
                return None

        with ThreadPoolExecutor(4) as pool:
            got = [version for version in pool.map(attempt, range(12)) if version]
        assert got == [make().newest("events")]

    def test_a_version_never_holds_a_file_that_is_not_there(self, make: Make) -> None:
        with pytest.raises(StoreError) as caught:
            make().commit(draft(DataFile(digest="0" * 64, rows=1, bytes=1)), None)
        assert caught.value.code == "store.data-file-missing"
        assert make().newest("events") is None

    def test_what_was_never_committed_is_missing(self, make: Make) -> None:
        make().stage("events", rows(1), time="at")
        assert make().newest("events") is None
        assert make().datasets() == ()
        with pytest.raises(StoreError) as caught:
            make().version("events", 1)
        assert caught.value.code == "store.version-missing"

    def test_datasets_are_told_apart_whatever_they_are_called(self, make: Make) -> None:
        tables = make()
        file = tables.stage("x", rows(1), time="at")
        names = ("a/b", "events", "주문", "..")
        for name in names:
            tables.commit(draft(file, dataset=name), None)
        assert make().datasets() == tuple(sorted(names))
        assert all(make().version(name, 1).dataset == name for name in names)

    def test_paths_are_parquet_files_of_the_rows(self, make: Make) -> None:
        tables = make()
        files = [tables.stage("events", rows(n), time="at") for n in (1, 2)]
        assert [pq.read_table(path)["n"].to_pylist() for path in tables.paths(files)] == [[1], [2]]

    def test_reads_the_columns_asked_for_in_their_order(self, make: Make) -> None:
        tables = make()
        file = tables.stage("events", rows(1), time="at")
        assert tables.read([file], ["at", "n"]).column_names == ["at", "n"]
        assert tables.read([], ["n"]).num_rows == 0

    def test_a_column_that_came_later_is_null_before_and_numbers_widen(self, make: Make) -> None:
        tables = make()
        old = tables.stage("events", pa.table({"n": pa.array([1], pa.int64())}), time="at")
        new = tables.stage("events", pa.table({"n": [1.5], "extra": ["x"]}), time="at")
        read = tables.read([old, new], ["n", "extra"])
        assert read.to_pydict() == {"n": [1.0, 1.5], "extra": [None, "x"]}

    def test_types_come_back_as_they_were(self, make: Make) -> None:
        tables = make()
        table = rows(1).append_column("price", pa.array([Decimal("1.50")], pa.decimal128(10, 2)))
        table = table.append_column("void", pa.array([None], pa.null()))
        assert tables.read([tables.stage("events", table, time="at")]) == table

    def test_times_of_any_zone_and_unit_become_microseconds_in_utc(self, make: Make) -> None:
        tables = make()
        seoul = pa.table({"at": pa.array([1_700_000_000_123_456_789], pa.timestamp("ns", tz="Asia/Seoul"))})
        file = tables.stage("events", seoul, time="at")
        assert file.first_us == 1_700_000_000_123_456
        assert tables.read([file]).schema.field("at").type == MOMENT

    @pytest.mark.parametrize(
        ("table", "code"),
        [
            (pa.table({"at": pa.array([0], pa.timestamp("us"))}), "store.naive-time"),
            (pa.table({"n": ["text"]}), "store.types-clash"),
        ],
    )
    def test_rows_that_cannot_be_landed_are_refused(self, make: Make, table: pa.Table, code: str) -> None:
        tables = make()
        with pytest.raises(StoreError) as caught:
            tables.read([tables.stage("events", rows(1), time="at"), tables.stage("events", table, time="at")])
        assert caught.value.code == code

    def test_a_column_that_no_file_has_is_missing(self, make: Make) -> None:
        tables = make()
        with pytest.raises(StoreError) as caught:
            tables.read([tables.stage("events", rows(1), time="at")], ["n", "m"])
        assert caught.value.code == "store.column-missing"
