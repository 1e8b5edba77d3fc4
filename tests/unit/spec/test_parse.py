"""The dialect: names as people have them, one meaning for each text, everything else refused at its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot.dialects.duckdb import DuckDB

from tests.needs import ROOT
from tidemill.errors import ExpressionError
from tidemill.spec.dialect import CASTS, FUNCTIONS
from tidemill.spec.expression import Call, Column, Constant, Node, columns_of
from tidemill.spec.parse import parse, parse_named

QUOTED_ONLY = {"case", "not", "null", "true", "false"}
KEYWORDS = sorted(
    {word.lower() for word in DuckDB.Tokenizer.KEYWORDS if word.replace("_", "a").isalpha()} - QUOTED_ONLY
)


def shown(node: Node) -> str:
    """The tree in prefix form: `+(a, 1)`."""
    if isinstance(node, Constant):
        return repr(node.value)
    if isinstance(node, Column):
        return f"{node.view}.{node.name}" if node.view else node.name
    return f"{node.name}({', '.join(map(shown, node.args))})"


def tree(text: str) -> str:
    return shown(parse(text).tree)


def refused(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * c", "+(a, *(b, c))"),
        ("(a + b) * c", "*(+(a, b), c)"),
        ("a - b - c", "-(-(a, b), c)"),
        ("a // b % c / d", "/(%(//(a, b), c), d)"),
        ("-a // 2", "//(neg(a), 2)"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("not a = b and c or d", "or(and(not(=(a, b)), c), d)"),
        ("a == 1 and b != 2 and c <> 3", "and(=(a, 1), <>(b, 2), <>(c, 3))"),
        ("a between 1 and 2 and b", "and(between(a, 1, 2), b)"),
        ("a not between 1 and 2", "not(between(a, 1, 2))"),
        ("a not in (1, null)", "not(in(a, 1, None))"),
        ("not a in ('x')", "not(in(a, 'x'))"),
        ("a not like 'x%' or b is null or c is not null", "or(not(like(a, 'x%')), is_null(b), is_not_null(c))"),
        ("case when a then 1 when b then 2.5 end", "case(a, 1, b, 2.5, None)"),
        ("case x when 1 then 'a' else 'b' end", "case(=(x, 1), 'a', 'b')"),
        ("cast(NAICS // 10000 as text)", "cast_text(//(NAICS, 10000))"),
        ("date '2026-01-31' < t", "<(cast_date('2026-01-31'), t)"),
        ("'it''s' = s", '=("it\'s", s)'),
        ("1e3 + 0.5", "+(1000.0, 0.5)"),
        ("t + interval '7 years'", "add_months(t, 84)"),
        ("interval '1 month' + t", "add_months(t, 1)"),
        ("t - interval '2 months' - interval '90 minutes'", "-(add_months(t, -2), 5400000000)"),
        ("asked_at - interval '2 weeks'", "-(asked_at, 1209600000000)"),
        ("date_trunc('day', t)", "date_trunc('day', t)"),
        ("past.speed_3 - speed", "-(past.speed_3, speed)"),
        ("MiXed + mixed", "+(MiXed, mixed)"),
        ('"two words" + "a""b"', '+(two words, a"b)'),
        ("東京 + é", "+(東京, é)"),
    ],
)
def test_each_text_has_one_tree(text: str, expected: str) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize("word", KEYWORDS)
def test_a_column_may_have_the_name_of_any_sql_keyword(word: str) -> None:
    assert tree(f"{word} + 1") == f"+({word}, 1)"
    assert tree(f"case when {word} > 3 then {word} else {word} end") == f"case(>({word}, 3), {word}, {word})"
    assert tree(f"1 - {word}.{word}") == f"-(1, {word}.{word})"
    assert tree(f"{word} in ({word}, {word}) or {word} is null") == f"or(in({word}, {word}, {word}), is_null({word}))"
    named = parse_named(f"{word} as {word}")
    assert (named.name, shown(named.expression.tree)) == (word, word)


@pytest.mark.parametrize("word", sorted(QUOTED_ONLY | {"and", "month", "default", "order"}))
def test_quotes_make_a_name_of_anything(word: str) -> None:
    assert tree(f'"{word}" + 1') == f"+({word}, 1)"


def test_a_function_and_a_column_may_share_a_name() -> None:
    assert tree("month(month) + month") == "+(month(month), month)"
    assert parse("month + month(t)").names == ("month", "t")


def test_select_items_have_names() -> None:
    item = parse_named("  SBA_Appv / GrAppv  as guaranteed ")
    assert (item.name, item.expression.text) == ("guaranteed", "SBA_Appv / GrAppv")
    assert parse_named("past.rpm").name == "rpm"
    assert parse_named('cast(a as text) AS "two words"').name == "two words"
    with pytest.raises(ExpressionError, match="no-name"):
        parse_named("a + 1")


@pytest.mark.parametrize(
    ("text", "code", "found", "position"),
    [
        ("a b", "not-in-dialect", "b", 3),
        ("a || b", "not-in-dialect", "||", 3),
        ("x::int", "not-in-dialect", "::", 2),
        ("a ilike 'x'", "not-in-dialect", "ilike", 3),
        ("a at time zone 'UTC'", "not-in-dialect", "at", 3),
        ("a over (b)", "not-in-dialect", "over", 3),
        ("$asked_at < t", "not-in-dialect", "$", 1),
        ("a; drop table b", "not-in-dialect", ";", 2),
        ("cast(a as blob)", "not-in-dialect", "blob", 11),
        ("a in (select 1)", "does-not-parse", "1", 14),
        ("a is true", "not-in-dialect", '"a" IS TRUE', None),
        ("a in b", "not-in-dialect", '"a" IN "b"', None),
        ("a.b.c", "not-in-dialect", '"a"."b"."c"', None),
        ("(a, b)", "not-in-dialect", '("a", "b")', None),
        ("a -- b", "not-in-dialect", "a comment", None),
        ("a + 1 as b", "not-in-dialect", "as", None),
        ("a + * b", "does-not-parse", "*", 5),
        ("1 2", "does-not-parse", "2", 3),
        ("a +", "does-not-parse", "+", 3),
        ("a, b", "does-not-parse", ",", 2),
        ("'open", "does-not-parse", "an unclosed quote or comment", None),
        ("", "does-not-parse", None, None),
        ("rond(a)", "unknown-function", "rond", 1),
        ("1 + now()", "unknown-function", "now", 5),
        ("sum(a) over ()", "unknown-function", "sum", 1),
    ],
)
def test_what_is_not_the_dialect_is_refused_at_its_place(
    text: str, code: str, found: str | None, position: int | None
) -> None:
    error = refused(text)
    said = error.fields.get("construct", error.fields.get("found", error.fields.get("function")))
    assert (error.code, said, error.fields["position"]) == (f"expression.{code}", found, position)
    assert error.fields["text"] == text


def test_a_misspelt_function_gets_the_nearest() -> None:
    assert refused("coalese(a, b)").fields["nearest"] == "coalesce"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("round()", "wrong-arguments"),
        ("power(a)", "wrong-arguments"),
        ("bucket(a)", "wrong-arguments"),
        ("a like b", "constant-needed"),
        ("round(a, b)", "constant-needed"),
        ("bucket(a, '20')", "constant-needed"),
        ("substr(a, b)", "constant-needed"),
        ("round(a, 16)", "argument-outside"),
        ("substr(a, 0)", "argument-outside"),
        ("bucket(a, 30, 20)", "argument-outside"),
        ("date_trunc('eon', a)", "argument-outside"),
        ("9223372036854775808", "number-outside"),
        ("1e999", "number-outside"),
        ("t + interval '999999999 days'", "number-outside"),
        ("interval '2 fortnights'", "interval-unread"),
        ("interval '1.5 days'", "interval-unread"),
        ("a - b < interval '1 month'", "calendar-interval"),
        ("interval '1 year' - t", "calendar-interval"),
        ("(" * 3000 + "a" + ")" * 3000, "too-deep"),
        ("+".join("a" * 3000), "too-deep"),
        ("not " * 3000 + "a", "too-deep"),
    ],
)
def test_arguments_that_cannot_be_are_refused(text: str, code: str) -> None:
    assert refused(text).code == f"expression.{code}"


def test_long_chains_of_conditions_are_no_deep_nesting() -> None:
    assert tree(" or ".join(["a"] * 500)) == f"or({', '.join(['a'] * 500)})"


PIECES = st.sampled_from(
    [
        *(
            "a",
            "end",
            "case",
            "when",
            "then",
            "else",
            "and",
            "not",
            "in",
            "is",
            "null",
            "like",
            "between",
            "as",
            "cast",
        ),
        *(
            "int",
            "interval",
            "'1 day'",
            "'x'",
            "1",
            "2.5",
            "(",
            ")",
            ",",
            "+",
            "-",
            "//",
            "=",
            "<",
            ".",
            '"q"',
            "round",
        ),
        *("bucket", "select", "from", "order by", "::", "[", "{", "$a", ";", "@", "over", "lambda", "*", "date"),
        *("distinct", "--", "/*", "e'"),
    ]
)
WORDS = {
    *FUNCTIONS, *(f"cast_{kind}" for kind in CASTS), "add_months", "neg", "case", "in", "like", "between", "and", "or",
    "not", "is_null", "is_not_null", "+", "-", "*", "/", "//", "%", "=", "<>", "<", "<=", ">", ">=",
}  # fmt: skip


@given(st.one_of(st.lists(PIECES, max_size=12).map(" ".join), st.text(max_size=30)))
def test_whatever_is_written_is_a_tree_of_ours_or_an_expression_error(text: str) -> None:
    try:
        found = parse(text)
    except ExpressionError:
        return
    assert {call.name for call in calls(found.tree)} <= WORDS
    assert all(leaf.name for leaf in columns_of(found.tree))


def calls(node: Node) -> Iterator[Call]:
    if isinstance(node, Call):
        yield node
        for argument in node.args:
            yield from calls(argument)


SYSTEMS = ROOT / "examples" / "systems"
ONE = {"where", "outcome", "known", "matures"}


def written(file: Path) -> Iterator[tuple[str, str]]:
    """Where each expression of a system file stands, select item or not, as far as it is a plain text."""
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call):
            continue
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        yield from (("item", text) for text in texts(given.get("columns")))
        yield from (("one", text) for name in (*ONE, "expect") for text in texts(given.get(name)))
        if isinstance(given.get("decide"), ast.Dict):
            yield from (("one", text) for value in given["decide"].values for text in texts(value))  # type: ignore[attr-defined]  # a dict, as seen above
        word = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if word in {"where", "sum", "mean", "std", "min", "max", "distinct", "fair", "lag", "last"} and call.args:
            yield from (("one", text) for text in texts(call.args[0]))


def texts(node: ast.expr | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.List | ast.Tuple):
        for element in node.elts:
            yield from texts(element)


def test_every_expression_of_the_six_systems_parses() -> None:
    found = [item for file in sorted(SYSTEMS.glob("*.py")) for item in written(file)]
    for kind, text in found:
        assert parse_named(text).name if kind == "item" else parse(text).tree
    assert len(found) > 100


def test_every_word_is_on_the_page() -> None:
    page = (ROOT / "docs" / "expressions.md").read_text(encoding="utf-8")
    assert [name for name in FUNCTIONS if f"`{name}(" not in page] == []
    assert [kind for kind in CASTS if f"as {kind})`" not in page] == []
