"""The type of an expression, the conversions nobody has to write, and the mixes that are refused."""

from __future__ import annotations

import pytest

from tidemill.errors import ExpressionError
from tidemill.spec.expression import Type
from tidemill.spec.parse import parse
from tidemill.spec.types import settled, type_of

COLUMNS: dict[str, Type] = {
    "i": "int", "f": "float", "s": "text", "b": "boolean", "d": "date", "t": "timestamp", "u": "unknown",
    "past.rpm": "float",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i + i", "int"), ("i + f", "float"), ("i / i", "float"), ("i // i", "int"), ("f // i", "float"),
        ("round(i)", "int"), ("round(f, 2)", "float"), ("ln(i)", "float"), ("power(i, 2)", "float"), ("d - d", "int"),
        ("t - t", "interval"), ("t - d", "interval"), ("d + interval '1 day'", "timestamp"),
        ("t + interval '1 year'", "timestamp"), ("(t - t) / interval '1 day'", "float"),
        ("interval '2 days' * i", "interval"), ("date_trunc('week', d)", "date"),
        ("date_trunc('hour', d)", "timestamp"), ("date_trunc('week', t)", "timestamp"), ("year(t)", "int"),
        ("hour(t)", "int"), ("bucket(f, 1, 2)", "text"), ("length(s)", "int"), ("cast(f as int)", "int"),
        ("i < f", "boolean"), ("d <= t", "boolean"), ("t >= '2026-01-01 10:00'", "boolean"),
        ("d in ('2026-01-01', null)", "boolean"), ("case when b then i else f end", "float"),
        ("case when b then null else s end", "text"), ("coalesce(null, i)", "int"), ("nullif(i, 0)", "int"),
        ("least(i, 2.5)", "float"), ("null", "unknown"), ("null is null", "boolean"), ("past.rpm - 1", "float"),
        ("u + 1", "unknown"), ("u / 2", "float"), ("u = 1", "boolean"), ("lower(u)", "text"),
    ],
)  # fmt: skip
def test_types(text: str, expected: Type) -> None:
    assert type_of(parse(text).tree, COLUMNS) == expected


@pytest.mark.parametrize(
    ("text", "word", "given"),
    [
        ("i + s", "+", "int text"),
        ("i and b", "and", "int"),
        ("not f", "not", "float"),
        ("case when i then 1 end", "case", "int"),
        ("case when b then i else s end", "case", "int text"),
        ("i < b", "<", "int boolean"),
        ("s > t", ">", "text timestamp"),
        ("-b", "-", "boolean"),
        ("cast(t as int)", "cast as int", "timestamp"),
        ("cast(i as timestamp)", "cast as timestamp", "int"),
        ("length(i)", "length", "int"),
        ("s like 3", "like", "text int"),
        ("bucket(s, 1)", "bucket", "text int"),
        ("i + interval '1 day'", "+", "int interval"),
        ("s + interval '1 month'", "+", "text int"),
    ],
)
def test_mixes_that_do_not_fit_are_refused(text: str, word: str, given: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        type_of(parse(text).tree, COLUMNS)
    assert caught.value.code == "expression.type-mismatch"
    assert (caught.value.fields["function"], caught.value.fields["given"]) == (word, given)


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(ExpressionError) as caught:
        type_of(parse("past.rmp + 1").tree, COLUMNS)
    assert dict(caught.value.fields) == {"name": "past.rmp", "nearest": "past.rpm"}


@pytest.mark.parametrize(
    "text", ["d > '2026-02-30'", "t = 'yesterday'", "d = '2026-01-01 10:00'", "date '2026-1-1' < d"]
)
def test_a_constant_that_is_no_date_is_refused_before_any_row(text: str) -> None:
    with pytest.raises(ExpressionError, match="constant-unread"):
        type_of(parse(text).tree, COLUMNS)


@pytest.mark.parametrize(
    "text", ["u + 1", "cast(u as text)", "coalesce(u, 1)", "lower(u)", "u = 1", "not (u in (1, 2))"]
)
def test_a_back_end_must_know_what_it_computes_with(text: str) -> None:
    with pytest.raises(ExpressionError, match="type-unknown"):
        settled(parse(text).tree, COLUMNS)


@pytest.mark.parametrize(
    "text", ["u", "u is null", "case when u is not null then 1 end", "null + 1", "t - (null + null)", "upper(null)"]
)
def test_what_does_not_depend_on_the_type_needs_none(text: str) -> None:
    assert settled(parse(text).tree, COLUMNS).args is not None
