"""Words: sources that cannot be reached or read."""

from __future__ import annotations

CODES = {
    "source.unreachable": (
        "The source {source} cannot be reached: {reason}.",
        "Check the address, the credentials and whether it is there; extraction goes on where it stopped.",
    ),
    "source.lost": (
        "The source {source} was lost while it was being read: {reason}.",
        "Run again: what was landed stays, nothing of the broken pass is shown, and extraction goes on where it stopped.",
    ),
    "source.url-unreadable": (
        "The database's URL cannot be read: {reason}.",
        "Write it as dialect://user:password@host/database, for SQLite as sqlite:///file.db.",
    ),
    "source.driver-missing": (
        "No driver for {scheme} is installed ({reason}).",
        "Install the database's Python driver beside Tidemill, for PostgreSQL: pip install 'tidemill[postgres]'.",
    ),
    "source.table-missing": (
        "{source} has no table {table}.[[ The nearest name is {nearest}.]]",
        "Correct the name, with the schema before a dot where there is one.",
    ),
    "source.table-unnamed": (
        "Which of the database's {count:,} tables is meant is not said.[[ It has {known}]][[ and {more:,} more]].",
        "Name one: `--table NAME`; or read what a SELECT gives: `--query SQL`.",
    ),
    "source.query-failed": (
        "The query over {source} cannot be run: {reason}",
        "Try the SELECT in the database's own shell; only names and functions that it knows may stand there.",
    ),
    "source.cursor-column-missing": (
        "{table} has no column {column} to read on from.[[ The nearest name is {nearest}.]]",
        "Name a column that only grows as `cursor`, or leave `cursor` out: the table is then read whole.",
    ),
    "source.cursor-null": (
        "Some rows of {table} have no value in the cursor column {column}; they would never be read.",
        "Fill the column, use another, or leave `cursor` out: the table is then read whole.",
    ),
    "source.cursor-ahead": (
        "The newest value of the cursor column {column} of {table} is {value}, which is still to come; rows written until then would not be read.",
        "Correct these rows, use another cursor column, or leave `cursor` out: the table is then read whole.",
    ),
    "source.cursor-coarse": (
        "{read:,} rows with {value} in the cursor column {column} were read, and now there are {count:,}; which are new cannot be told.",
        "Use a cursor column that few rows share a value of, or leave `cursor` out: the table is then read whole.",
    ),
    "source.writers-open": (
        "Transactions on the database of {table} have been open for {seconds:g} seconds; which rows they still add cannot be told.",
        "Run again when they have ended (`select * from pg_stat_activity where xact_start is not null` shows them); nothing was read yet.",
    ),
    "source.cancelled": (
        "The database {source} ended the reading: {reason}.",
        "Run again, nothing of the broken pass is shown; against a time limit, raise `statement_timeout` of the role or put `?options=-c%20statement_timeout%3D0` behind the URL.",
    ),
    "source.value-unreadable": (
        "Column {column} holds a value that is no {type}: {value}.",
        'Correct the value at the source, or cast the column in a query: `.query("select cast(...) ...")`.',
    ),
    "source.zones-mixed": (
        "Column {column} holds times with a zone and times without one.",
        "Make them all one kind at the source, or cast the column in a query.",
    ),
    "source.format-unknown": (
        "{path} is no CSV, JSONL or Parquet file by its name.",
        "Name files .parquet, .csv, .tsv, .jsonl, .ndjson, and with .gz behind where they are so; anything else can be read from a database or converted.",
    ),
    "source.decimals-clash": (
        "Column {column} is {one} in one file and {other} in another: no number of 38 digits holds both.",
        "Write the files with one type, of at most 18 digits before the point and 20 behind it, or as floats.",
    ),
    "source.names-clash": (
        "A column of {path} is called {other}, another one {one}: only the case of letters parts them, and SQL does not tell them apart.",
        "Rename one of them in the file, or give them one name where they mean the same.",
    ),
    "source.file-empty": (
        "The file {path} is empty: not even the names of its columns are there.",
        "Remove it, or write at least the line of column names.",
    ),
    "source.file-damaged": (
        "The compressed file {path} is damaged: {reason}.",
        "Write or fetch it again (`gzip -t` says whether a copy is whole); one that is not compressed is named without .gz.",
    ),
    "source.not-utf8": (
        "{path} is not text in UTF-8: byte {place} tells otherwise, in line {line:,}[[; it looks like {looks}]].",
        "Save it as UTF-8 (in a spreadsheet: `CSV UTF-8`), or convert it: `iconv -f ENCODING -t UTF-8 OLD > NEW`[[, here with `-f {looks}`]].",
    ),
    "source.file-unreadable": (
        "{path} cannot be read: {reason}",
        "Correct the file where the message points, or leave the broken lines out in a copy of it.",
    ),
    # Worth knowing of a source that can be read
    "source.types-unknown": (
        "The type of {columns} is not known: no row has a value, or what it holds is no text, number, boolean, date or time.",
        "Nothing has to be done while nobody reads it; else cast it in a query of the source.",
    ),
    "source.key-float": (
        "The key {columns} is a number with a fraction: two keys that differ behind the 15th digit are one.",
        "Make it a whole number or a text: at the source, or by `cast(... as varchar)` in a query of it.",
    ),
    "source.text-by-few": (
        "{column} is read as text because of {odd:,} of its {of:,} values, such as {example}: the others are each a {kind}.",
        "Correct these at the source, or read it by `tm.query` with `try_cast({column} as ...)`: there they are null.",
    ),
}
