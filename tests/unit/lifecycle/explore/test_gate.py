"""The data gate: one aggregate query over the new rows says of each rule what a loop over the rows would say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import tidemill as tm
from tests.needs import need
from tests.street import COMPUTE, Street, table, us
from tidemill.facts.data import ContractReport, DatasetVersion, Kept, Profile
from tidemill.lifecycle.explore.gate import held
from tidemill.lifecycle.explore.given import Given
from tidemill.loop.promises import moves, proposed
from tidemill.spec.contract.aside import promising
from tidemill.spec.contract.read import read_contract
from tidemill.spec.contract.record import Contract
from tidemill.stores.memory.source import MemoryReader

RULES = """\
[table]
unique = { of = ["id"] }
put_aside = { most = 0.1 }
new_columns = {}

[column.price]
type = { is = "float" }
nulls = { most = 0 }
range = { least = 0, most = 100 }

[column.town]
type = { is = "text" }
length = { least = 2, most = 4 }
values = { among = ["Ulm", "Bonn"] }
matches = { pattern = "[A-Z][a-z]+" }

[[check]]
holds = "paid <= price"
"""


@dataclass
class Counting:
    """A compute that counts its queries."""

    asked: list[str] = field(default_factory=list)

    def query(self, sql: str, tables: Any, parameters: Mapping[str, object] | None = None) -> pa.Table:
        self.asked.append(sql)
        return COMPUTE.query(sql, tables, parameters)

    cogroup = COMPUTE.cogroup


class Feed:
    """A dataset that grows, with the profiles of the versions that were judged."""

    def __init__(self, contract: Contract | str, *rows: Mapping[str, Any], key: Any = "id", time: str = "at") -> None:
        system = tm.System("lender", owner="a@b.example", zone="UTC")
        system.source("loans", tm.files("loans.csv"), key=key, time=time)
        self.street = Street(system, {"loans.csv": table(rows)} if rows else {})
        self.contract = read_contract(contract, "f", "loans") if isinstance(contract, str) else contract
        assert self.contract.flaws == ()
        self.accepted: Profile | None = None
        self.compute = Counting()

    def land(self, rows: pa.Table | Sequence[Mapping[str, Any]], at: str = "2030-01-01") -> DatasetVersion:
        given = rows if isinstance(rows, pa.Table) else table(rows)
        self.street.readers["loans.csv"] = MemoryReader(given)
        system = self.street.system
        guarded = promising(system.source("loans"), self.contract)
        self.street.system = replace(system, sources=(guarded,))
        version = self.street.extract("loans", at)
        self.street.system = system
        return version

    def judge(self, version: DatasetVersion | None = None, now: str = "2030-01-01") -> ContractReport:
        version = version or self.street.versions[0]
        system = replace(self.street.system, contracts=(self.contract,))
        given = Given(
            system=system,
            source=system.source("loans"),
            version=version,
            previous=None,
            now_us=us(now),
            accepted=self.accepted,
        )
        self.compute.asked.clear()
        report = held(given, replace(self.street.ctx, compute=self.compute))
        assert report is not None
        if report.outcome != "stopped":
            self.accepted = profile(version, report)
        return report


def profile(version: DatasetVersion, report: ContractReport) -> Profile:
    return Profile(
        system="lender", dataset="loans", number=version.number, manifest=version.manifest,
        rows=version.rows + version.put_aside, put_aside=version.put_aside, duplicates=0, first_us=None,
        last_us=version.watermark_us, columns=(), findings=(), contract=report, at_us=0,
    )  # fmt: skip


def loan(
    id: int, price: float | None = 50.0, town: str | None = "Ulm", paid: float = 1.0, **more: Any
) -> dict[str, Any]:
    return {
        "id": id,
        "at": more.pop("at", f"2029-01-{1 + id % 28:02d}T00:00:00Z"),
        "price": price,
        "town": town,
        "paid": paid,
        **more,
    }


def timed(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    made = table(rows)
    return made.set_column(1, "at", pc.strptime(made["at"], "%Y-%m-%dT%H:%M:%SZ", "us").cast(pa.timestamp("us", "UTC")))


def broken(report: ContractReport) -> dict[str, Kept]:
    return {rule.rule: rule for rule in report.rules if rule.outcome == "broken"}


def test_each_rule_says_what_a_loop_over_the_rows_says() -> None:
    prices = [0.0, 100.0, 100.5, -1.0, None, float("nan"), float("inf"), 3.0, 7.0]
    towns = ["Ulm", "Bonn", "ulm", "X", None, "Bonnn", "Ulm", "Köln", "Ulm"]
    rows = [loan(n, price, town, paid=5.0) for n, (price, town) in enumerate(zip(prices, towns, strict=True))]
    feed = Feed(RULES)
    report = feed.judge(feed.land(timed(rows)))
    told = [town for town in towns if town is not None]
    expected = {
        "price: nulls": 3,
        "price: range": 2,
        "town: length": sum(not 2 <= len(town) <= 4 for town in told),
        "town: values": sum(town not in {"Ulm", "Bonn"} for town in told),
        "town: matches": sum(re.fullmatch("[A-Z][a-z]+", town, re.ASCII) is None for town in told),
        "check paid <= price": 3,
    }
    assert {name: rule.rows for name, rule in broken(report).items() if name in expected} == expected
    assert broken(report)["new_columns"].value == "id, at, paid"
    assert broken(report)["price: range"].examples == (
        "id 2, at 2029-01-03 00:00:00",
        "id 3, at 2029-01-04 00:00:00",
    )
    assert (report.outcome, report.rows) == ("stopped", 9)
    assert len(feed.compute.asked) == 2, "one for all rules, one for examples"


def test_rows_that_keep_everything_need_one_query() -> None:
    feed = Feed(RULES.replace("new_columns = {}\n", ""))
    report = feed.judge(feed.land(timed([loan(n) for n in range(40)])))
    assert (report.outcome, broken(report), len(feed.compute.asked)) == ("kept", {}, 1)


def test_rows_are_judged_once_and_those_that_stopped_a_run_until_they_are_mended() -> None:
    feed = Feed('[column.price]\nrange = { most = 100, else = "stop" }\n')
    first = [loan(n) for n in range(40)]
    assert feed.judge(feed.land(timed(first))).outcome == "kept"
    wrong = [*first, loan(40, 900.0), loan(41)]
    report = feed.judge(feed.land(timed(wrong)))
    assert (report.outcome, report.first_row, report.rows) == ("stopped", 40, 2)
    more = [*wrong, loan(42)]
    report = feed.judge(feed.land(timed(more)))
    assert (report.outcome, report.first_row, report.rows) == ("stopped", 40, 3), "more rows hide nothing"
    mended = [*more, loan(40, 90.0)]
    report = feed.judge(feed.land(timed(mended)))
    assert (report.outcome, report.first_row, report.rows) == ("kept", 40, 3), "the corrected row counts once"
    last = feed.judge(feed.land(timed([*mended, loan(43)])))
    assert (last.first_row, last.rows) == (44, 1)


def test_a_column_that_is_gone_or_wholly_empty_or_of_another_type_stops() -> None:
    rules = '[column.price]\ntype = { is = "float" }\nnulls = { most = 0.5 }\n[column.debt]\ntype = { is = "float" }\n'
    feed = Feed(rules + '[column.town]\ntype = { is = "int" }\nrange = { most = 3 }\n')
    feed.land(timed([loan(0)]))
    rest = table([loan(n, None) for n in range(1, 31)], price=pa.float64())
    feed.land(timed([*[loan(0)], *rest.to_pylist()]))
    found = broken(feed.judge())
    assert found["debt: type"].value == "missing"
    assert found["town: type"].value == "text"
    assert found["town: range"].value == "text"
    assert "price: type" not in found, "one of all judged rows has a price"
    feed.accepted = profile(feed.street.ctx.tables.version("loans", 1), feed.judge())
    assert broken(feed.judge())["price: type"].value == "empty"


def test_a_row_that_comes_twice_in_one_pass_is_no_correction() -> None:
    feed = Feed('[table]\nunique = { of = ["id"] }\n')
    report = feed.judge(feed.land(timed([loan(0), loan(1), loan(1, 60.0)])))
    assert (broken(report)["unique"].rows, report.outcome) == (1, "stopped")
    other = Feed('[table]\nunique = { of = ["id"] }\n')
    other.land(timed([loan(0), loan(1)]))
    assert other.judge(other.land(timed([loan(0), loan(1, 60.0)]))).outcome == "kept"


def test_a_row_that_is_repeated_exactly_is_one_row_where_it_has_a_key() -> None:
    rules = '[table]\nunique = { of = ["id"] }\n'
    feed = Feed(rules)
    assert feed.judge(feed.land(timed([loan(0), loan(1, None), loan(1, None)]))).outcome == "kept"
    without = Feed(rules, key=None)
    assert broken(without.judge(without.land(timed([loan(0), loan(1), loan(1)]))))["unique"].rows == 1


def test_a_key_that_came_twice_heals_when_it_comes_again_once() -> None:
    feed = Feed('[table]\nunique = { of = ["id"] }\n')
    rows = [loan(0), loan(1), loan(1, 60.0), loan(2), loan(2, 70.0), loan(2, 80.0)]
    assert broken(feed.judge(feed.land(timed(rows))))["unique"].rows == 3
    rows += [loan(1, 65.0), loan(3)]
    assert broken(feed.judge(feed.land(timed(rows))))["unique"].rows == 2
    report = feed.judge(feed.land(timed([*rows, loan(2, 90.0)])))
    assert (report.outcome, report.rows) == ("kept", 4)


def test_what_a_rule_puts_aside_never_lands_and_too_much_of_it_stops() -> None:
    rules = '[table]\nput_aside = { most = 0.1 }\n[column.price]\nrange = { most = 100, else = "put-aside" }\n'
    feed = Feed(rules)
    version = feed.land(timed([loan(n, 900.0 if n == 7 else 50.0) for n in range(40)]))
    assert (version.rows, version.put_aside) == (39, 1)
    assert feed.street.ctx.tables.read(version.rejected)["_reason"].to_pylist() == ['"price" <= 100']
    assert feed.judge(version).outcome == "kept"
    many = [loan(100 + n, 900.0 if n % 2 else 50.0) for n in range(40)]
    report = feed.judge(feed.land(timed([loan(n, 900.0 if n == 7 else 50.0) for n in range(40)] + many)))
    assert (broken(report)["put_aside"].value, broken(report)["put_aside"].rows) == (0.5, 20)


def test_a_row_that_was_put_aside_and_came_again_corrected_came_once() -> None:
    rules = '[table]\nput_aside = { most = 0.1 }\n[column.price]\nrange = { most = 100, else = "put-aside" }\n'
    feed = Feed(rules)
    came = [*[loan(n) for n in range(200)], *[loan(1000 + n, 900.0) for n in range(100)]]
    report = feed.judge(feed.land(timed(came)))
    assert (report.outcome, broken(report)["put_aside"].value) == ("stopped", 1 / 3)
    version = feed.land(timed([*came, *[loan(1000 + n, 90.0) for n in range(94)]]))
    report = feed.judge(version)
    assert (version.rows, version.put_aside, report.outcome) == (294, 100, "kept")
    (share,) = [rule for rule in report.rules if rule.rule == "put_aside"]
    assert (share.value, share.rows, share.of) == (0.02, 6, 300)


def test_rows_a_day_and_age_are_judged_by_the_clock_of_the_rows_and_of_the_run() -> None:
    rules = '[table]\nvolume = { least = 1, most = 3 }\nfresh = { within = "3d" }\n'
    feed = Feed(rules)

    def days(first: int, last: int, each: int) -> list[dict[str, Any]]:
        return [
            loan(100 * day + n, at=f"2029-{1 + day // 28:02d}-{1 + day % 28:02d}T{n:02d}:00:00Z")
            for day in range(first, last)
            for n in range(each)
        ]

    start = days(0, 14, 2)
    report = feed.judge(feed.land(timed(start)), now="2029-01-16")
    assert report.outcome == "kept"
    soon = [*start, *days(14, 16, 9)]
    report = feed.judge(feed.land(timed(soon)), now="2029-01-16")
    assert [rule.outcome for rule in report.rules] == ["unmeasured", "kept"], "two days are no week"
    flood = [*soon, *days(16, 26, 9)]
    report = feed.judge(feed.land(timed(flood)), now="2029-02-20")
    assert set(broken(report)) == {"volume", "fresh"}
    assert broken(report)["volume"].value == pytest.approx(9, abs=0.5)
    assert report.outcome == "warned"


def test_examples_show_times_as_the_systems_zone_has_them() -> None:
    feed = Feed("[column.price]\nnulls = { most = 0 }\n")
    feed.street.system = replace(feed.street.system, zone="Asia/Seoul")
    rows = timed([loan(0), loan(1, None, at="2029-01-11T16:00:00Z")])
    assert broken(feed.judge(feed.land(rows)))["price: nulls"].examples == ("id 1, at 2029-01-12 01:00:00",)


def test_a_row_of_a_time_to_come_does_not_make_a_feed_fresh() -> None:
    feed = Feed('[table]\nfresh = { within = "3d" }\n')
    rows = [loan(1, at="2029-01-01T00:00:00Z"), loan(2, at="2031-06-01T00:00:00Z")]
    report = feed.judge(feed.land(timed(rows)), now="2029-02-20")
    assert broken(report)["fresh"].value == pytest.approx(50, abs=0.5)
    ahead = Feed('[table]\nfresh = { within = "3d" }\n')
    report = ahead.judge(ahead.land(timed(rows[1:])), now="2029-02-20")
    assert broken(report)["fresh"].value == "not known"


def real(path: str, time: str, key: Any, parts: int = 6) -> tuple[Contract, list[ContractReport], Callable[[], Any]]:
    """The contract of the first part of a table, in order of time, and the reports of every part."""
    rows = pq.read_table(need("data") / path).sort_by(time)
    feed = Feed(Contract(dataset="loans"), key=key, time=time)
    version = feed.land(rows.slice(0, rows.num_rows // parts))
    source, tables = feed.street.system.source("loans"), feed.street.ctx.tables
    feed.contract = proposed(version, source, tables, us("2030-01-01"))
    ends = (rows.num_rows * part // parts for part in range(2, parts + 1))
    reports = [feed.judge(version), *(feed.judge(feed.land(rows.slice(0, end))) for end in ends)]
    newest = feed.street.versions[0]
    return (
        feed.contract,
        reports,
        lambda: list(moves(feed.contract, proposed(newest, source, tables, us("2030-01-01")))),
    )


@pytest.mark.parametrize(
    ("path", "time", "key", "told"),
    [
        ("ecommerce/online_retail/online_retail.parquet", "invoice_ts", None, {"unit_price: range": 2}),
        ("loan/sba/sba_loans.parquet", "ApprovalDate", "LoanNr_ChkDgt", {"CreateJob: range": 1, "SBA_Appv: range": 1}),
        ("loan/feast_credit/loan_table.parquet", "event_timestamp", "loan_id", {"person_emp_length: range": 2}),
        ("ecommerce/complete_journey/transactions.parquet", "transaction_timestamp", None, {}),
        ("ecommerce/open_bandit/women_random.parquet", "timestamp", None, {}),
    ],
)
def test_later_months_of_real_tables_pass_and_their_defects_are_told(
    path: str, time: str, key: Any, told: dict[str, int]
) -> None:
    contract, reports, _ = real(path, time, key)
    assert len(contract.rules) > 10
    assert reports[0].outcome == "kept", "rows keep the contract that was made from them"
    assert {report.outcome for report in reports} <= {"kept", "warned"}
    assert {name: rule.rows for report in reports for name, rule in broken(report).items()} == told


def test_winter_is_told_after_a_contract_of_autumn_and_newer_rows_would_change_it() -> None:
    contract, reports, changes = real("driving/obd_1hz.parquet", "ts", ["trip_id", "ts"])
    assert {name for report in reports for name in broken(report)} == {"ambient_c: range"}
    assert [report.outcome for report in reports[:3]] == ["kept"] * 3
    moved = {move.rule: (move.before, move.after) for move in changes()}
    assert moved["ambient_c: range"][0] != moved["ambient_c: range"][1]
    assert contract.seen == "loans@v1"
