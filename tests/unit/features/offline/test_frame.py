"""Functions on the request see in training what a server gives them; expressions know their names."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from tests.street import COMPUTE, us
from tidemill.errors import DataError, ModelError
from tidemill.features.offline.frame import called, sql_on, vocabularies
from tidemill.features.request import function_of, types_of
from tidemill.spec.parse import parse
from tidemill.spec.view import OnRequest

AT = us("2026-01-31T23:30")
ASKS = pa.table(
    {
        "_ask": [0, 1],
        "_asked_us": [AT, AT + 3_600_000_000],
        "price": pa.array([Decimal("1.50"), None]),
        "ratio": pa.array([float("nan"), 0.5]),
        "seen": pa.array([datetime(2026, 1, 1, tzinfo=UTC), None], pa.timestamp("us", tz="UTC")),
        "day": pa.array([date(2026, 1, 2), None]),
        "word": ["a", None],
    }
)
CODE = (
    "def keep(asked_at, price, ratio, seen, day, word):\n    return repr((asked_at, price, ratio, seen, day, word))\n"
)


def view(code: str, *parameters: str, returns: Any = "text") -> OnRequest:
    names: dict[str, Any] = {}
    exec(code, names)
    name = code.split("(", maxsplit=1)[0].removeprefix("def ")
    return OnRequest(name=name, function=names[name], parameters=parameters, returns=returns, code=code)


def test_a_function_sees_what_a_server_gives_it() -> None:
    keep = view(CODE, "asked_at", "price", "ratio", "seen", "day", "word")
    found = called(keep, ASKS, "Asia/Seoul").to_pylist()
    types = {"price": "float", "ratio": "float", "seen": "timestamp", "day": "date", "word": "text"}
    online = function_of(keep, types, "Asia/Seoul")  # type: ignore[arg-type]  # words of the dialect
    first = {"asked_at": AT, "price": 1.5, "ratio": None, "seen": us("2026-01-01"), "day": 20_455, "word": "a"}
    second = {"asked_at": AT + 3_600_000_000, "price": None, "ratio": 0.5, "seen": None, "day": None, "word": None}
    same = [text.replace("zoneinfo.ZoneInfo(key='UTC')", "datetime.timezone.utc") for text in found]
    assert same == [online(first), online(second)]
    seoul = datetime(2026, 2, 1, 8, 30, tzinfo=ZoneInfo("Asia/Seoul"))
    assert found[0].startswith(f"({seoul!r}, 1.5, None, ")
    assert types_of([]) == {}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("def one(word):\n    return 1 / 0\n", "ZeroDivisionError"),
        ("def one(word):\n    return {}\n", "ArrowTypeError"),
    ],
)
def test_what_a_function_does_wrong_is_its_own_error(code: str, error: str) -> None:
    with pytest.raises(ModelError) as caught:
        called(view(code, "word", returns="int"), ASKS, "UTC")
    assert (caught.value.code, caught.value.fields["function"]) == ("model.request-function-raised", "one")
    assert caught.value.fields["error"] in {error, "ArrowInvalid"}


def test_a_parameter_that_no_ask_has_is_named() -> None:
    with pytest.raises(DataError) as caught:
        called(view("def one(words):\n    return 1\n", "words"), ASKS, "UTC")
    assert caught.value.fields == {"column": "words", "where": "asks", "nearest": "word"}


def run(text: str, *, moment: bool = False, rows: pa.Table = ASKS) -> list[object]:
    sql = sql_on(parse(text), rows, "Asia/Seoul", moment=moment)
    found: list[object] = COMPUTE.query(f"select {sql} as x from asks", {"asks": rows})["x"].to_pylist()
    return found


def test_expressions_know_the_moment_and_features_by_their_short_names() -> None:
    rows = ASKS.append_column("past.n", pa.array([1, 2])).append_column("more.m", pa.array([3, 4]))
    rows = rows.append_column("other.m", pa.array([5, 6]))
    assert run("hour(asked_at)") == [8, 9]
    assert run("n + past.n", rows=rows) == [2, 4]
    assert run("more.m", rows=rows) == [3, 4]
    with pytest.raises(DataError) as caught:
        run("m", rows=rows)
    assert caught.value.code == "data.column-missing"


def test_a_date_as_a_moment_begins_at_midnight_in_the_zone() -> None:
    first, second = run("day", moment=True)
    assert (first, second) == (datetime(2026, 1, 1, 15, tzinfo=UTC), None)
    assert run("seen", moment=True)[0] == datetime(2026, 1, 1, tzinfo=UTC)


def test_an_asks_own_column_may_be_called_asked_at() -> None:
    rows = ASKS.append_column("asked_at", pa.array([us("2026-06-01T10:00")] * 2, pa.timestamp("us", tz="UTC")))
    assert run("hour(asked_at)", rows=rows) == [19, 19]


def test_vocabularies_are_the_sorted_words_of_the_chosen_rows() -> None:
    table = pa.table({"w": ["b", "a", None, "b", "z"], "n": [1, 2, 3, 4, 5]})
    chosen = pa.array([True, True, True, True, False]).to_numpy(zero_copy_only=False)
    assert vocabularies(table, ["w", "n"], chosen) == {"w": ("a", "b")}
