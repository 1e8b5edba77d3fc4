"""Each operator and function of the dialect as a step of a row, by the type of what it works on where that matters."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from types import MappingProxyType

from tidemill.features import arithmetic, casts, texts
from tidemill.features import rowsteps as steps
from tidemill.features import zone as calendar
from tidemill.features.rowsteps import Word, lifted, on_day, one, same, two
from tidemill.spec.types import Typed


def variant(part: Typed) -> str:
    """Which of a word's meanings is meant: the type of what it works on, "" for a word that has one meaning only."""
    kind = part.args[-1 if part.name == "date_trunc" else 0].type
    return kind if (part.name, kind) in WORDS else ""


WORDS: Mapping[tuple[str, str], Word] = MappingProxyType(
    {
        ("and", ""): steps.both,
        ("or", ""): steps.either,
        ("not", ""): one(operator.not_),
        ("=", ""): two(operator.eq),
        ("<>", ""): two(operator.ne),
        ("<", ""): two(operator.lt),
        ("<=", ""): two(operator.le),
        (">", ""): two(operator.gt),
        (">=", ""): two(operator.ge),
        ("between", ""): steps.between,
        ("in", ""): steps.membership,
        ("like", ""): lambda args, _part, _zone: lifted(texts.like(args[1]({})), args[0]),
        ("is_null", ""): lambda args, _part, _zone: lambda row: args[0](row) is None,
        ("is_not_null", ""): lambda args, _part, _zone: lambda row: args[0](row) is not None,
        ("case", ""): steps.case,
        ("coalesce", ""): steps.coalesce,
        ("nullif", ""): steps.nullif,
        ("least", ""): steps.extreme(min),
        ("greatest", ""): steps.extreme(max),
        ("bucket", ""): steps.bucket,
        ("+", "int"): two(arithmetic.add_int),
        ("-", "int"): two(arithmetic.subtract_int),
        ("*", "int"): two(arithmetic.multiply_int),
        ("//", "int"): two(arithmetic.floor_divide_int),
        ("%", "int"): two(arithmetic.modulo_int),
        ("neg", "int"): one(arithmetic.negate_int),
        ("abs", "int"): one(arithmetic.absolute_int),
        ("round", "int"): same,
        ("floor", "int"): same,
        ("ceil", "int"): same,
        ("+", "float"): two(arithmetic.add),
        ("-", "float"): two(arithmetic.subtract),
        ("*", "float"): two(arithmetic.multiply),
        ("/", "float"): two(arithmetic.divide),
        ("//", "float"): two(arithmetic.floor_divide),
        ("%", "float"): two(arithmetic.modulo),
        ("neg", "float"): one(operator.neg),
        ("abs", "float"): one(abs),
        ("round", "float"): steps.round_float,
        ("floor", "float"): one(arithmetic.floor),
        ("ceil", "float"): one(arithmetic.ceil),
        ("ln", "float"): one(arithmetic.ln),
        ("exp", "float"): one(arithmetic.exp),
        ("sqrt", "float"): one(arithmetic.sqrt),
        ("power", "float"): two(arithmetic.power),
        ("length", "text"): one(len),
        ("lower", "text"): one(texts.lower),
        ("upper", "text"): one(texts.upper),
        ("trim", "text"): one(texts.trim),
        ("substr", "text"): lambda args, _part, _zone: lifted(texts.part(*(step({}) for step in args[1:])), args[0]),
        ("+", "timestamp"): two(arithmetic.add_int),
        ("+", "interval"): two(arithmetic.add_int),
        ("-", "timestamp"): two(arithmetic.subtract_int),
        ("-", "date"): two(operator.sub),
        ("-", "interval"): two(arithmetic.subtract_int),
        ("*", "interval"): two(arithmetic.multiply_int),
        ("/", "interval"): two(arithmetic.divide_lengths),
        ("neg", "interval"): one(arithmetic.negate_int),
        ("add_months", "timestamp"): lambda args, _part, zone: steps.lifted_two(zone.months_later, args[0], args[1]),
        ("weekday", "date"): one(calendar.weekday),
        ("day", "date"): one(calendar.day),
        ("month", "date"): one(calendar.month),
        ("year", "date"): one(calendar.year),
        ("weekday", "timestamp"): on_day(calendar.weekday),
        ("hour", "timestamp"): lambda args, _part, zone: lifted(zone.hour, args[0]),
        ("day", "timestamp"): on_day(calendar.day),
        ("month", "timestamp"): on_day(calendar.month),
        ("year", "timestamp"): on_day(calendar.year),
        ("date_trunc", ""): steps.date_trunc,
        ("cast_text", "int"): one(str),
        ("cast_text", "float"): one(casts.float_to_text),
        ("cast_text", "boolean"): one(casts.boolean_to_text),
        ("cast_text", "date"): one(casts.date_to_text),
        ("cast_text", "timestamp"): lambda args, _part, zone: lifted(casts.timestamp_to_text(zone), args[0]),
        ("cast_int", "text"): one(casts.text_to_int),
        ("cast_int", "float"): one(arithmetic.whole),
        ("cast_int", "boolean"): one(int),
        ("cast_float", "text"): one(casts.text_to_float),
        ("cast_float", "int"): one(float),
        ("cast_float", "boolean"): one(float),
        ("cast_boolean", "text"): one(casts.text_to_boolean),
        ("cast_boolean", "int"): one(bool),
        ("cast_boolean", "float"): one(bool),
        ("cast_date", "text"): one(casts.text_to_date),
        ("cast_date", "timestamp"): lambda args, _part, zone: lifted(zone.day, args[0]),
        ("cast_timestamp", "text"): lambda args, _part, zone: lifted(casts.text_to_timestamp(zone), args[0]),
        ("cast_timestamp", "date"): steps.start_of_day,
    }
)
"""(word, variant) -> how its step is made."""
