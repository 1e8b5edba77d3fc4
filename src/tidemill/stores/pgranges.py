"""Ranges of a PostgreSQL table's keys: what each holds, summed by the server, and the rows of some of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from tidemill.ports.source import Held, KeyRanges, Numbering, Stretch
from tidemill.stores import keyranges, pgtypes
from tidemill.stores.pgcopy import copied
from tidemill.stores.pglink import ask
from tidemill.stores.pgselect import Selected, digest
from tidemill.stores.sqlname import quoted

if TYPE_CHECKING:
    from tidemill.stores.pglink import Link

WHOLE_NUMBERS = ("smallint", "integer", "bigint")
PLAIN = (*WHOLE_NUMBERS, "text", "character varying", "uuid")
"""Types whose text is the same here as in what landed; a date may have landed as a time."""

AHEAD = "_ahead"


def holds(link: Link, selected: Selected, key: Sequence[str]) -> Held:
    """What the table's ranges hold in the running snapshot; one query that goes through the table."""
    how = numbering(link, selected, key)
    number = number_sql(how, key)
    rows = ask(link, f"SELECT {number}, count(*), sum({digest(selected.shape)}) FROM {selected.rows} GROUP BY 1")
    shape = sorted(selected.shape.items())
    there = ((int(n), count, int(total)) for n, count, total in rows if n is not None)
    return Held(numbering=how, digests={n: keyranges.digest(count, total, shape) for n, count, total in there})


def numbering(link: Link, selected: Selected, key: Sequence[str]) -> Numbering:
    """Whole numbers by size, texts by their hash; other keys are one range."""
    kinds = [selected.shape[name] for name in key]
    if len(key) == 1 and kinds[0] in WHOLE_NUMBERS:
        ((low, high),) = ask(link, f"SELECT min({quoted(key[0])}), max({quoted(key[0])}) FROM {selected.rows}")
        return keyranges.shifted(low or 0, high or 0)
    return Numbering(by="hash" if all(kind in PLAIN for kind in kinds) else "all")


def number_sql(how: Numbering, key: Sequence[str]) -> str:
    """The number of a row's range."""
    if how.by == "shift":
        return f"({quoted(key[0])}::bigint >> {how.shift})"
    if how.by == "all":
        return "0"
    text = " || chr(31) || ".join(f"coalesce({quoted(name)}::text, '')" for name in key)
    return f"('x' || substr(md5({text}), 1, 2))::bit(8)::int"


def rows_of(
    link: Link, selected: Selected, key: Sequence[str], ranges: KeyRanges, *, ahead: str, slice_rows: int
) -> Iterator[Stretch]:
    """The rows of these ranges in the running snapshot; `ahead`: SQL that is true for those to be left for later."""
    where = "true"
    if ranges.numbering.by == "shift":
        where = keyranges.in_spans(quoted(key[0]), ranges)
    elif ranges.numbering.by == "hash":
        where = f"{number_sql(ranges.numbering, key)} IN ({', '.join(map(str, ranges.numbers))})"
    flag = pgtypes.Column(name=AHEAD, sql=ahead, declared="boolean", kind=pa.bool_())
    columns = (*selected.columns, flag)
    select = replace(selected, columns=columns).select(where)
    for rows, _ in copied(link, select, columns, slice_rows):
        yield Stretch(rows=rows.drop_columns([AHEAD]), ahead=rows[AHEAD].combine_chunks())
    yield Stretch(rows=pgtypes.empty(selected.columns), ahead=pa.array([], pa.bool_()))
