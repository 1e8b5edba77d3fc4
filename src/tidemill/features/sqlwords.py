"""Each operator and function of the dialect in DuckDB's SQL, by the type of its first argument where that matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tidemill.features.buckets import bucket_names
from tidemill.features.sqlparts import finite, let, literal
from tidemill.features.sqltime import instant, local, months_later, read_moment, truncated
from tidemill.spec.dialect import (
    DATE_TEXT,
    FALSE_TEXT,
    FLOAT_TEXT,
    INT_TEXT,
    SPACE,
    TIME_TEXT,
    TRUE_TEXT,
    ZONE_TEXT,
)  # fmt: skip
from tidemill.spec.expression import Constant
from tidemill.spec.types import Typed

Word = Callable[[list[str], Typed, str], str]
"""From the SQL of the arguments, the typed part and the system's zone to the SQL of the part."""


def variant(part: Typed) -> str:
    """Which of a word's meanings is meant: the type of what it works on, "" for a word that has one meaning only."""
    kind = part.args[-1 if part.name == "date_trunc" else 0].type
    return kind if (part.name, kind) in WORDS else ""


def text(template: str) -> Word:
    """A word whose arguments just stand in a text."""
    return lambda args, _part, _zone: template.format(*args)


def whole(template: str) -> Word:
    """A word of ints: what does not fit 64 bits, and division by zero, is null."""
    return lambda args, _part, _zone: f"TRY({template.format(*args)})"


def floating(template: str) -> Word:
    """A word of floats: what is no finite number is null."""
    return lambda args, _part, _zone: finite(template.format(*args))


def once(template: str) -> Word:
    """A word that uses its arguments more than once."""
    return lambda args, _part, _zone: let(args, template.format)


def joined(between: str) -> Word:
    """A word for any number of arguments."""
    return lambda args, _part, _zone: f"({between.join(args)})"


def on_clock(template: str) -> Word:
    """A word that looks at the zone's wall clock."""
    return lambda args, _part, zone: template.format(local(args[0], zone))


def case(args: list[str], _part: Typed, _zone: str) -> str:
    """Conditions and values in turn, then what holds otherwise."""
    branches = " ".join(f"WHEN {when} THEN {then}" for when, then in zip(args[:-1:2], args[1:-1:2], strict=True))
    return f"CASE {branches} ELSE {args[-1]} END"


def extreme(function: str) -> Word:
    """The least or greatest, null if any is: DuckDB's own would pass over nulls."""

    def chosen(*values: str) -> str:
        missing = " OR ".join(f"{value} IS NULL" for value in values)
        return f"CASE WHEN {missing} THEN NULL ELSE {function}({', '.join(values)}) END"

    return lambda args, _part, _zone: let(args, chosen)


def bucket(args: list[str], part: Typed, _zone: str) -> str:
    """The name of the range that holds the number."""
    names = bucket_names([float(constant(edge) or 0) for edge in part.args[1:]])

    def named(value: str) -> str:
        below = " ".join(
            f"WHEN {value} < {edge} THEN {literal(name)}" for edge, name in zip(args[1:], names[:-1], strict=True)
        )
        return f"CASE {below} WHEN {value} >= {args[-1]} THEN {literal(names[-1])} END"

    return let(args[:1], named)


def round_to(args: list[str], part: Typed, _zone: str) -> str:
    """Rounded half away from zero, on the value times the power of ten."""
    if len(args) == 1:
        return f"round({args[0]})"
    power = literal(10.0 ** int(constant(part.args[1]) or 0))
    return finite(f"round({args[0]} * {power}) / {power}")


def add_interval(args: list[str], part: Typed, _zone: str) -> str:
    """A time so many microseconds later, or two intervals together."""
    if part.args[0].type == part.args[1].type:
        return f"TRY({args[0]} + {args[1]})"
    moment, length = args if part.args[0].type == "timestamp" else reversed(args)
    return f"TRY(make_timestamptz(epoch_us({moment}) + {length}))"


def take_time(args: list[str], part: Typed, _zone: str) -> str:
    """A time so many microseconds earlier, or the microseconds between two times."""
    if part.args[1].type == "interval":
        return f"TRY(make_timestamptz(epoch_us({args[0]}) - {args[1]}))"
    return f"TRY(epoch_us({args[0]}) - epoch_us({args[1]}))"


def date_trunc(args: list[str], part: Typed, zone: str) -> str:
    """The first day or moment of the unit."""
    if part.type == "date":
        return f"CAST(date_trunc({args[0]}, {args[1]}) AS DATE)"
    return truncated(str(constant(part.args[0])), args[1], zone)


def reading(pattern: str, template: str) -> Word:
    """A cast of text: read if it is of that pattern, else null."""

    def read(value: str) -> str:
        return f"CASE WHEN regexp_full_match({value}, {literal(pattern)}) THEN {template.format(value)} END"

    return lambda args, _part, _zone: let([TRIM.format(args[0])], read)


def read_boolean(args: list[str], _part: Typed, _zone: str) -> str:
    """True or false as people write them."""
    true, false = (", ".join(map(literal, texts)) for texts in (TRUE_TEXT, FALSE_TEXT))
    written = [f"lower({TRIM.format(args[0])})"]
    return let(written, lambda v: f"CASE WHEN {v} IN ({true}) THEN TRUE WHEN {v} IN ({false}) THEN FALSE END")


def read_time(args: list[str], _part: Typed, zone: str) -> str:
    """A date with or without a time of day, on the zone's clock unless it has an offset."""
    naive, aware = f"{DATE_TEXT}({TIME_TEXT})?", f"{DATE_TEXT}{TIME_TEXT}({ZONE_TEXT})"
    return read_moment(TRIM.format(args[0]), zone, naive=naive, aware=aware)


def modulo(args: list[str], _part: Typed, _zone: str) -> str:
    """What is left of a float, with the sign of the divisor."""
    left = finite(f"{args[0]} % {args[1]}")
    return finite(
        let(
            [left, args[1]],
            lambda m, by: f"CASE WHEN {m} <> 0 AND ({m} < 0) <> ({by} < 0) THEN {m} + {by} ELSE {m} END",
        )
    )


def constant(part: Typed) -> str | float | None:
    """The value of an argument that is a constant."""
    return part.node.value if isinstance(part.node, Constant) else None


DATED = "CASE WHEN year({0}) BETWEEN 1 AND 9999 THEN CAST({0} AS VARCHAR) END"
TRIM = f"trim({{0}}, {literal(SPACE)})"
OPPOSITE = "{0} % {1} <> 0 AND ({0} < 0) <> ({1} < 0)"
FLOOR_DIVISION = f"TRY(CASE WHEN {OPPOSITE} THEN {{0}} // {{1}} - 1 ELSE {{0}} // {{1}} END)"
MODULO = f"TRY(CASE WHEN {OPPOSITE} THEN {{0}} % {{1}} + {{1}} ELSE {{0}} % {{1}} END)"

WORDS: Mapping[tuple[str, str], Word] = MappingProxyType(
    {
        ("and", ""): joined(" AND "),
        ("or", ""): joined(" OR "),
        ("not", ""): text("(NOT {0})"),
        **{(sign, ""): text(f"({{0}} {sign} {{1}})") for sign in ("=", "<>", "<", "<=", ">", ">=")},
        ("between", ""): once("({0} >= {1} AND {0} <= {2})"),
        ("in", ""): lambda args, _part, _zone: f"({args[0]} IN ({', '.join(args[1:])}))",
        ("like", ""): text("({0} LIKE {1})"),
        ("is_null", ""): text("({0} IS NULL)"),
        ("is_not_null", ""): text("({0} IS NOT NULL)"),
        ("case", ""): case,
        ("coalesce", ""): lambda args, _part, _zone: f"coalesce({', '.join(args)})",
        ("nullif", ""): once("CASE WHEN {0} = {1} THEN NULL ELSE {0} END"),
        ("least", ""): extreme("least"),
        ("greatest", ""): extreme("greatest"),
        ("bucket", ""): bucket,
        ("+", "int"): whole("{0} + {1}"),
        ("-", "int"): whole("{0} - {1}"),
        ("*", "int"): whole("{0} * {1}"),
        ("//", "int"): once(FLOOR_DIVISION),
        ("%", "int"): once(MODULO),
        ("neg", "int"): whole("CAST(0 AS BIGINT) - {0}"),
        ("abs", "int"): whole("abs({0})"),
        ("round", "int"): text("{0}"),
        ("floor", "int"): text("{0}"),
        ("ceil", "int"): text("{0}"),
        ("+", "float"): floating("{0} + {1}"),
        ("-", "float"): floating("{0} - {1}"),
        ("*", "float"): floating("{0} * {1}"),
        ("/", "float"): floating("{0} / {1}"),
        ("//", "float"): floating("floor({0} / {1})"),
        ("%", "float"): modulo,
        ("neg", "float"): text("(-{0})"),
        ("abs", "float"): text("abs({0})"),
        ("round", "float"): round_to,
        ("floor", "float"): text("floor({0})"),
        ("ceil", "float"): text("ceil({0})"),
        ("ln", "float"): floating("TRY(ln({0}))"),
        ("exp", "float"): floating("exp({0})"),
        ("sqrt", "float"): floating("TRY(sqrt({0}))"),
        ("power", "float"): floating("power({0}, {1})"),
        ("length", "text"): text("length({0})"),
        ("lower", "text"): text("lower({0})"),
        ("upper", "text"): text("upper({0})"),
        ("trim", "text"): text(TRIM),
        ("substr", "text"): lambda args, _part, _zone: f"substring({', '.join(args)})",
        ("+", "timestamp"): add_interval,
        ("+", "interval"): add_interval,
        ("-", "timestamp"): take_time,
        ("-", "date"): text("CAST({0} - {1} AS BIGINT)"),
        ("-", "interval"): whole("{0} - {1}"),
        ("*", "interval"): whole("{0} * {1}"),
        ("/", "interval"): floating("CAST({0} AS DOUBLE) / CAST({1} AS DOUBLE)"),
        ("neg", "interval"): whole("CAST(0 AS BIGINT) - {0}"),
        ("add_months", "timestamp"): lambda args, _part, zone: months_later(args[0], args[1], zone),
        ("weekday", "date"): text("isodow({0})"),
        ("day", "date"): text("day({0})"),
        ("month", "date"): text("month({0})"),
        ("year", "date"): text("year({0})"),
        ("weekday", "timestamp"): on_clock("isodow({0})"),
        ("hour", "timestamp"): on_clock("hour({0})"),
        ("day", "timestamp"): on_clock("day({0})"),
        ("month", "timestamp"): on_clock("month({0})"),
        ("year", "timestamp"): on_clock("year({0})"),
        ("date_trunc", ""): date_trunc,
        ("cast_text", "int"): text("CAST({0} AS VARCHAR)"),
        ("cast_text", "float"): text("CAST({0} + CAST(0 AS DOUBLE) AS VARCHAR)"),
        ("cast_text", "boolean"): text("CAST({0} AS VARCHAR)"),
        ("cast_text", "date"): once(DATED),
        ("cast_text", "timestamp"): lambda args, _part, zone: let([local(args[0], zone)], DATED.format),
        ("cast_int", "text"): reading(INT_TEXT, "TRY_CAST({0} AS BIGINT)"),
        ("cast_int", "float"): text("TRY_CAST(round({0}) AS BIGINT)"),
        ("cast_int", "boolean"): text("CAST({0} AS BIGINT)"),
        ("cast_float", "text"): lambda *given: finite(reading(FLOAT_TEXT, "TRY_CAST({0} AS DOUBLE)")(*given)),
        ("cast_float", "int"): text("CAST({0} AS DOUBLE)"),
        ("cast_float", "boolean"): text("CAST({0} AS DOUBLE)"),
        ("cast_boolean", "text"): read_boolean,
        ("cast_boolean", "int"): text("({0} <> 0)"),
        ("cast_boolean", "float"): text("({0} <> 0)"),
        ("cast_date", "text"): reading(DATE_TEXT, "TRY_CAST({0} AS DATE)"),
        ("cast_date", "timestamp"): on_clock("CAST({0} AS DATE)"),
        ("cast_timestamp", "text"): read_time,
        ("cast_timestamp", "date"): lambda args, _part, zone: instant(f"CAST({args[0]} AS TIMESTAMP)", zone),
    }
)
"""(word, variant) -> how it is written."""
