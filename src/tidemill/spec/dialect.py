"""The words of the expression dialect: functions with their number of arguments, types of a cast, units of time."""

from __future__ import annotations

from types import MappingProxyType

MANY = 1_000
"""As many arguments as a function of any number of them may have."""

FUNCTIONS = MappingProxyType(
    {
        "coalesce": (1, MANY), "nullif": (2, 2), "least": (1, MANY), "greatest": (1, MANY),
        "abs": (1, 1), "round": (1, 2), "floor": (1, 1), "ceil": (1, 1),
        "ln": (1, 1), "exp": (1, 1), "sqrt": (1, 1), "power": (2, 2),
        "length": (1, 1), "lower": (1, 1), "upper": (1, 1), "trim": (1, 1), "substr": (2, 3),
        "bucket": (2, MANY),
        "weekday": (1, 1), "hour": (1, 1), "day": (1, 1), "month": (1, 1), "year": (1, 1), "date_trunc": (2, 2),
    }
)  # fmt: skip
"""Function name -> fewest and most arguments."""

CASTS = ("text", "int", "float", "boolean", "date", "timestamp")
"""What a value can be cast to."""

SYMBOLS = frozenset({"+", "-", "*", "/", "//", "%", "=", "==", "<>", "!=", "<", "<=", ">", ">=", ","})
"""What may stand between two operands."""

JOINING = frozenset({"and", "or", "not", "in", "like", "between", "is", "when", "then", "else"})
"""Words that may stand between two operands."""

INTERVAL_US = MappingProxyType(
    {"second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000, "day": 86_400_000_000, "week": 604_800_000_000}
)
"""Microseconds of the units that have a fixed length."""

INTERVAL_MONTHS = MappingProxyType({"month": 1, "year": 12})
"""Months of the units that the calendar decides."""

LONGEST_INTERVAL_DAYS = 366_000
"""No interval is longer than about a thousand years, so that a sum of a time and some of them stays a time."""

TRUNC_UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
"""What `date_trunc` cuts to, finest first; a date is cut to a day and coarser."""

FINEST_OF_A_DATE = "day"

MOST_DIGITS = 15
"""Most decimal places of `round`: a float holds no more."""

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
"""An int is 64 bits wide in every back end."""

DEEPEST = 100
"""Deepest nesting of an expression, so that every walker of trees may be plainly recursive."""

SPACE = " \t\n\r\f\v\u00a0\u3000"
"""What `trim` takes off both ends, and what a cast of text overlooks there."""

INT_TEXT = r"[+-]?[0-9]{1,30}"
FLOAT_TEXT = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,5})?"
DATE_TEXT = r"(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
TIME_TEXT = r"[ T]([01][0-9]|2[0-3]):([0-5][0-9])(:([0-5][0-9])(\.[0-9]{1,9})?)?"
ZONE_TEXT = r"Z|[+-](0[0-9]|1[0-5]):?[0-5][0-9]|[+-](0[0-9]|1[0-5])"
"""Texts that a cast reads as a number, a date, or a date with a time of day and perhaps an offset; others give null.

They are written in what Python's and DuckDB's regular expressions (RE2) have in common.
"""

TRUE_TEXT = ("true", "t", "yes", "y", "1")
FALSE_TEXT = ("false", "f", "no", "n", "0")
"""Texts that a cast reads as a boolean, in any letter case."""
