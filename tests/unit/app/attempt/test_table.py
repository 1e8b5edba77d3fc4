"""Time and label of a table are understood as a person would, and what cannot be meant is refused with the way out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.app.attempt.tables import calls, comma_separated, parquet
from tidemill.app.attempt.table import Raw, load, outcome_of, slugs, target, timing
from tidemill.app.wiring import make
from tidemill.errors import DataError, SourceError
from tidemill.tell.words import sentence, way_out


def raw(tmp_path: Path, **changed: Any) -> Raw:
    return load(parquet(tmp_path, calls(120, **changed)), make("compute.duckdb"))


def refused(code: str, call: Any) -> str:
    with pytest.raises(DataError) as caught:
        call()
    assert caught.value.code == code
    assert caught.value.code not in sentence(code, caught.value.fields)
    return way_out(code, caught.value.fields)


@pytest.mark.parametrize(
    ("changed", "column", "kind", "made"),
    [
        ({}, "at", "time", ""),
        ({"at": [date(2026, 1, 1 + i % 28) for i in range(120)]}, "at", "time", ""),
        ({}, "call", "order", "cast('2000-01-01' as timestamp) + to_seconds(\"call\")"),
        ({"at": np.arange(120) + 1_700_000_000}, "at", "epoch", 'make_timestamp("at" * 1000000)'),
        ({"at": np.arange(120) + 1_700_000_000_000}, "at", "epoch", 'make_timestamp("at" * 1000)'),
    ],
)
def test_times_days_epochs_and_orders_are_told_apart(
    tmp_path: Path, changed: dict[str, Any], column: str, kind: str, made: str
) -> None:
    found = timing(raw(tmp_path, **changed), column)
    assert (found.kind, found.made) == (kind, made)


def test_a_made_time_takes_a_free_name(tmp_path: Path) -> None:
    found = timing(raw(tmp_path, happened_at=np.zeros(120)), "call")
    assert found.name == "happened_at_2"


@pytest.mark.parametrize(
    ("values", "positive", "kind", "outcome", "event"),
    [
        (np.array(["no", "yes"])[[0, 1, 0] * 40], None, "event", "y = 'yes'", "yes"),
        (np.array(["no", "yes"])[[0, 1, 0] * 40], "no", "event", "y = 'no'", "no"),
        (np.array(["paid", "it's lost"])[[0, 1, 0] * 40], None, "event", "y = 'it''s lost'", "it's lost"),
        ([True, False, True] * 40, None, "event", "y", "true"),
        ([True, False, True] * 40, "false", "event", "not y", "false"),
        ([1, 0, 1] * 40, None, "event", "y = 1", "1"),
        ([1.0, 2.0, 1.0] * 40, None, "event", "y = 1", "1"),
        ([1, 2, 3] * 40, None, "number", "y", ""),
        ([1, 2, 3] * 40, "3", "event", "y = 3", "3"),
        (np.array(["a", "b", "c"])[[0, 1, 2] * 40], "b", "event", "y = 'b'", "b"),
    ],
)
def test_an_event_or_a_number_is_predicted(
    tmp_path: Path, values: Any, positive: str | None, kind: str, outcome: str, event: str
) -> None:
    table = raw(tmp_path, y=values)
    found = target(table, "y", positive)
    assert (found.kind, found.outcome, found.positive) == (kind, outcome, event)
    told = outcome_of(table.column("y"), found)
    expected = [str(value).lower() == event for value in np.asarray(values).tolist()]
    if kind == "event" and event not in {"1", "3"}:
        assert told.tolist() == [float(one) for one in expected]


def test_outcomes_that_are_not_known_are_nan(tmp_path: Path) -> None:
    table = raw(tmp_path, y=[None, 1, 0] * 40)
    assert np.isnan(outcome_of(table.column("y"), target(table, "y", None))[::3]).all()


def test_what_cannot_be_meant_is_refused_with_the_way_out(tmp_path: Path) -> None:
    table = raw(tmp_path, same=["a"] * 120, empty=pa.nulls(120, pa.int64()))
    assert "call, at" in refused("data.not-an-order", lambda: timing(table, "mood"))
    refused("data.order-empty", lambda: timing(table, "empty"))
    refused("data.column-missing", lambda: timing(table, "when"))
    refused("data.column-missing", lambda: target(table, "Y", None))
    refused("data.label-constant", lambda: target(table, "same", None))
    refused("data.label-constant", lambda: target(table, "empty", None))
    assert "--positive" in refused("data.label-many-words", lambda: target(table, "city", None))
    refused("data.label-no-such-value", lambda: target(table, "y", "maybe"))
    refused("data.label-kind", lambda: target(table, "at", None))


def test_comma_separated_files_are_read_as_well(tmp_path: Path) -> None:
    table = load(comma_separated(tmp_path, calls(120)), make("compute.duckdb"))
    assert (table.rows.num_rows, table.types["at"], table.types["seconds"]) == (120, "timestamp", "int")
    with pytest.raises(SourceError):
        load(tmp_path / "nowhere.csv", make("compute.duckdb"))


def test_features_get_names_that_python_and_the_wire_can_carry() -> None:
    assert slugs(["emp.var.rate", "emp var rate", "1st", "나이", "?"]) == (
        "emp_var_rate", "emp_var_rate_2", "column_1st", "나이", "column",
    )  # fmt: skip
