"""SQL and Python compute the same from the same expression, to the last bit, and what docs/expressions.md says."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.needs import ROOT
from tests.unit.features.expression_trees import COLUMNS, rows, trees
from tidemill.errors import ExpressionError
from tidemill.features.rowwise import compile_row
from tidemill.features.sqltext import to_duckdb
from tidemill.spec.expression import Node, Type
from tidemill.spec.parse import parse
from tidemill.spec.types import type_of

KINDS: tuple[Type, ...] = ("int", "float", "text", "boolean", "date", "timestamp")
ZONES = ("Asia/Seoul", "America/New_York", "Africa/Cairo", "Atlantic/Azores", "America/St_Johns", "Pacific/Apia", "UTC")
ARROW = {
    "int": pa.int64(), "float": pa.float64(), "text": pa.string(), "boolean": pa.bool_(), "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}  # fmt: skip
PLAIN = {"date": "({} - DATE '1970-01-01')", "timestamp": "epoch_us({})"}
ROWS = rows(7, 180)


@pytest.fixture(scope="module")
def table() -> Iterator[duckdb.DuckDBPyConnection]:
    """The rows as table `hard`, in a session whose own zone must not matter."""
    columns = {name: pa.array([row[name] for row in ROWS], ARROW[kind]) for name, kind in COLUMNS.items()}
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'Pacific/Chatham'")
        connection.register("arrow", pa.table(columns | {"row": list(range(len(ROWS)))}))
        connection.execute("CREATE TABLE hard AS SELECT * FROM arrow")
        yield connection


def by_sql(connection: duckdb.DuckDBPyConnection, node: Node, zone: str) -> list[object]:
    text = PLAIN.get(type_of(node, COLUMNS), "{}").format(to_duckdb(node, columns=COLUMNS, zone=zone))
    return [value for (value,) in connection.execute(f'SELECT {text} FROM hard ORDER BY "row"').fetchall()]


def differing(connection: duckdb.DuckDBPyConnection, node: Node, zone: str) -> list[tuple[object, object, object]]:
    """Rows on which the two do not give the very same value: (row, by SQL, by Python)."""
    function = compile_row(node, columns=COLUMNS, zone=zone)
    both = zip(ROWS, by_sql(connection, node, zone), map(function, ROWS), strict=True)
    return [(row, a, b) for row, a, b in both if a != b or type(a) is not type(b)]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60)
@given(data=st.data())
def test_random_expressions_agree(table: duckdb.DuckDBPyConnection, kind: Type, data: st.DataObject) -> None:
    node = data.draw(trees(kind, data.draw(st.integers(1, 4), label="depth")), label="tree")
    assert differing(table, node, data.draw(st.sampled_from(ZONES), label="zone"))[:1] == []


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "text",
    [
        "cast(written as timestamp)", "date_trunc('day', t)", "date_trunc('hour', t)", "cast(d as timestamp)",
        "t + interval '1 month'", "t - interval '13 months'", "cast(t as date)", "cast(t as text)",
        "cast(t - interval '300000 days' * 3 as text)", "year(t - interval '300000 days' * 3)", "hour(t)",
        "weekday(t)", "d + interval '36 hours' <= t", "date_trunc('quarter', d)", "end - i", "order - t",
    ],
)  # fmt: skip
def test_times_agree_in_every_zone(table: duckdb.DuckDBPyConnection, text: str, zone: str) -> None:
    assert differing(table, parse(text).tree, zone)[:1] == []


@pytest.mark.parametrize("kind", ["int", "float", "boolean", "date"])
@pytest.mark.parametrize("source", ["written", "s"])
def test_casts_of_texts_agree(table: duckdb.DuckDBPyConnection, kind: str, source: str) -> None:
    assert differing(table, parse(f"cast({source} as {kind})").tree, "Asia/Seoul")[:1] == []


@pytest.mark.parametrize("text", ["ln(f)", "exp(f)", "sqrt(f)", "power(f, g)", "power(i, 0.5)", "exp(ln(abs(f)))"])
def test_transcendental_functions_agree_to_the_last_place(table: duckdb.DuckDBPyConnection, text: str) -> None:
    """Both call the C library; where two builds brought their own, one unit in the last place would be allowed."""
    for _, sql, python in differing(table, parse(text).tree, "UTC"):
        assert sql == pytest.approx(python, rel=2**-52, abs=0)


def test_any_width_of_a_column_will_do(table: duckdb.DuckDBPyConnection) -> None:
    table.execute("CREATE OR REPLACE TABLE narrow AS SELECT 2000000000::INTEGER i, 0.5::FLOAT f, 1.25::DECIMAL(9, 2) p")
    columns: dict[str, Type] = {"i": "int", "f": "float", "p": "float"}
    items = [to_duckdb(parse(text).tree, columns=columns, zone="UTC") for text in ("i * 4", "f + p", "-i - i")]
    assert table.execute(f"SELECT {', '.join(items)} FROM narrow").fetchone() == (8_000_000_000, 1.75, -4_000_000_000)


def test_columns_are_renamed_and_quoted(table: duckdb.DuckDBPyConnection) -> None:
    columns: dict[str, Type] = {"past.rpm": "int", 'a"b': "int", "order": "int"}
    text = to_duckdb(parse('past.rpm + "a""b" * order').tree, columns=columns, zone="UTC", rename={"past.rpm": "f 1"})
    assert table.execute(f'SELECT {text} FROM (SELECT 1 AS "f 1", 2 AS "a""b", 3 AS "order")').fetchone() == (7,)


def examples() -> list[tuple[str, str]]:
    """The examples of the page: expression and value."""
    block = (ROOT / "docs" / "expressions.md").read_text(encoding="utf-8").split("```text\n")[1].split("```")[0]
    return [(text.strip(), value.strip()) for text, _, value in (line.partition("→") for line in block.splitlines())]


@pytest.mark.parametrize(("text", "value"), examples())
def test_the_examples_of_the_page_hold(table: duckdb.DuckDBPyConnection, text: str, value: str) -> None:
    named = {"null": None, "true": True, "false": False}
    expected = named[value] if value in named else value[1:-1] if value[0] == "'" else eval(value)  # a number
    node = parse(text).tree
    sql = table.execute(f"SELECT {to_duckdb(node, columns={}, zone='Asia/Seoul')}").fetchall()[0][0]
    python = compile_row(node, columns={}, zone="Asia/Seoul")({})
    assert (sql, python) == (expected, expected)
    assert type(sql) is type(python) is type(expected)


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1).filter(bool))
def test_int_division_is_exact(a: int, b: int) -> None:
    """Against exact fractions: floor, and what is left of it."""
    row = {"a": a, "b": b}
    columns: dict[str, Type] = {"a": "int", "b": "int"}
    floor = Fraction(a, b).__floor__()
    assert compile_row(parse("a // b").tree, columns=columns, zone="UTC")(row) == (floor if floor < 2**63 else None)
    assert compile_row(parse("a % b").tree, columns=columns, zone="UTC")(row) == a - floor * b


def test_a_row_may_lack_names_and_hold_no_numbers() -> None:
    columns: dict[str, Type] = {"f": "float", "past.rpm": "float"}
    present = compile_row(parse("f is not null").tree, columns=columns, zone="UTC")
    assert [present(row) for row in ({}, {"f": None}, {"f": float("nan")}, {"f": float("-inf")}, {"f": 3})] == [
        False
    ] * 4 + [True]
    assert compile_row(parse("past.rpm / f").tree, columns=columns, zone="UTC")({"past.rpm": 3, "f": 2}) == 1.5


@pytest.mark.parametrize("back_end", [to_duckdb, compile_row])
def test_a_misspelt_name_is_said_before_any_row(back_end: object) -> None:
    with pytest.raises(ExpressionError, match="unknown-name"):
        back_end(parse("prise > 3").tree, columns={"price": "float"}, zone="UTC")  # type: ignore[operator]  # one of two functions
