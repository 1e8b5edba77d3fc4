"""Values and types at the door."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from tidemill.errors import SourceError
from tidemill.stores.arrow import AWARE, NAIVE, column, column_types, settled, word

MONEY = pa.decimal128(6, 2)
NOON = datetime.fromisoformat("2026-01-02T12:00:00.000001")


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1, None, True, 3.0], pa.int64(), [1, None, 1, 3]),
        ([1, 2.5, Decimal("0.5"), None], pa.float64(), [1.0, 2.5, 0.5, None]),
        ([1.1, 2, "3.10", Decimal("-9999.99")], MONEY, ["1.10", "2.00", "3.10", "-9999.99"]),
        ([0, 1, True, "FALSE", None], pa.bool_(), [False, True, True, False, None]),
        (["a", 1, 1.5, None], pa.string(), ["a", "1", "1.5", None]),
        (["2026-01-02", date(2026, 1, 2), "2026-01-02 00:00:00", None], pa.date32(), [date(2026, 1, 2)] * 3 + [None]),
        (["2026-01-02T12:00:00.000001", "2026-01-02 12:00:00.000001", NOON, None], NAIVE, [NOON] * 3 + [None]),
        (["2026-01-02", date(2026, 1, 2)], NAIVE, [datetime.fromisoformat("2026-01-02")] * 2),
        ([], NAIVE, []),
    ],
)
def test_reads_values_as_the_type_says(values: list[Any], kind: pa.DataType, expected: list[Any]) -> None:
    found = column(values, kind, "c")
    assert found.type == kind
    assert found.to_pylist() == [Decimal(value) if kind == MONEY else value for value in expected]


def test_times_that_name_their_zone_are_one_column_in_utc() -> None:
    seoul = datetime(2026, 1, 2, 21, 0, tzinfo=timezone(timedelta(hours=9)))
    found = column(["2026-01-02T12:00:00Z", "2026-01-02 21:00:00+09:00", seoul, None], NAIVE, "c")
    assert found.type == AWARE
    assert set(found.to_pylist()) == {datetime(2026, 1, 2, 12, tzinfo=UTC), None}


@pytest.mark.parametrize(
    ("value", "kind", "type"),
    [
        ("seven", pa.int64(), "int"),
        (1.5, pa.int64(), "int"),
        (2**63, pa.int64(), "int"),
        (float("nan"), pa.int64(), "int"),
        ("1.5", pa.float64(), "float"),
        (1.005, MONEY, "float"),
        (10_000, MONEY, "float"),
        (2, pa.bool_(), "boolean"),
        ("yes", pa.bool_(), "boolean"),
        (b"x", pa.string(), "text"),
        ("2026-13-01", pa.date32(), "date"),
        ("2026-01-02 10:00", pa.date32(), "date"),
        ("yesterday", NAIVE, "timestamp"),
        (1_767_312_000, NAIVE, "timestamp"),
    ],
)
def test_a_value_that_is_something_else_is_named(value: object, kind: pa.DataType, type: str) -> None:
    with pytest.raises(SourceError) as caught:
        column([None, value], kind, "c")
    assert caught.value.code == "source.value-unreadable"
    assert caught.value.fields == {"column": "c", "type": type, "value": repr(value)}


def test_aware_and_naive_times_in_one_column_are_a_mistake() -> None:
    with pytest.raises(SourceError) as caught:
        column(["2026-01-02T12:00:00Z", "2026-01-02T12:00:00"], NAIVE, "c")
    assert caught.value.code == "source.zones-mixed"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([], pa.null()),
        ([None], pa.null()),
        ([1, None], pa.int64()),
        ([1, 1.5], pa.float64()),
        ([True], pa.bool_()),
        (["a", 1], pa.string()),
        ([Decimal("1.5"), Decimal(2)], pa.decimal128(38, 1)),
        ([date(2026, 1, 2)], pa.date32()),
        ([NOON], NAIVE),
        ([b"x"], pa.binary()),
    ],
)
def test_without_a_declared_type_the_values_tell(values: list[object], kind: pa.DataType) -> None:
    assert column(values, None, "c").type == kind


@pytest.mark.parametrize(
    ("kind", "settled_kind", "said"),
    [
        (pa.int8(), pa.int64(), "int"),
        (pa.uint64(), pa.int64(), "int"),
        (pa.decimal128(38, 0), pa.int64(), "int"),
        (pa.decimal128(12, 2), pa.decimal128(12, 2), "float"),
        (pa.float32(), pa.float64(), "float"),
        (pa.large_string(), pa.string(), "text"),
        (pa.dictionary(pa.int8(), pa.string()), pa.string(), "text"),
        (pa.time64("us"), pa.string(), "text"),
        (pa.date64(), pa.date32(), "date"),
        (pa.timestamp("ns"), NAIVE, "timestamp"),
        (pa.timestamp("s", tz="Asia/Seoul"), AWARE, "timestamp"),
        (pa.bool_(), pa.bool_(), "boolean"),
        (pa.binary(), pa.binary(), "unknown"),
        (pa.list_(pa.int64()), pa.list_(pa.int64()), "unknown"),
    ],
)
def test_tables_settle_on_few_types(kind: pa.DataType, settled_kind: pa.DataType, said: str) -> None:
    table = settled(pa.table({"c": pa.array([None], kind)}))
    assert table.schema.field("c").type == settled_kind
    assert column_types(table.schema)[0].type == word(settled_kind) == said


def test_nanoseconds_are_cut_and_too_large_numbers_refused() -> None:
    nanoseconds = pa.table({"c": pa.array([1_999], pa.timestamp("ns"))})
    assert settled(nanoseconds)["c"].cast(pa.int64()).to_pylist() == [1]
    with pytest.raises(SourceError) as caught:
        settled(pa.table({"c": pa.array([2**64 - 1], pa.uint64())}))
    assert caught.value.code == "source.value-unreadable"
