"""What each operator and function of the dialect takes and gives, for those whose types can be listed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tidemill.spec.expression import Type

Signature = tuple[tuple[Type, ...], Type]


NUMBER: tuple[Signature, ...] = ((("int",), "int"), (("float",), "float"))
NUMBERS: tuple[Signature, ...] = ((("int", "int"), "int"), (("float", "float"), "float"))
FLOAT: tuple[Signature, ...] = ((("float",), "float"),)
TEXT: tuple[Signature, ...] = ((("text",), "text"),)
CALENDAR: tuple[Signature, ...] = ((("date",), "int"), (("timestamp",), "int"))

SIGNATURES: Mapping[str, tuple[Signature, ...]] = MappingProxyType(
    {
        "+": (
            *NUMBERS,
            (("timestamp", "interval"), "timestamp"),
            (("interval", "timestamp"), "timestamp"),
            (("interval", "interval"), "interval"),
        ),
        "-": (
            *NUMBERS,
            (("date", "date"), "int"),
            (("timestamp", "interval"), "timestamp"),
            (("timestamp", "timestamp"), "interval"),
            (("interval", "interval"), "interval"),
        ),
        "*": (*NUMBERS, (("interval", "int"), "interval"), (("int", "interval"), "interval")),
        "/": ((("float", "float"), "float"), (("interval", "interval"), "float")),
        "//": NUMBERS,
        "%": NUMBERS,
        "neg": (*NUMBER, (("interval",), "interval")),
        "abs": NUMBER,
        "floor": NUMBER,
        "ceil": NUMBER,
        "round": (*NUMBER, (("int", "int"), "int"), (("float", "int"), "float")),
        "ln": FLOAT,
        "exp": FLOAT,
        "sqrt": FLOAT,
        "power": ((("float", "float"), "float"),),
        "lower": TEXT,
        "upper": TEXT,
        "trim": TEXT,
        "length": ((("text",), "int"),),
        "substr": ((("text", "int"), "text"), (("text", "int", "int"), "text")),
        "like": ((("text", "text"), "boolean"),),
        "not": ((("boolean",), "boolean"),),
        "weekday": CALENDAR,
        "day": CALENDAR,
        "month": CALENDAR,
        "year": CALENDAR,
        "hour": ((("timestamp",), "int"),),
        "date_trunc": ((("text", "date"), "date"), (("text", "timestamp"), "timestamp")),
        "add_months": ((("timestamp", "int"), "timestamp"),),
    }
)
"""Name -> (types taken, type given); the first that fits counts: an int is a float too, a date a timestamp."""

CAST_FROM: Mapping[str, tuple[Type, ...]] = MappingProxyType(
    {
        "cast_text": ("text", "int", "float", "boolean", "date", "timestamp"),
        "cast_int": ("int", "text", "float", "boolean"),
        "cast_float": ("float", "text", "int", "boolean"),
        "cast_boolean": ("boolean", "text", "int", "float"),
        "cast_date": ("date", "text", "timestamp"),
        "cast_timestamp": ("timestamp", "text", "date"),
    }
)
"""Cast -> types that it takes."""

ALIKE: Mapping[str, Type | None] = MappingProxyType(
    {
        "=": "boolean", "<>": "boolean", "<": "boolean", "<=": "boolean", ">": "boolean", ">=": "boolean",
        "in": "boolean", "between": "boolean", "bucket": "text",
        "coalesce": None, "nullif": None, "least": None, "greatest": None,
    }
)  # fmt: skip
"""Operators that bring all their arguments to one type -> the type they give; None for that one type."""
