"""Rows of files through SQL: a column of CSV or JSON lines has the type that all of its values have."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import reduce
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tidemill.errors import SourceError
from tidemill.stores import jsonhead
from tidemill.stores.arrow import settled
from tidemill.stores.csvhead import Head, head
from tidemill.stores.listing import CSV, JSON_LINES, PARQUET
from tidemill.stores.sqlname import quoted

Types = Mapping[str, str]
"""Columns without a type of their own and what they hold: a key of KINDS, `text`, or "" where no value was yet."""

Candidates = Mapping[str, tuple[str, ...]]
"""What each such column may still be."""

FIRST_ROWS = 1_000
CELLS = 3_000_000
"""Values of a file that are in memory at once, and land as one file: 300,000 rows of ten columns."""
DIGITS = 38
"""Of a decimal in Arrow and in DuckDB, before and behind the point together."""

DAY = r"\d\d\d\d-\d\d-\d\d"
MOMENT = rf"{DAY}[ T]\d\d:\d\d(:\d\d(\.\d+)?)?"
WHOLE = r"-?(0|[1-9]\d*)"
KINDS = {
    "int": (WHOLE, "BIGINT"),
    "float": (r"-?(0|[1-9]\d*)?(\.\d*)?([eE][-+]?\d+)?", "DOUBLE"),
    "boolean": (r"(?i)true|false", "BOOLEAN"),
    "date": (DAY, "DATE"),
    "moment": (rf"{DAY}|{MOMENT}", "TIMESTAMP"),
    "instant": (rf"{MOMENT} ?(Z|[-+]\d\d(:?\d\d)?)", "TIMESTAMPTZ"),
}
"""What the values of a column look like, and DuckDB's type that must take them all; else they are text.

A number with a leading zero is a code, and stays text; so is a whole one of more digits than an int has, for as a float
it would be equal to its neighbours. A day among times is its midnight, as it is where days and times are in two files.
"""

SQL_TYPES = {"": '"NULL"', "text": "VARCHAR"} | {kind: sql for kind, (_, sql) in KINDS.items()}

JSON_KINDS: Candidates = {
    "int": ("int", "float"), "float": ("float",), "boolean": ("boolean",), "text": ("date", "moment", "instant"),
}  # fmt: skip
"""What a JSON value may be: a text of digits is a text, for whoever wrote it could have left the quotes."""

WIDER = {frozenset({"int", "float"}): "float", frozenset({"date", "moment"}): "moment"}
"""Of two different types, the one that holds both; otherwise text does."""


STILL_NS, MOST_FILES = 2_000_000_000, 10_000
_LOOKED: dict[tuple[Path, int, int, int], Types] = {}
"""What was found in files, by path, inode, size and time of the last change."""


@contextmanager
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own that fetches nothing from anywhere and gives rows in the order of the files.

    One thread: with more, groups and joins come in another order each time, and landing would not be repeatable.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
    }
    with duckdb.connect(":memory:", config=config) as link:
        link.execute("SET TimeZone = 'UTC'")
        yield link


def rows(link: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """The rows of a SELECT in the house's types. duckdb.Error when it cannot be run."""
    return settled(link.sql(sql).to_arrow_table())


def pieces(link: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[pa.Table, bool]]:
    """The same rows in pieces of about CELLS values, one at least, each with whether it is the last.

    Nothing else may be run on the link meanwhile.
    """
    found = link.sql(sql)
    batches = found.to_arrow_reader(max(CELLS // len(found.columns), FIRST_ROWS))
    before = next(batches, None)
    for batch in batches:
        yield settled(pa.Table.from_batches([before])), False
        before = batch
    yield settled(pa.Table.from_batches([] if before is None else [before], batches.schema)), True


def look(link: duckdb.DuckDBPyConnection, files: Iterable[Path], known: Types) -> Types:
    """The types of the columns of these files that have none of their own, together with those `known` before.

    SourceError `names-clash` for two names of columns that no SQL tells apart.
    """
    files = tuple(files)
    check_names(files, known)
    return reduce(_wider, (_look(link, file) for file in files if not is_parquet(file)), known)


def check_names(files: Iterable[Path], known: Iterable[str]) -> None:
    """SourceError `names-clash` for a name that differs from another one in the case of its Latin letters alone."""
    seen = {name.encode().lower(): name for name in known}
    for file in files:
        for name in names_of(file):
            one = seen.setdefault(name.encode().lower(), name)
            if one != name:
                raise SourceError("names-clash", path=str(file), one=one, other=name)


def names_of(file: Path) -> tuple[str, ...]:
    """Names of the file's columns as it has them. SourceError `file-unreadable` and as their readers say."""
    if not is_parquet(file):
        return tuple(jsonhead.head(file)) if is_json(file) else head(file).names
    try:
        return tuple(pq.read_schema(file).names)
    except (pa.ArrowException, OSError) as error:
        raise SourceError("file-unreadable", path=str(file), reason=str(error)) from error


def select(files: Iterable[Path], types: Types) -> str:
    """SQL with all rows of the files, one file after the other; a column that a file lacks is null there."""
    parts = []
    for parquet, run in groupby(files, is_parquet):
        if parquet:
            names = ", ".join(_text(str(file)) for file in run)
            parts.append(f"SELECT * FROM read_parquet([{names}], union_by_name = true, hive_partitioning = false)")
        else:
            parts += [_cast(file, types) for file in run]
    return " UNION ALL BY NAME ".join(parts)


def check_decimals(link: duckdb.DuckDBPyConnection, files: Iterable[Path]) -> None:
    """SourceError `decimals-clash` for Parquet files of whose decimals no type of 38 digits holds both.

    DuckDB would cut places off the one of them without a word.
    """
    parquet = ", ".join(_text(str(file)) for file in files if is_parquet(file))
    if not parquet:
        return
    widest = f"""
        SELECT name, arg_max(precision, precision - scale), arg_max(scale, precision - scale),
            arg_max(precision, scale), arg_max(scale, scale)
        FROM parquet_schema([{parquet}]) WHERE precision IS NOT NULL AND scale IS NOT NULL
        GROUP BY name HAVING max(precision - scale) + max(scale) > {DIGITS} ORDER BY name
    """
    found = link.execute(widest).fetchone()
    if found is not None:
        name, *digits = found
        one, other = (f"decimal({digits[place]}, {digits[place + 1]})" for place in (0, 2))
        raise SourceError("decimals-clash", column=name, one=one, other=other)


def _look(link: duckdb.DuckDBPyConnection, file: Path) -> Types:
    """What each column of one file holds; a file that was looked at and has not changed since is not read again."""
    known = file.stat()
    key = (file, known.st_ino, known.st_size, known.st_mtime_ns)
    if key not in _LOOKED:
        found = _looked(link, file)
        if time.time_ns() - known.st_mtime_ns < STILL_NS:
            return found  # it may be written to again within the same tick of the disk's clock
        if len(_LOOKED) >= MOST_FILES:
            _LOOKED.clear()
        _LOOKED[key] = found
    return _LOOKED[key]


def _looked(link: duckdb.DuckDBPyConnection, file: Path) -> Types:
    """The same by a look at every value; the first ones tell what need not be asked."""
    if is_json(file):
        rows, likely = json_lines(file), {name: _likely(kinds) for name, kinds in jsonhead.head(file).items()}
    else:
        first = head(file)
        rows = csv(first, file)
        none: Candidates = {name: tuple(KINDS) for name in first.names}
        likely = dict(_passing(link, f"(SELECT * FROM {rows} LIMIT {FIRST_ROWS})", none))
    return {name: (kinds or ("text",))[0] for name, kinds in _passing(link, rows, likely).items()}


def _likely(kinds: frozenset[str]) -> tuple[str, ...]:
    """What values of these kinds of JSON may be together; nothing but text where they are different things."""
    if kinds == {"int", "float"}:
        return JSON_KINDS["float"]
    return JSON_KINDS.get(next(iter(kinds)), ()) if len(kinds) == 1 else ()


def _passing(link: duckdb.DuckDBPyConnection, rows: str, candidates: Candidates) -> Candidates:
    """The kinds, of those that each column may be, that all its values are; where there is no value, "" before all."""
    tests = [_test(quoted(name), *KINDS[kind]) for name, kinds in candidates.items() for kind in kinds if kind]
    counts = [f"count({quoted(name)})" for name in candidates]
    found = link.sql(f"SELECT {', '.join((*counts, *tests))} FROM {rows}").fetchall()[0]
    passed = iter(found[len(counts) :])
    passing = {}
    for (name, kinds), values in zip(candidates.items(), found, strict=False):
        kept = tuple(kind for kind in kinds if kind and next(passed) == values)
        passing[name] = kept if values else ("", *kept)
    return passing


def _wider(known: Types, found: Types) -> Types:
    """The types that hold both."""
    joined = dict(known)
    for name, kind in found.items():
        before = joined.get(name, "")
        joined[name] = before or kind if "" in {before, kind} else _both(before, kind)
    return joined


def _both(one: str, other: str) -> str:
    return one if one == other else WIDER.get(frozenset({one, other}), "text")


def _test(column: str, pattern: str, kind: str) -> str:
    """Counts the values of that look and type."""
    return f"count_if({fits(column, pattern, kind)})"


def fits(column: str, pattern: str, kind: str) -> str:
    """SQL that is true for a value of that look and type."""
    looks = f"regexp_full_match({column}, '{pattern}') AND try_cast({column} AS {kind}) IS NOT NULL"
    if kind != "DOUBLE":
        return f"({looks})"
    return f"({looks} AND (try_cast({column} AS BIGINT) IS NOT NULL OR NOT regexp_full_match({column}, '{WHOLE}')))"


def _cast(file: Path, types: Types) -> str:
    """The rows of a file in those types; a column without any value has none."""
    names, rows = (tuple(jsonhead.head(file)), json_lines(file)) if is_json(file) else _csv_of(file)
    kinds = {name: SQL_TYPES[types.get(name, "text")] for name in names}
    columns = ", ".join(f"CAST({quoted(name)} AS {kind}) AS {quoted(name)}" for name, kind in kinds.items())
    return f"SELECT {columns} FROM {rows}"


def _csv_of(file: Path) -> tuple[tuple[str, ...], str]:
    first = head(file)
    return first.names, csv(first, file)


def json_lines(file: Path) -> str:
    """All values of a file of JSON lines as text, one object a line; a name that a line lacks is null there."""
    names = jsonhead.head(file)
    pointers = {name: "/" + name.replace("~", "~0").replace("/", "~1") for name in names}
    values = ", ".join(f"json_extract_string(json, {_text(at)}) AS {quoted(name)}" for name, at in pointers.items())
    return f"(SELECT {values} FROM read_ndjson_objects([{_text(str(file))}]))"


def csv(first: Head, file: Path) -> str:
    """All values of a CSV file as text, by RFC 4180 and to the letter: a line with a value too many is an error.

    Lines may end otherwise than the first; the engine is less strict then, and `head` has looked at all of them.
    """
    columns = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in first.names)
    line_end, how = ("\n", "strict_mode = false, ") if first.mixed else (first.line_end, "")
    return (
        f"read_csv([{_text(str(file))}], auto_detect = false, header = true, columns = {{{columns}}}, quote = '\"', "
        f"escape = '\"', delim = {_text(first.separator)}, new_line = {_text(repr(line_end)[1:-1])}, "
        f"{how}hive_partitioning = false)"
    )


def is_parquet(file: Path) -> bool:
    """Whether it is one by its name."""
    return file.name.lower().endswith(PARQUET)


def is_json(file: Path) -> bool:
    """Whether it holds JSON lines by its name."""
    return file.name.lower().endswith(JSON_LINES)


def is_csv(file: Path) -> bool:
    """Whether it is one by its name."""
    return file.name.lower().endswith(CSV)


def _text(value: str) -> str:
    """Quoted for SQL."""
    return "'" + value.replace("'", "''") + "'"
