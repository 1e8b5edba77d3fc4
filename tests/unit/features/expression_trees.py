"""Random expressions of each type, and a table of rows that are hard to compute with."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from hypothesis import strategies as st

from tidemill.spec.dialect import TRUNC_UNITS
from tidemill.spec.expression import Call, Column, Constant, Node, Type

COLUMNS: Mapping[str, Type] = {
    "i": "int", "j": "int", "end": "int", "f": "float", "g": "float", "past.f": "float", "s": "text",
    "written": "text", "b": "boolean", "c": "boolean", "d": "date", "e": "date", "t": "timestamp",
    "order": "timestamp",
}  # fmt: skip

INTS = (0, 1, -1, 2, -2, 3, -7, 7, 10, 20, 84, 1_000_003, 2**31, 2**53 + 1, -(2**53) - 1, 2**62, 2**63 - 1, -(2**63))
FLOATS = (
    0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.1, 0.285, 1.005, 2.675, 1e15, 1e16, 1e-5, 1e-7, 123456.789, -7.5, 3.0,
    -3.0, 1e308, -1e308, 5e-324, 0.49999999999999994, 4503599627370497.5, 9.223372036854775e18, 9.3e18, float("nan"),
    float("inf"), float("-inf"),
)  # fmt: skip
TEXTS = (
    "", " ", "a", "A_b%", "straße", "ŉ İ ΑΣ ǆ ﬁ", "東京", "🤦🏼‍♂️x", "\u3000Ab \t\n", "\u00a0x\u00a0", "a\nb", "a\0b",
    "ab" * 30, "é", "e\u0301", "'", '"',
)  # fmt: skip
WRITTEN = (
    "\t12\u3000", "\u20037", "12", " -7 ", "+3", "1.5", ".5", "5.", "1e3", "-2.5e-3", "1e400", "0x1f", "1_000",
    "99999999999999999999", "nan", "inf", "true", "No", "Y", "t", "2024-02-29", "2023-02-29", "2024-2-9",
    "2024-03-10 02:30", "2024-11-03 01:30:00", "2024-11-03T01:30:00.123456789", "2024-01-01 09:00:00+09",
    "2024-01-01T09:00:00.5-0330", "2024-01-01T00:00Z", "2024-01-01 24:00:00", "0000-01-01", "0001-01-01",
    "9999-12-31 23:59:59.999999", "2024-06-31 10:00", "2011-12-30", "2024-10-27 00:30", "2024-04-26 00:15:00.25",
)  # fmt: skip


def us(text: str) -> int:
    """Microseconds of an ISO time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


# Nights on which clocks change in the zones of the tests, leap days, month ends, before 1970, far ahead
MOMENTS = (
    "2024-03-10 06:59:59", "2024-03-10 07:00:00", "2024-03-10 07:30:00", "2024-11-03 05:30:00", "2024-11-03 06:30:00",
    "2024-11-03 04:00:00", "2024-02-29 15:00:00", "2023-12-31 15:00:00", "2024-01-31 23:30:00", "2024-03-31 01:00:00",
    "2024-10-27 00:30:00", "2024-10-27 01:30:00", "2024-04-25 22:30:00", "2024-10-31 20:59:59", "2024-10-31 21:30:00",
    "1969-12-31 23:59:59", "1955-06-01 12:00:00", "1988-05-07 15:30:00", "2011-12-30 09:59:59", "2011-12-30 10:00:00",
    "1987-10-25 02:30:30", "2006-10-29 02:31:30", "2500-07-01 00:00:00", "2024-04-06 15:15:00",
)  # fmt: skip


def rows(seed: int, more: int) -> list[dict[str, object]]:
    """Rows of edge values in random company, and `more` of random ones; every column is null in one row of seven."""
    rng = random.Random(seed)
    times = [us(text) for text in MOMENTS]

    def pick(pool: Sequence[object], other: object) -> object:
        return None if rng.random() < 1 / 7 else other if rng.random() < 0.3 else rng.choice(pool)

    def one() -> dict[str, object]:
        small, moment = rng.randint(-50, 50), rng.randint(us("1975-01-01"), us("2036-01-01"))
        near = rng.choice(times) + rng.randint(-7_200_000_000, 7_200_000_000)
        words = "".join(rng.choice("aAb_% 東é") for _ in range(rng.randint(0, 6)))
        return {
            "i": pick(INTS, small), "j": pick(INTS, rng.randint(-5, 5)), "end": pick((0, 1, 2), small),
            "f": pick(FLOATS, rng.gauss(0, 100)), "g": pick(FLOATS, small / 8), "past.f": pick(FLOATS, small / 10),
            "s": pick(TEXTS, words), "written": pick(WRITTEN, str(small)),
            "b": pick((True, False), rng.random() < 0.5), "c": pick((True, False), rng.random() < 0.5),
            "d": pick([time // 86_400_000_000 for time in times], moment // 86_400_000_000),
            "e": pick([time // 86_400_000_000 for time in times], near // 86_400_000_000),
            "t": pick(times, near), "order": pick(times, moment),
        }  # fmt: skip

    return [one() for _ in range(120 + more)]


Hole = Type | Node
"""An argument to be grown, by its type; or one that is given."""

ANY: tuple[Type, ...] = ("int", "float", "text", "boolean", "date", "timestamp")
NULL = Constant(value=None, type="unknown")


def text(value: str) -> Constant:
    return Constant(value=value, type="text")


def number(value: float) -> Constant:
    return Constant(value=value, type="int" if isinstance(value, int) else "float")


def interval(us: int) -> Constant:
    return Constant(value=us, type="interval")


def words(kind: Type) -> list[tuple[str, tuple[Hole, ...]]]:
    """Every word that gives the type, with what it takes."""
    found: list[tuple[str, tuple[Hole, ...]]] = [
        ("coalesce", (kind, kind)),
        ("case", ("boolean", kind, "boolean", kind, kind)),
        ("nullif", (kind, kind)),
        ("least", (kind, kind, kind)),
        ("greatest", (kind, kind)),
    ]
    if kind in {"int", "float"}:
        found += [(sign, (kind, kind)) for sign in ("+", "-", "*", "//", "%")]
        found += [(name, (kind,)) for name in ("neg", "abs", "round", "floor", "ceil")]
    return found + OWN[kind]


TRUTHS: tuple[tuple[Hole, ...], ...] = (("boolean", "boolean"), ("boolean", "boolean", "boolean"))

OWN: dict[Type, list[tuple[str, tuple[Hole, ...]]]] = {
    "int": [
        *(("cast_int", (source,)) for source in ("text", "float", "boolean", "int")),
        *((name, (source,)) for name in ("weekday", "day", "month", "year") for source in ("date", "timestamp")),
        ("hour", ("timestamp",)),
        ("length", ("text",)),
        ("-", ("date", "date")),
    ],
    "float": [
        ("/", ("int", "int")), ("/", ("float", "float")), ("/", ("int", "float")), ("/", ("interval", "interval")),
        *(("round", ("float", number(digits))) for digits in (0, 1, 2, 5, 15)),
        *(("cast_float", (source,)) for source in ("text", "int", "boolean")),
        *((sign, ("int", "float")) for sign in ("+", "*", "//")),
    ],
    "text": [
        *((name, ("text",)) for name in ("lower", "upper", "trim")),
        *(("cast_text", (source,)) for source in ANY if source != "text"),
        ("substr", ("text", number(2), number(3))),
        ("substr", ("text", number(1))),
        ("bucket", ("int", number(-5), number(0), number(20))),
        ("bucket", ("float", number(0), number(2.5))),
    ],
    "boolean": [
        *((sign, (of, of)) for sign in ("=", "<>", "<", "<=", ">", ">=") for of in ANY),
        *((sign, ("int", "float")) for sign in ("=", "<")),
        *((sign, ("date", "timestamp")) for sign in ("<=", ">")),
        *((name, truths) for name in ("and", "or") for truths in TRUTHS),
        ("not", ("boolean",)),
        *((name, (of,)) for name in ("is_null", "is_not_null") for of in ANY),
        *(("in", (of, of, of)) for of in ANY),
        ("in", ("int", number(1), number(2), NULL)),
        *(("between", (of, of, of)) for of in ANY),
        *(("like", ("text", text(of))) for of in ("a%", "%b", "%A_%", "_", "", "%", "a_b", "%a%b%", "é_%", "a.b")),
        *(("cast_boolean", (source,)) for source in ("text", "int", "float")),
    ],
    "date": [
        *(("cast_date", (source,)) for source in ("text", "timestamp")),
        *(("date_trunc", (text(unit), "date")) for unit in ("day", "week", "month", "quarter", "year")),
    ],
    "timestamp": [
        *(("cast_timestamp", (source,)) for source in ("text", "date")),
        *(("date_trunc", (text(unit), "timestamp")) for unit in TRUNC_UNITS),
        *(("add_months", ("timestamp", number(months))) for months in (1, -1, 12, 84, -13)),
        *((sign, ("timestamp", "interval")) for sign in ("+", "-")),
        ("+", ("interval", "timestamp")),
    ],
    "interval": [
        ("-", ("timestamp", "timestamp")),
        *((sign, ("interval", "interval")) for sign in ("+", "-")),
        ("*", ("interval", "int")),
        ("neg", ("interval",)),
    ],
}  # fmt: skip

CONSTANTS: dict[Type, tuple[Node, ...]] = {
    "int": tuple(number(value) for value in INTS),
    "float": tuple(number(value) for value in FLOATS if value - value == 0.0),
    "text": tuple(text(value) for value in TEXTS + WRITTEN),
    "boolean": (Constant(value=True, type="boolean"), Constant(value=False, type="boolean")),
    "date": tuple(Call(name="cast_date", args=(text(day),)) for day in ("2024-02-29", "2011-12-30")),
    "timestamp": tuple(
        Call(name="cast_timestamp", args=(text(time),)) for time in ("2024-03-10 02:30", "2024-11-03T01:30:00Z")
    ),
    "interval": (interval(1), interval(86_400_000_000), interval(-5_400_000_000)),
}


def column(name: str) -> Column:
    view, _, short = name.rpartition(".")
    return Column(name=short, view=view)


@st.composite
def trees(draw: st.DrawFn, kind: Type, depth: int) -> Node:
    """A random expression of the type, at most so deep."""
    columns = [column(name) for name, of in COLUMNS.items() if of == kind]
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from([*columns * 4, *CONSTANTS[kind], NULL]))
    name, holes = draw(st.sampled_from(words(kind)))
    args = [draw(trees(hole, depth - 1)) if isinstance(hole, str) else hole for hole in holes]
    if name in {"cast_date", "cast_timestamp"} and isinstance(args[0], Constant) and args[0].type == "text":
        args = [column("written")]  # a constant that is no date is refused when it is typed
    return Call(name=name, args=tuple(args))
