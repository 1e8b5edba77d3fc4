"""What can be read off a SELECT: where its time comes from, and an order among rows that its windows do not part."""

from __future__ import annotations

import pytest

from tidemill.spec.select import keeps, untied


@pytest.mark.parametrize(
    "sql",
    [
        "select * from raw",
        "select id, at, lead(y) over (order by at) as next_y from raw",
        "select r.at::timestamp as at from raw r",
        "select id, max(AT) as at from raw group by id",
        "select date_trunc('day', at) as At, count(*) from raw group by all",
        "with x as (select id, at from raw) select * from x",
        "select id, at from a union all select id, at from b",
        "select id, at from a union all by name select at, id from b",
    ],
)
def test_a_time_that_comes_out_on_the_clock_on_which_it_went_in(sql: str) -> None:
    assert keeps(sql, "at")


@pytest.mark.parametrize(
    "sql",
    [
        "select id, created as at from raw",
        "select id, at - interval '9 hours' as at from raw",
        "select id, at at time zone 'Asia/Seoul' as at from raw",
        "select * replace (created as at) from raw",
        "select * rename (created as at) from raw",
        "with x(id, at) as (select id, created from raw) select * from x",
        "select id, at from a union all select at, id from b",
        "select id, max(at) over (partition by id) as at from raw",
        "pivot raw on kind using max(at)",
        "no select at all",
        "select 1; select 2",
    ],
)
def test_a_time_of_which_that_cannot_be_told(sql: str) -> None:
    assert not keeps(sql, "at")


@pytest.mark.parametrize(
    ("sql", "ordered"),
    [
        ("lag(y) over (partition by k order by t)", 'ORDER BY t, HASH("raw"))'),
        ("sum(y) over (order by t rows 3 preceding)", 'ORDER BY t, HASH("raw") rows'),
        ("sum(y) over (order by t range between 3 preceding and current row)", "ORDER BY t range"),
        ("first(y order by t)", 'ORDER BY t, HASH("raw"))'),
        ("(select b.y from raw as b order by b.t limit 1)", 'ORDER BY b.t, HASH("b") LIMIT'),
        ("(select max(b.y) from raw as b group by b.t order by b.t)", "ORDER BY b.t)"),
    ],
)
def test_what_windows_do_not_tell_apart_all_columns_do(sql: str, ordered: str) -> None:
    assert ordered in untied(f"select *, {sql} as made from raw")


def test_grouped_rows_are_told_apart_by_what_groups_them() -> None:
    sql = "select k, t, sum(y) as s, lag(sum(y)) over (order by t) as l from raw group by k, t"
    assert "OVER (ORDER BY t, k, t)" in untied(sql)


def test_a_part_without_a_name_gets_one() -> None:
    assert "AS _tidemill_0" in (sql := untied("select *, lag(y) over (order by t) as l from (select * from raw)"))
    assert 'HASH("_tidemill_0")' in sql


def test_what_cannot_be_read_is_nothing() -> None:
    assert untied("select (") == ""
