"""A SELECT run again over cut files: which need not be, where a cut can be made, and what stands in its way."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tidemill.errors import SourceError
from tidemill.ports.source import Rerun
from tidemill.spec.source import Files, FilesQuery
from tidemill.stores.sources.files import FilesQueryReader

START = datetime(2026, 1, 1)  # noqa: DTZ001 - files hold naive times
CUT_US = 1_767_225_600_000_000 + 6 * 60_000_000
"""Six minutes later."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    moments = [START + timedelta(minutes=n) for n in range(9)]
    numbers = list(range(9))
    raw = pa.table(
        {"id": numbers, "ts": pa.array(moments, pa.timestamp("us")), "minute": numbers, "who": [1, 2, 3] * 3}
    )
    pq.write_table(raw, tmp_path / "raw.parquet")
    pq.write_table(raw.select(["id", "who"]).append_column("paid_at", raw["ts"]), tmp_path / "paid.parquet")
    (tmp_path / "names.csv").write_text("who,name\n1,Ann\n2,Bob\n3,Cy\n")
    return tmp_path


def reader(folder: Path, sql: str) -> FilesQueryReader:
    files = {"raw": "raw.parquet", "paid": "paid.parquet", "names": "names.csv"}
    used = tuple((name, Files(path=str(folder / file))) for name, file in files.items() if name in sql)
    return FilesQueryReader(FilesQuery(sql=sql, tables=used))


@pytest.mark.parametrize(
    "sql",
    [
        "select * from raw",
        "select *, minute * 2 as twice from raw where who > 1 order by minute",
        "with x as (select * exclude (who) from raw) select * from x",
        "select id, ts from raw union all select id, paid_at from paid",
        "select *, unnest([1, 2]) as n, random() as r from raw",
    ],
)
def test_a_query_whose_rows_come_of_one_row_each_is_not_run_again(folder: Path, sql: str) -> None:
    with reader(folder, sql).rerun("ts") as again:
        assert again is None


MADE = "timestamp '2026-01-01' + to_minutes(minute)"


@pytest.mark.parametrize(
    ("sql", "cut", "whole", "ids"),
    [
        ("select *, count(*) over () as n from raw", ("raw",), (), range(6)),
        ("select id, ts, count(*) over () as n from raw", ("raw",), (), range(6)),
        (f"select id, {MADE} as ts, count(*) over () as n from raw", (), ("raw",), ()),
        (f"select * exclude (ts), {MADE} as ts, count(*) over () as n from raw", ("raw",), (), range(6)),
        (
            f"select * exclude (ts), {MADE} + interval '2m' as ts, count(*) over () as n from raw",
            ("raw",),
            (),
            range(4),
        ),
        ("select * from raw join names using (who)", ("raw",), (), range(6)),
        (
            f"select * exclude (ts), {MADE} as ts, lag(id) over (order by raw.ts) as l from raw join names using (who)",
            ("raw",),
            (),
            range(6),
        ),
        ("select raw.*, paid_at from raw join paid using (id)", ("raw",), ("paid",), range(6)),
        ("select * from raw union select * from raw", ("raw",), (), range(6)),
        ("select distinct * from raw where who = 1", ("raw",), (), (0, 3)),
        ("select who as id, max(ts) as ts from raw group by who", ("raw",), (), (1, 2, 3)),
    ],
)
def test_tables_are_cut_at_their_time_or_where_their_rows_come_out_at_one(
    folder: Path, sql: str, cut: tuple[str, ...], whole: tuple[str, ...], ids: range | tuple[int, ...]
) -> None:
    with reader(folder, sql).rerun("ts") as again:
        assert again is not None
        assert (again.cut, again.whole) == (cut, whole)
        if cut:
            rows = again.until(CUT_US)
            assert sorted(rows["id"].to_pylist()) == list(ids)
            assert not [name for name in rows.column_names if "tidemill" in name]


def test_a_cut_leaves_the_order_of_the_rows(folder: Path) -> None:
    sql = f"select * exclude (ts), {MADE} as ts, row_number() over () as n from (select * from raw)"
    with reader(folder, sql).rerun("ts") as again:
        assert again is not None
        assert again.until(CUT_US)["n"].to_pylist() == list(range(1, 7))
        assert again.late_last(CUT_US)["id"].to_pylist() == list(range(9))


def test_what_a_sample_gives_cannot_be_judged(folder: Path) -> None:
    with reader(folder, "select * from raw using sample 50%").rerun("ts") as again:
        assert again is not None
        assert again.untied() is None


def test_a_run_that_fails_is_said(folder: Path) -> None:
    def run(again: Rerun | None) -> None:
        assert again is not None
        again.until(CUT_US)

    sql = "select *, case when count(*) over () < 9 then error('too few') end as n from raw"
    with pytest.raises(SourceError, match="query-failed"), reader(folder, sql).rerun("ts") as again:
        run(again)
