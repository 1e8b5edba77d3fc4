"""Exploration of landed rows: what was put aside is seen, leaks are told by declared outcomes, versions compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import tidemill as tm
from tests.unit.lifecycle.explore.landing import by_code, in_memory
from tidemill.spec.declaration import Declaration
from tidemill.tell.words import sentence

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW_US = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp()) * 1_000_000
N = 1_500


def loans(first: int = 0, n: int = N, **changed: Any) -> pa.Table:
    random = np.random.default_rng(first + 1)
    lost = random.random(n) < 0.25
    columns: dict[str, Any] = {
        "loan_id": np.arange(first, first + n),
        "applied_at": [START + timedelta(minutes=10 * (first + i)) for i in range(n)],
        "income": random.lognormal(10, 0.4, n),
        "term": np.where(lost, random.integers(1, 50, n), random.integers(40, 90, n)),
        "age": random.integers(20, 70, n),
        "status": np.where(lost, "lost", "paid"),
        "closed": [None if i % 3 else START + timedelta(days=400) for i in range(n)],
        "branch": np.array(["north", "south"])[random.integers(0, 2, n)],
    }
    return pa.table(columns | changed)


def declared(*, read: tuple[str, ...] = ("income", "age", "term")) -> Declaration:
    credit = tm.System("credit", owner="risk@bank.example")
    source = credit.source(
        "loans", tm.files("loans.parquet"), key="loan_id", time="applied_at", expect=["age between 18 and 100"]
    )
    application = credit.request("application", source, columns=list(read))
    lost = credit.label("lost", asked=source, outcome="status = 'lost'")

    @credit.model(label=lost, features=[application], split=tm.by_time(valid=0.2, test=0.2))
    def risk(train: tm.Data, valid: tm.Data) -> object:
        return None

    return credit.declared()


def test_put_aside_rows_are_seen_where_they_landed_and_named() -> None:
    ages = np.full(N, 40)
    ages[7] = 144
    land, _ = in_memory(declared(), {"loans.parquet": loans(age=ages)})
    land.extract(NOW_US)
    profile = land.explore("loans", NOW_US)
    assert (profile.rows, profile.put_aside, land.versions["loans"].rows) == (N, 1, N - 1)
    aside = by_code(profile)["put-aside", ""]
    assert aside.fields["reason"] == "age between 18 and 100"
    assert aside.fields["ids"] == ("loan_id 7, applied_at 2026-01-01 01:10:00",)
    assert next(column for column in profile.columns if column.name == "age").quantiles[-1] == 144


def test_a_leak_is_told_by_the_declared_outcome_and_said_who_reads_it() -> None:
    land, _ = in_memory(declared(), {"loans.parquet": loans()})
    land.extract(NOW_US)
    findings = land.explore("loans", NOW_US).findings
    assert (findings[0].code, findings[0].subject, findings[0].fields["models"]) == (
        "finding.leak-suspect", "loans.term", ("risk",),
    )  # fmt: skip
    assert {one.fields["column"] for one in findings if "leak" in one.code} == {"term"}
    assert by_code(land.explore("loans", NOW_US))["outcome-column", "status"].fields["label"] == "lost"


def test_new_rows_are_compared_with_the_version_looked_at_before() -> None:
    land, readers = in_memory(declared(), {"loans.parquet": loans()})
    land.extract(NOW_US)
    assert not any("moved" in one.code for one in land.explore("loans", NOW_US).findings)
    readers["loans.parquet"].add(loans(N, 600, branch=np.full(600, "east")))
    land.extract(NOW_US + 1)
    profile = land.explore("loans", NOW_US + 1)
    moved = [one for one in profile.findings if one.code == "finding.values-moved"]
    assert [(one.subject, one.fields["bin"], one.fields["share"]) for one in moved] == [("loans.branch", "new", 1.0)]
    assert (profile.number, profile.rows) == (2, N + 600)


def test_a_name_of_rows_that_a_model_reads_is_worth_a_look() -> None:
    badge = np.array([f"b{i}" for i in range(N)])
    for read, importance, said in ((("income",), 0.1, False), (("income", "badge"), 0.6, True)):
        land, _ = in_memory(declared(read=read), {"loans.parquet": loans(badge=badge)})
        land.extract(NOW_US)
        one = by_code(land.explore("loans", NOW_US))["id-like", "badge"]
        assert one.importance == importance
        assert ("risk reads it." in sentence(one.code, one.fields)) == said


def test_rows_that_came_were_corrected_or_are_gone_since_the_version_before_are_counted() -> None:
    land, readers = in_memory(declared(), {"loans.parquet": loans()})
    land.extract(NOW_US)
    assert not any(one.code == "finding.rows-changed" for one in land.explore("loans", NOW_US).findings)
    corrected = loans().slice(0, 40)
    income = pa.array([1.0] * 40)
    corrected = corrected.set_column(corrected.column_names.index("income"), "income", income)
    readers["loans.parquet"].add(pa.concat_tables([loans(N, 25), corrected]))
    land.extract(NOW_US + 1)
    one = by_code(land.explore("loans", NOW_US + 1))["rows-changed", ""]
    assert (one.fields["added"], one.fields["changed"], one.fields["deleted"]) == (25, 40, None)
    assert one.fields["columns"] == ("income",)
    assert (one.fields["before"], one.fields["after"], one.fields["rows"]) == ("loans@v1", "loans@v2", N)
    said = sentence(one.code, one.fields)
    assert "Since loans@v1 25 rows came, 40 were corrected (mostly in income); there were 1,500." in said
    assert one.importance < 0.5
    many = loans().slice(0, 300).drop_columns("income").append_column("income", pa.array([2.0] * 300))
    readers["loans.parquet"].add(many.select(loans().column_names))
    land.extract(NOW_US + 2)
    assert by_code(land.explore("loans", NOW_US + 2))["rows-changed", ""].importance >= 0.5


def test_a_correction_is_no_clocks_and_no_keys_fault() -> None:
    credit = tm.System("credit", owner="risk@bank.example", zone="UTC")
    source = credit.source("loans", tm.files("loans.parquet"), key="loan_id", time="applied_at")
    credit.features("branch", source, entity="branch", windows={"n": tm.count("7d")})
    land, readers = in_memory(credit.declared(), {"loans.parquet": loans()})
    wrong = {("clock-backwards", "applied_at"), ("repeated-keys", ""), ("repeated-rows", "")}
    land.extract(NOW_US)
    assert not wrong & by_code(land.explore("loans", NOW_US)).keys()
    rows = loans().slice(3, 8)
    place = rows.column_names.index("income")
    once = rows.set_column(place, "income", pa.array([1.0] * 8))
    readers["loans.parquet"].add(once)
    land.extract(NOW_US + 1)
    readers["loans.parquet"].add(pa.concat_tables([rows, loans(N, 5)]))
    land.extract(NOW_US + 2)
    assert not wrong & by_code(land.explore("loans", NOW_US + 2)).keys(), "changed, and changed back"
    late = loans(N + 5, 1, applied_at=[START], branch=["north"])
    twice = pa.concat_tables([late, late.set_column(place, "income", pa.array([2.0]))])
    readers["loans.parquet"].add(pa.concat_tables([loans().slice(20, 1), twice]))
    land.extract(NOW_US + 3)
    found = by_code(land.explore("loans", NOW_US + 3))
    assert found["repeated-keys", ""].fields["rows"] == 1
    assert found["repeated-keys", ""].fields["ids"] == (f"loan_id {N + 5}, applied_at 2026-01-01",)
    assert found["clock-backwards", "applied_at"].fields["ids"][0] == f"loan_id {N + 5}, applied_at 2026-01-01"  # type: ignore[index] # ids are always a tuple


def test_a_column_of_another_type_than_before_is_named() -> None:
    whole = loans().set_column(2, "income", pa.array([1_000] * N))
    land, readers = in_memory(declared(), {"loans.parquet": whole})
    land.extract(NOW_US)
    land.explore("loans", NOW_US)
    readers["loans.parquet"].add(loans(N, 200))
    land.extract(NOW_US + 1)
    one = by_code(land.explore("loans", NOW_US + 1))["column-retyped", "income"]
    assert (one.fields["was"], one.fields["type"]) == ("int", "float")


def test_the_same_version_gives_the_same_profile() -> None:
    land, _ = in_memory(declared(), {"loans.parquet": loans()})
    land.extract(NOW_US)
    first = land.explore("loans", NOW_US)
    land.looked_at.clear()
    assert land.explore("loans", NOW_US) == first


def test_keys_and_entities_of_any_view_are_no_amounts() -> None:
    number, counts = np.arange(N), np.random.default_rng(3).poisson(30, N)
    number[-5:] += 900_000
    counts[7] = 90_000
    rows = loans(loan_id=number).append_column("client", pa.array(counts)).append_column("rooms", pa.array(counts))

    def accused(declaration: Declaration) -> set[str]:
        land, _ = in_memory(declaration, {"loans.parquet": rows, "people.parquet": people})
        land.extract(NOW_US)
        return {column for code, column in by_code(land.explore("loans", NOW_US)) if code == "outliers"}

    people = pa.table({"person": [1], "at": [START], "town": ["Seoul"]})
    credit = tm.System("credit", owner="risk@bank.example")
    source = credit.source("loans", tm.files("loans.parquet"), key="loan_id", time="applied_at")
    assert accused(credit.declared()) == {"client", "rooms"}
    person = credit.features(
        "person", credit.source("people", tm.files("people.parquet"), key="person", time="at"), entity="person",
        columns=["town"],
    )  # fmt: skip
    lost = credit.label("lost", asked=source, outcome="status = 'lost'")

    @credit.model(label=lost, features=[person.on("client", person="client")], split=tm.by_time(valid=0.2, test=0.2))
    def risk(train: tm.Data, valid: tm.Data) -> object:
        return None

    assert accused(credit.declared()) == {"rooms"}


@pytest.mark.parametrize("column", ["payload", "day", "price"])
def test_columns_of_any_arrow_type_are_read(column: str) -> None:
    odd: dict[str, Any] = {
        "payload": pa.array([{"a": i % 2} for i in range(N)]),
        "day": pa.array([START.date()] * N, pa.date32()),
        "price": pa.array([None] * N, pa.decimal128(9, 2)),
    }
    table = loans().append_column(column, odd[column])
    land, _ = in_memory(declared(), {"loans.parquet": table})
    land.extract(NOW_US)
    told = {one.name: one for one in land.explore("loans", NOW_US).columns}[column]
    assert (told.distinct, told.nulls) == {"payload": (2, 0), "day": (1, 0), "price": (0, N)}[column]


def test_a_source_of_one_row_is_explored() -> None:
    land, _ = in_memory(declared(), {"loans.parquet": loans(n=1)})
    land.extract(NOW_US)
    profile = land.explore("loans", NOW_US)
    assert profile.rows == 1
    assert not any("leak" in one.code for one in profile.findings)
