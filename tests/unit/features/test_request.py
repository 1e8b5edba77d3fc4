"""What callers send is read by its declared type, and computed as in training."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shelf import APPLICATION, START, mooded
from tidemill.errors import ExpressionError, ModelError
from tidemill.features.request import compiled, compute, read
from tidemill.spec.expression import Type
from tidemill.spec.parse import parse_named
from tidemill.spec.view import Request
from tidemill.spec.zones import zone_info

SEOUL = "Asia/Seoul"
TYPES: dict[str, Type] = {"amount": "float", "state": "text", "lender.loans_30d": "int"}


@pytest.mark.parametrize(
    ("value", "kind", "found"),
    [
        (3, "int", 3),
        (3.0, "int", 3),
        ("1004761003", "int", 1004761003),
        (2**63 - 1, "int", 2**63 - 1),
        (3, "float", 3.0),
        ("x", "text", "x"),
        (True, "boolean", True),
        (None, "int", None),
        ("2026-01-01T09:00:00", "timestamp", START),
        ("2026-01-01 00:00:00.000001Z", "timestamp", START + 1),
        ("2026-01-01T00:00:00+01:00", "timestamp", START - 3_600_000_000),
        ("1970-01-02", "date", 1),
        ("x", "unknown", "x"),
        (2.5, "unknown", 2.5),
    ],
)
def test_reads_a_value_of_its_type(value: object, kind: str, found: object) -> None:
    assert read(value, kind, SEOUL) == found
    assert type(read(value, kind, SEOUL)) is type(found)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (3.5, "int"),
        (2.0**60, "int"),
        (2**63, "int"),
        ("3.5", "int"),
        ("1_0", "int"),
        (True, "int"),
        (True, "float"),
        ("3", "float"),
        (3, "text"),
        (1, "boolean"),
        ("true", "boolean"),
        (1_700_000_000, "timestamp"),
        ("yesterday", "timestamp"),
        ("2026-02-30", "date"),
        ([1], "unknown"),
        ({"a": 1}, "text"),
        (True, "text"),
    ],
)
def test_refuses_a_value_of_another_type(value: object, kind: str) -> None:
    with pytest.raises(ValueError):
        read(value, kind, SEOUL)


@given(
    st.datetimes(datetime.fromisoformat("1971-01-01"), datetime.fromisoformat("2037-01-01")),
    st.sampled_from(["Europe/Berlin", "America/New_York", SEOUL]),
)
def test_naive_times_are_on_the_zones_clock(moment: datetime, zone: str) -> None:
    found = read(moment.isoformat(), "timestamp", zone)
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(found or 0))).astimezone(zone_info(zone))
    assert local.replace(tzinfo=None) >= moment  # equal but for the hour that a spring night lacks
    assert local.replace(tzinfo=None) == moment or local.replace(tzinfo=None) - moment <= timedelta(hours=1)


def test_request_columns_may_use_looked_up_features() -> None:
    made = compiled([APPLICATION, mooded("def mood(amount, asked_at):\n    return asked_at.hour\n")], TYPES, SEOUL)
    row = {"amount": 100.0, "state": "FL", "lender.loans_30d": 5, "asked_at": START}
    assert compute(made, row) == {
        "application.amount": 100.0,
        "application.state": "FL",
        "application.per_loan": 20.0,
        "mood": 9,
    }


def test_a_unique_short_name_is_the_looked_up_feature() -> None:
    view = Request(
        name="a", source=APPLICATION.source, columns=(parse_named("amount + loans_30d as x"),), chosen=("x",)
    )
    made = compiled([view], TYPES, SEOUL)
    assert compute(made, {"amount": 1.5, "lender.loans_30d": 2, "asked_at": START}) == {"a.x": 3.5}


def test_columns_that_were_dropped_are_not_computed() -> None:
    made = compiled([APPLICATION.only("amount")], {"amount": "float"}, SEOUL)
    assert [name for name, _ in made.columns] == ["application.amount"]


def test_an_expression_that_does_not_fit_its_columns_is_said_when_loading() -> None:
    with pytest.raises(ExpressionError):
        compiled([APPLICATION], {"amount": "text", "state": "text", "lender.loans_30d": "int"}, SEOUL)


@pytest.mark.parametrize(
    "code",
    [
        "def mood(:",
        "import numpy\ndef mood(a, b): return 0",
        "x = 1",
        "mood = 3",
        "mood = undefined",
        "from . import x",
    ],
)
def test_a_function_that_cannot_be_had_is_said_when_loading(code: str) -> None:
    with pytest.raises(ModelError) as raised:
        compiled([mooded(code)], TYPES, SEOUL)
    assert raised.value.code == "model.function-unreadable"


def test_functions_get_times_as_datetimes_and_the_standard_library() -> None:
    code = """
import math
def mood(amount, asked_at):
    from datetime import UTC
    return (math.floor(amount), asked_at.tzinfo is UTC)
"""
    made = compiled([mooded(code)], {"amount": "float", "asked_at": "timestamp"}, SEOUL)
    assert compute(made, {"amount": 2.5, "asked_at": START})["mood"] == (
        2,
        True,
    )  # here asked_at is a column of the row
