"""Pushed rows and outcomes: read by type, or refused one by one with the reason."""

from __future__ import annotations

from decimal import Decimal
from math import inf
from typing import Any

import pytest

from tests.shelf import START
from tidemill.facts.data import ColumnType
from tidemill.lifecycle.serve.accept import Rows, sort_outcomes, sort_rows
from tidemill.ports.clock import SKEW_US

LOANS = Rows(
    source="loans",
    time="at",
    key=("id",),
    columns=(
        ColumnType(name="id", type="int"),
        ColumnType(name="at", type="timestamp"),
        ColumnType(name="amount", type="float"),
        ColumnType(name="day", type="date"),
        ColumnType(name="price", type="float", decimal=(12, 2)),
    ),
    zone="UTC",
)


def test_rows_come_in_the_houses_types() -> None:
    row = {"id": "7", "at": "2026-01-01", "amount": 3, "day": "1970-01-03", "more": "kept"}
    found = sort_rows([row], LOANS, START)
    assert found.taken == ({"id": 7, "at": START, "amount": 3.0, "day": 2, "more": "kept"},)
    assert found.refused == ()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (Decimal("1.05"), "1.05"),
        ("1.05", "1.05"),
        (3, "3"),
        ("-.5e1", "-5"),
        (Decimal("0.105"), "0.105"),
        (Decimal("123456789012345678.12345678901234567890"), "123456789012345678.12345678901234567890"),
        (None, None),
    ],
)
def test_decimals_keep_their_digits(given: object, kept: str | None) -> None:
    (row,) = sort_rows([{"id": 1, "at": "2026-01-01", "price": given}], LOANS, START).taken
    assert row["price"] == kept


def test_decimals_of_other_columns_are_numbers_like_any() -> None:
    row = {"id": Decimal("7.0"), "at": "2026-01-01", "amount": Decimal("1.05"), "more": Decimal("2E+3")}
    (found,) = sort_rows([row], LOANS, START).taken
    assert found == {"id": 7, "at": START, "amount": 1.05, "more": 2000.0}


def test_says_how_many_digits_a_decimal_may_have() -> None:
    (refused,) = sort_rows([{"id": 1, "at": "2026-01-01", "price": Decimal("1E+18")}], LOANS, START).refused
    assert refused.error.fields == {
        "at": "rows[0].price",
        "expected": "a number of at most 18 digits before the point and 20 behind it",
        "got": "the number 1E+18",
    }


def test_what_a_row_may_hold_is_said_with_its_types() -> None:
    said = {field.name: (field.type, field.needed) for field in LOANS.fields()}
    assert said == {
        "at": ("timestamp", True),
        "id": ("int", True),
        "amount": ("float", False),
        "day": ("date", False),
        "price": ("decimal(12, 2)", False),
    }
    bare = Rows(source="x", time="at", key=("id",), columns=(), zone="UTC")
    assert [(field.name, field.type) for field in bare.fields()] == [("at", "timestamp"), ("id", "unknown")]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("x", "field-type"),
        ({"id": 1}, "field-missing"),
        ({"at": "2026-01-01"}, "field-missing"),
        ({"id": 1, "at": None}, "field-null"),
        ({"id": None, "at": "2026-01-01"}, "field-null"),
        ({"id": 1, "at": "never"}, "field-type"),
        ({"id": 1, "at": "2026-01-01", "amount": "3"}, "field-type"),
        ({"id": 1, "at": "2026-01-01", "more": []}, "field-type"),
        ({"id": 1, "at": "2026-01-01", "amount": Decimal("1E+999")}, "field-type"),
        ({"id": 1, "at": "2026-01-01", "more": Decimal("-1E+999")}, "field-type"),
        ({"id": 1, "at": "2026-01-01", "price": Decimal("1E+18")}, "field-type"),
        ({"id": 1, "at": "2026-01-01", "price": Decimal("1E-21")}, "field-type"),
        ({"id": 1, "at": "2026-01-01", "price": 10**5000}, "field-type"),
        ({"id": 1, "at": "2026-01-01", "price": "much"}, "field-type"),
        ({"id": 1, "at": "2026-01-01", "price": "NaN"}, "field-type"),
        ({"id": 1, "at": "2026-01-01", "price": True}, "field-type"),
        ({"id": 1, "at": "2026-01-01T00:00:06"}, "in-the-future"),
        ({"id": 1, "at": "1900-12-31T23:59:59"}, "before-records"),
        ({"id": 1, "at": "0001-01-01"}, "before-records"),
    ],
)
def test_one_bad_row_is_refused_and_the_others_are_taken(row: Any, code: str) -> None:
    good = {"id": 1, "at": "2026-01-01"}
    found = sort_rows([good, row, good], LOANS, START)
    assert len(found.taken) == 2
    assert [(one.place, one.error.code) for one in found.refused] == [(1, f"request.{code}")]


def test_names_that_are_kept_for_the_lakes_own_are_refused() -> None:
    found = sort_rows([{"id": 1, "at": "2026-01-01"}, {"id": 1, "at": "2026-01-01", "_op": "D", "_x": 1}], LOANS, START)
    assert len(found.taken) == 1
    (refused,) = found.refused
    assert (refused.place, refused.error.code) == (1, "request.field-reserved")
    assert refused.error.fields == {"at": "rows[1]", "fields": ("_op", "_x")}


def test_a_senders_clock_may_be_a_little_ahead() -> None:
    assert sort_rows([{"id": 1, "at": "2026-01-01T00:00:05"}], LOANS, START).refused == ()
    assert SKEW_US == 5_000_000


def test_a_source_of_which_only_the_types_are_known_takes_any_object() -> None:
    bare = Rows(source="x", time="", key=(), columns=(ColumnType(name="n", type="int"),), zone="UTC")
    assert sort_rows([{"n": 1}, {"n": "x"}], bare, START).taken == ({"n": 1},)


def test_outcomes_of_predictions_and_of_shown_items() -> None:
    found = sort_outcomes(
        [{"id": "w-0.1-8", "value": True}, {"id": "w-0.1-8:2", "value": 3.5, "happened_at": "2025-12-31"}], "UTC", START
    )
    assert found.taken == (
        {"id": "w-0.1-8", "value": True, "happened_at_us": START},
        {"id": "w-0.1-8:2", "value": 3.5, "happened_at_us": START - 86_400_000_000},
    )


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (3, "field-type"),
        ({}, "field-missing"),
        ({"id": "w.1-8"}, "field-missing"),
        ({"id": "w.1-8", "value": None}, "field-null"),
        ({"id": "8", "value": 1}, "field-type"),
        ({"id": 8, "value": 1}, "field-type"),
        ({"id": "w.1-8", "value": "yes"}, "field-type"),
        ({"id": "w.1-8", "value": inf}, "field-type"),
        ({"id": "w.1-8", "value": 1, "happened_at": "2027-01-01"}, "in-the-future"),
        ({"id": "w.1-8", "value": 1, "happened_at": "0001-01-01"}, "before-records"),
        ({"id": "w.1-8", "value": 1, "happened_at": 12}, "field-type"),
    ],
)
def test_says_why_an_outcome_is_refused(outcome: Any, code: str) -> None:
    (refused,) = sort_outcomes([outcome], "UTC", START).refused
    assert refused.error.code == f"request.{code}"
