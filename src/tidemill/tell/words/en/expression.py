"""Words: expressions that leave the dialect, or that do not fit the columns they stand over."""

from __future__ import annotations

CODES = {
    # Text that is no expression
    "expression.does-not-parse": (
        "`{text}` is not an expression[[: it goes wrong at `{found}`]][[, character {position}]].",
        "Look for a missing operator, value or parenthesis; a name of several words stands in double quotes.",
    ),
    "expression.not-in-dialect": (
        "`{construct}` is no part of an expression: `{text}`[[, character {position}]].",
        "Write it with the words of docs/expressions.md; what they cannot say belongs in the SQL of the source. A name with spaces or signs stands in double quotes.",
    ),
    "expression.unknown-function": (
        "There is no function `{function}`: `{text}`.[[ Did you mean `{nearest}`?]]",
        "The functions are listed in docs/expressions.md.",
    ),
    "expression.no-name": (
        "`{text}` has no name.",
        "Name it: `{text} as something`. Only a column alone is its own name.",
    ),
    "expression.too-deep": (
        "The expression is nested more than {deepest} levels deep.",
        "Split it: compute a part in the SQL of the source and use it by its name.",
    ),
    # Arguments
    "expression.wrong-arguments": (
        "`{function}` takes {expected} arguments, not {given}: `{text}`.",
        "Give it what docs/expressions.md says.",
    ),
    "expression.constant-needed": (
        "Argument {argument} of `{function}` has to be a plain constant: `{text}`.",
        "Write a number or a text there; for a value that differs from row to row use `case`.",
    ),
    "expression.argument-outside": (
        "`{function}` cannot take {argument}: `{text}`.",
        "Possible: {allowed}.",
    ),
    # Numbers and lengths of time
    "expression.number-outside": (
        "`{number}` is too large: `{text}`.",
        "Whole numbers have 64 bits, floats end at 1.8e308, intervals at a thousand years.",
    ),
    "expression.interval-unread": (
        "`{interval}` is not a length of time: `{text}`.",
        "Write a whole number of seconds, minutes, hours, days, weeks, months or years: `interval '30 days'`.",
    ),
    "expression.calendar-interval": (
        "`{interval}` has no fixed length: `{text}`.",
        "Months and years can only be added to a time or taken from one; elsewhere write days.",
    ),
    # Columns and types
    "expression.unknown-name": (
        "There is no column `{name}` here.[[ Did you mean `{nearest}`?]]",
        "Use a column of the row, `asked_at`, or a looked-up feature as `view.feature`.",
    ),
    "expression.type-mismatch": (
        "`{function}` cannot take {given}.",
        "It takes {expected}; `cast(x as text)` and its like convert.",
    ),
    "expression.constant-unread": (
        "'{constant}' is no {expected}.",
        "Write a date as '2026-01-31', a time as '2026-01-31 09:30:00'.",
    ),
    "expression.type-unknown": (
        "`{function}` has to know the types of its columns, and one of them is not known.",
        "Make it a text, number, boolean, date or time in a query of the source; a column without any value has no type until it gets one.",
    ),
}
