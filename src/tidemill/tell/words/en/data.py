"""Words: rows, columns, queries and what is wrong with them."""

from __future__ import annotations

CODES = {
    "data.query-failed": (
        "A query could not be answered. The engine says: {words}",
        "Correct the SQL or the expression; `tidemill check` shows what each one was made into.",
    ),
    "data.not-a-select": (
        "One SELECT is asked for; this text holds {found}.",
        "Write one SELECT statement, without a second one behind a semicolon.",
    ),
    "data.table-without-files": (
        "The table {table} has no files yet, so its columns are not known.",
        "Extract the source first: `tidemill run`.",
    ),
    "data.out-of-memory": (
        "A query needs more memory than the {limit} it may have: {words}",
        "Give it more memory or a folder to spill to, or read fewer rows.",
    ),
    "data.number-too-big": (
        "The numbers of column {column} do not fit into 64 bits.",
        "Divide the column, or declare a smaller `scale` for its sum.",
    ),
    "data.sum-overflow": (
        "The sum of {column} in window {feature} does not fit into 64 bits with {scale} decimal places.",
        "Clip values that cannot be true in the expression (`least({column}, ...)`), or declare a smaller `scale`.",
    ),
    "data.not-a-number": (
        "Window {feature} needs numbers, but {column} holds {kind}.",
        "Use count, distinct, min, max, last or lag, or turn it into a number: `cast({column} as float)`.",
    ),
    "data.lengths-differ": (
        "One prediction per outcome is needed: {outcome:,} outcomes, {predicted:,} predictions[[, {groups:,} groups]].",
        "Hand over columns of the same rows.",
    ),
    "data.metric-not-scored": (
        "{metric} cannot be told from outcomes and predictions; these can: {known}.",
        "Choose one of these, or let the running server measure it.",
    ),
    "data.key-kind": (
        "Key column {column} cannot be compared: {rows} among the rows, {asks} among the asks.",
        "Cast one side so that both are whole numbers or both are text.",
    ),
}
