"""What every Compute must do; a backend's test inherits the suite and gives its `compute` fixture."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tidemill.errors import DataError
from tidemill.ports.compute import Compute

HOUR_US = 3_600_000_000
MOMENTS = pa.array([0, HOUR_US, None], pa.timestamp("us", tz="Asia/Seoul"))
EVENTS = pa.table(
    {"customer": ["b", "a", None], "price": [1, 2, 3], "seen": MOMENTS, "local": MOMENTS.cast(pa.timestamp("ms"))}
)


class ComputeSuite:
    """Inherit and define `compute`."""

    @pytest.fixture
    def compute(self) -> Iterator[Compute]:
        raise NotImplementedError

    def test_joins_arrow_tables_by_name(self, compute: Compute) -> None:
        names = pa.table({"customer": ["a", "b"], "name": ["Ann", "Bob"]})
        rows = compute.query(
            "select name, price from events join names using (customer) order by price",
            {"events": EVENTS, "names": names},
        )
        assert rows.to_pylist() == [{"name": "Bob", "price": 1}, {"name": "Ann", "price": 2}]

    def test_keeps_the_order_of_rows_where_the_sql_asks_for_none(self, compute: Compute) -> None:
        many = pa.table({"n": pa.array(range(300_000))})
        kept = compute.query("select n from many where n % 7 <> 3", {"many": many})["n"].to_pylist()
        assert kept == [n for n in range(300_000) if n % 7 != 3]

    def test_reads_parquet_files_and_fills_columns_that_one_lacks_with_null(
        self, compute: Compute, tmp_path: Path
    ) -> None:
        folder = tmp_path / "it's [odd] *"
        folder.mkdir()
        pq.write_table(pa.table({"n": [1, 2]}), folder / "one.parquet")
        pq.write_table(pa.table({"n": [3], "extra": ["x"]}), folder / "two.parquet")
        rows = compute.query("select n, extra from t", {"t": [folder / "one.parquet", folder / "two.parquet"]})
        assert rows.to_pydict() == {"n": [1, 2, 3], "extra": [None, None, "x"]}

    def test_timestamps_are_microseconds_in_utc_and_naive_ones_stay_naive(self, compute: Compute) -> None:
        rows = compute.query("select seen, local, seen + interval '1 day' as tomorrow from events", {"events": EVENTS})
        aware, naive = pa.timestamp("us", tz="UTC"), pa.timestamp("us")
        assert rows.schema.types == [aware, naive, aware]
        assert rows["seen"].cast(pa.int64()).to_pylist() == [0, HOUR_US, None]
        assert rows["tomorrow"].cast(pa.int64()).to_pylist() == [24 * HOUR_US, 25 * HOUR_US, None]

    def test_days_and_hours_are_taken_in_the_zone_that_is_asked_for(self, compute: Compute) -> None:
        rows = compute.query("select hour(seen at time zone 'Asia/Seoul') as h from events", {"events": EVENTS})
        assert rows["h"].to_pylist() == [9, 10, None]

    def test_parameters_are_values_never_text(self, compute: Compute) -> None:
        asked = datetime(1970, 1, 1, 0, 30, tzinfo=UTC)
        rows = compute.query(
            "select $word as word, price from events where seen < $asked_at",
            {"events": EVENTS},
            {"asked_at": asked, "word": "'; drop table events", "unused": 1},
        )
        assert rows.to_pylist() == [{"word": "'; drop table events", "price": 1}]

    def test_sums_of_integers_are_int64(self, compute: Compute) -> None:
        rows = compute.query("select sum(price) as total from events", {"events": EVENTS})
        assert (rows.schema.field("total").type, rows["total"].to_pylist()) == (pa.int64(), [6])

    def test_a_sum_that_does_not_fit_names_its_column(self, compute: Compute) -> None:
        big = pa.table({"n": pa.array([2**62, 2**62])})
        with pytest.raises(DataError) as caught:
            compute.query("select sum(n) as total from big", {"big": big})
        assert (caught.value.code, caught.value.fields["column"]) == ("data.number-too-big", "total")

    @pytest.mark.parametrize(
        ("sql", "code"),
        [
            ("select nope from events", "data.query-failed"),
            ("selec price from events", "data.query-failed"),
            ("select cast(customer as int) from events", "data.query-failed"),
            ("select $missing", "data.query-failed"),
            ("select 1; select 2", "data.not-a-select"),
            ("create table copied as from events", "data.not-a-select"),
            ("", "data.not-a-select"),
            ("select * from no_files", "data.table-without-files"),
        ],
    )
    def test_bad_sql_is_answered_with_a_code(self, compute: Compute, sql: str, code: str) -> None:
        tables = {"events": EVENTS} | ({"no_files": []} if "no_files" in sql else {})
        with pytest.raises(DataError) as caught:
            compute.query(sql, tables)
        assert caught.value.code == code
        assert compute.query("select 1 as one", {}).to_pylist() == [{"one": 1}]

    def test_queries_of_several_threads_see_only_their_own_tables(self, compute: Compute, tmp_path: Path) -> None:
        def ask(n: int) -> bool:
            path = tmp_path / f"{n}.parquet"
            pq.write_table(pa.table({"n": [n]}), path)
            rows = compute.query("select a.n as x, f.n as y from a, f", {"a": pa.table({"n": [n]}), "f": [path]})
            return bool(rows.to_pylist() == [{"x": n, "y": n}])

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(ask, range(40)))

    def test_cogroup_brings_equal_keys_together_and_loses_no_row(self, compute: Compute) -> None:
        left = pa.table({"k": [f"c{n % 10}" for n in range(100)] + [None], "n": range(101)})
        right = pa.table({"k": ["c1", "c3", None, "unheard"]})

        def joined(mine: pa.Table, theirs: pa.Table) -> pa.Table:
            known = set(theirs["k"].to_pylist())
            rows = [row for row in mine.to_pylist() if row["k"] in known]
            assert [row["n"] for row in rows] == sorted(row["n"] for row in rows)
            return pa.table({"n": pa.array([row["n"] for row in rows], pa.int64())})

        found = compute.cogroup(left, right, by=["k"], shards=4, function=joined)["n"].to_pylist()
        assert sorted(found) == [n for n in range(101) if n % 10 in {1, 3} or n == 100]

    def test_cogroup_calls_every_shard_even_of_empty_tables(self, compute: Compute) -> None:
        empty = pa.table({"k": pa.array([], pa.string())})

        def rows_of_both(mine: pa.Table, theirs: pa.Table) -> pa.Table:
            return pa.table({"rows": [mine.num_rows + theirs.num_rows]})

        parts = compute.cogroup(empty, empty, by=["k"], shards=3, function=rows_of_both)
        assert parts["rows"].to_pylist() == [0, 0, 0]
