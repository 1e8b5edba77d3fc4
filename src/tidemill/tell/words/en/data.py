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
}
