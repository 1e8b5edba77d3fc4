"""Versions of the data as a person reads them: listed, compared, and taken away after being asked."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from tests.unit.interfaces.cli.conftest import Type
from tidemill.app.context import open_ledger, open_tables
from tidemill.app.settings import settings
from tidemill.facts.data import ColumnType
from tidemill.interfaces.cli.main import mill
from tidemill.ports.tables import Draft, Tables
from tidemill.testing.fakes import VirtualClock

SYSTEM = """\
import tidemill as tm

shop = tm.System("shop", owner="o@shop.example")
orders = shop.source("orders", tm.files("orders.csv"), key="order_id", time="ordered_at")
"""
DAY = 86_400_000_000
START = VirtualClock.at("2026-03-01").now_us()
TYPES = {"order_id": "int", "ordered_at": "timestamp", "price": "float", "town": "text"}


def land(tables: Tables, orders: dict[int, float], *, town: bool) -> None:
    """A version a day: prices by order; the column `town` may not be there yet."""
    before = tables.newest("orders")
    first, number = (before.rows, before.number + 1) if before else (0, 1)
    count, at_us = len(orders), START + number * DAY
    times = pa.array([at_us] * count, pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    columns = {
        "order_id": list(orders), "ordered_at": times, "price": list(orders.values()), "town": ["Seoul"] * count,
        "_known_at": times, "_op": ["I"] * count, "_batch": [number] * count, "_row": range(first, first + count),
    }  # fmt: skip
    table = pa.table({name: values for name, values in columns.items() if town or name != "town"})
    tables.commit(Draft(
        system="shop", dataset="orders", files=(tables.stage("orders", table, time="ordered_at"),), rejected=(),
        cursor="", watermark_us=at_us, content=str(number), at_us=at_us,
        columns=tuple(ColumnType(name=name, type=kind) for name, kind in TYPES.items() if town or name != "town"),
    ), before)  # fmt: skip


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tables:
    """Three versions in the current folder's lake: 300 orders, 250 far dearer ones, and one with another price."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "system.py").write_text(SYSTEM)
    chosen = settings(tmp_path, tmp_path)
    open_ledger(chosen).close()
    tables = open_tables(chosen)
    land(tables, {n: 10.0 + n % 7 for n in range(300)}, town=False)
    land(tables, {n: 90.0 + n % 7 for n in range(300, 550)}, town=True)
    land(tables, {5: 99.0, 550: 11.0}, town=True)
    return tables


def test_a_datasets_versions_say_what_each_brought(typed: Type, tables: Tables) -> None:
    said = typed("datasets", "orders", columns=120).stdout
    assert [line.split()[0] for line in said.splitlines()[1:]] == ["orders@v3", "orders@v2", "orders@v1"]
    assert "+ town (text)" in said.splitlines()[2]
    assert "town" not in said.splitlines()[1]
    back = typed("datasets", "orders@2026-03-03").stdout.splitlines()
    assert [line.split()[0] for line in back[1:]] == ["orders@v2", "orders@v1"]


@pytest.mark.parametrize("columns", [80, 120])
def test_a_difference_tells_rows_by_key_columns_and_what_moved(typed: Type, tables: Tables, columns: int) -> None:
    said = typed("datasets", "diff", "orders@v1", "orders@v3", columns=columns).stdout
    words = " ".join(said.split())
    for part in (
        "252 rows",
        "added 251 by order_id",
        "changed 1: ordered_at in 1, price in 1, town in 1",
        "town",
        "orders.price",
    ):
        assert part in words
    assert max(len(line) for line in said.splitlines()) <= columns


def test_the_order_of_naming_does_not_matter_and_the_second_may_be_left_out(typed: Type, tables: Tables) -> None:
    def found(*names: str) -> dict[str, object]:
        document: dict[str, object] = json.loads(typed("datasets", "diff", *names, "--json").stdout)
        return document

    assert found("orders@v1", "orders@v3") == found("orders", "orders@v1") == found("orders@v1")
    last = found("orders")
    assert (last["added"], last["changed"], last["columns"]) == (1, 1, {"ordered_at": 1, "price": 1, "town": 1})
    assert (last["before"], found("orders@v2")["before"]) == (last["before"], last["before"])
    assert "same version" in typed("datasets", "diff", "orders", "orders@v3").stdout


def test_prune_says_what_goes_and_does_it_only_if_told(typed: Type, tables: Tables) -> None:
    said = typed("datasets", "prune", "--keep", "1s", "--dry-run").stdout
    assert "2 versions" in said
    asked = CliRunner().invoke(mill, ["datasets", "prune", "--keep", "1s"], input="n\n")
    assert asked.exit_code == 130
    assert tables.numbers("orders") == (1, 2, 3)
    done = typed("datasets", "prune", "--keep", "1s", "--yes")
    assert done.exit_code == 0
    assert tables.numbers("orders") == (3,)
    assert [len(line) <= 80 for line in done.stdout.splitlines()] == [True] * len(done.stdout.splitlines())
    assert "Nothing to take away" in typed("datasets", "prune", "--keep", "1s").stdout
    assert "orders@v3" in typed("datasets", "orders").stdout
    gone = typed("datasets", "diff", "orders@v1", "orders")
    assert "settings.dataset-version-pruned" in gone.stderr


def test_prune_as_json_tells_the_same(typed: Type, tables: Tables) -> None:
    found = json.loads(typed("datasets", "prune", "--keep", "1s", "--yes", "--json").stdout)
    assert [each["gone"] for each in found["datasets"]] == [["orders@v1", "orders@v2"]]
    assert (found["waste"]["files"], found["waste"]["bytes"]) == (0, 0)


def test_help_names_the_acts(typed: Type, tables: Tables) -> None:
    said = typed("datasets", "--help").stdout
    assert "diff A B" in said
    assert "prune" in said
    assert "--keep" in typed("datasets", "prune", "--help").stdout
