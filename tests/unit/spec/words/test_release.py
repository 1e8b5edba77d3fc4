"""Release, split, check and table words: from what is written to records."""

from __future__ import annotations

from datetime import datetime

import pytest
from cronsim import CronSim, CronSimError
from hypothesis import given
from hypothesis import strategies as st

import tidemill as tm
from tidemill.spec.check import AtLeast, Fair, Per, check_text
from tidemill.spec.cron import cron_flaw
from tidemill.spec.expression import Call, Column
from tidemill.spec.flaw import flaw_of
from tidemill.spec.model import Canary, Duration, Tunable
from tidemill.spec.source import Files, FilesQuery, SqlQuery, SqlTable

DAY = 86_400_000_000


def test_canary_shares_are_percentages_or_numbers() -> None:
    assert tm.canary("5%", 0.25, shadow="1d") == Canary(
        shares=(0.05, 0.25), shadow_us=DAY, require=(), deadline_us=14 * DAY, undecided="keep"
    )
    assert tm.canary("12.5%").shares == (0.125,)


def test_by_time_takes_durations_shares_and_rows() -> None:
    split = tm.by_time(valid="7d", test=0.1, history=20_000)
    assert (split.valid, split.test, split.history) == (Duration(us=7 * DAY), 0.1, 20_000)
    assert split.refit == "forward"


def test_a_tuned_default_is_a_range_when_run() -> None:
    rate: object = tm.tune(0.01, 0.3, log=True)
    depth: object = tm.tune(choices=[3, 5])
    assert rate == Tunable(low=0.01, high=0.3, log=True)
    assert depth == Tunable(choices=(3, 5))


def test_checks_parse_their_conditions_and_say_themselves() -> None:
    check = tm.at_least("roc_auc", 0.7, by="age_group", where="decision = 'approve'")
    assert isinstance(check, AtLeast)
    assert check_text(check) == "roc_auc >= 0.7 by age_group where decision = 'approve'"
    assert check_text(tm.at_most(tm.per("customer_id", "ndcg@10"), 1)) == "ndcg@10 per customer_id <= 1"
    assert tm.per("customer_id", "ndcg@10") == Per(column="customer_id", metric="ndcg@10")


def test_fair_takes_a_column_or_a_condition() -> None:
    column, condition = tm.fair("UrbanRural", decision="approve"), tm.fair("age < 25", decision="approve", ratio=0.9)
    assert isinstance(column, Fair)
    assert isinstance(condition, Fair)
    assert column.group.tree == Column(name="UrbanRural")
    assert isinstance(condition.group.tree, Call)
    assert (column.ratio, condition.ratio) == (0.8, 0.9)


def test_tables_keep_references_to_the_environment() -> None:
    db = tm.sql("${SHOP_DB}")
    assert db.table("events", cursor="id") == SqlTable(url="${SHOP_DB}", table="events", cursor="id")
    assert db.query("select 1") == SqlQuery(url="${SHOP_DB}", sql="select 1", cursor=None)
    raw = tm.files("${DATA}/x.parquet")
    assert raw == Files(path="${DATA}/x.parquet")
    assert tm.query("select * from raw", raw=raw) == FilesQuery(sql="select * from raw", tables=(("raw", raw),))


TERM = st.one_of(
    st.just("*"),
    st.integers(0, 70).map(str),
    st.tuples(st.integers(0, 70), st.integers(0, 70)).map(lambda pair: f"{pair[0]}-{pair[1]}"),
    st.tuples(st.sampled_from(["*", "1-5", "3"]), st.integers(0, 40)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
    st.sampled_from(["MON", "sun", "mon-fri", "jan", "DEC", "x", "", "-1", "1-", "7"]),
)
FIELD = st.lists(TERM, min_size=1, max_size=2).map(",".join)


@given(st.tuples(FIELD, FIELD, FIELD, FIELD, FIELD).map(" ".join))
def test_a_cron_line_is_accepted_exactly_where_cronsim_accepts_it(text: str) -> None:
    try:
        CronSim(text, datetime(2024, 1, 1))  # noqa: DTZ001 - only parsed
        good = len(text.split()) == 5
    except CronSimError:
        good = False
    assert (cron_flaw(text) is None) == good


@pytest.mark.parametrize("text", ["@daily", "* * L * *", "* * * * MON#2", "0 0 * * * *", "", "0 0 31 2 *"])
def test_exotic_cron_lines_are_refused(text: str) -> None:
    assert cron_flaw(text) is not None
    assert flaw_of(tm.cron(text).text) is not None


def test_new_rows_knows_a_label_from_a_source() -> None:
    system = tm.System("kit", owner="a@b.example")
    loans = system.source("loans", tm.files("x"), time="at")
    bad = system.label("bad", asked=loans, outcome="y = 1")
    assert (tm.new_rows(loans, 5).kind, tm.new_rows(bad, 5).kind) == ("source", "label")
