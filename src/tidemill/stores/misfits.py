"""Columns of CSV files that are text because of a few values: one `n/a` among numbers makes words of them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tidemill.ports.source import Misfit
from tidemill.stores.csvhead import head
from tidemill.stores.filerows import FIRST_ROWS, KINDS, Types, csv, fits, is_csv
from tidemill.stores.sqlname import quoted

if TYPE_CHECKING:
    import duckdb

NEARLY_ALL = 0.9
FEWEST = 10
"""So many values are the least to say what nearly all of them are."""
CODE = r"0\d+"
"""What begins with a zero is a code: a column with such values is text by right."""
LONGEST = 40
WORDS = {
    "int": "whole number", "float": "number", "boolean": "true or false", "date": "date", "moment": "time",
    "instant": "time with a zone",
}  # fmt: skip


def misfits(link: duckdb.DuckDBPyConnection, files: Sequence[Path], types: Types) -> tuple[Misfit, ...]:
    """For each text column whose first values are nearly all of one kind: how many of all are not, and the first."""
    rows = {file: (set(first.names), csv(first, file)) for file in files if is_csv(file) for first in [head(file)]}
    there = {name for names, _ in rows.values() for name in names}
    texts = [name for name in types if types[name] == "text" and name in there]
    return tuple(found for name in texts for found in _of_column(link, name, rows))


def _of_column(
    link: duckdb.DuckDBPyConnection, name: str, rows: Mapping[Path, tuple[set[str], str]]
) -> Iterator[Misfit]:
    parts = [f"SELECT {quoted(name)} AS v FROM {sql}" for names, sql in rows.values() if name in names]
    tests = ", ".join(f"count_if({fits('v', *look)})" for look in KINDS.values())
    few = f"(SELECT v FROM ({parts[0]}) WHERE v IS NOT NULL LIMIT {FIRST_ROWS})"
    values, *counts = link.sql(f"SELECT count(v), {tests} FROM {few}").fetchall()[0]
    kind, most = max(zip(KINDS, counts, strict=True), key=lambda pair: pair[1])
    if values < FEWEST or most < NEARLY_ALL * values:
        return
    fit = fits("v", *KINDS[kind])
    of, fitting, codes, example = link.sql(
        f"SELECT count(v), count_if({fit}), count_if(regexp_full_match(v, '{CODE}')), first(v) FILTER (NOT {fit}) "
        f"FROM ({' UNION ALL '.join(parts)}) WHERE v IS NOT NULL"
    ).fetchall()[0]
    if example is not None and not codes and fitting >= NEARLY_ALL * of:
        yield Misfit(column=name, kind=WORDS[kind], odd=of - fitting, of=of, example=example[:LONGEST])
