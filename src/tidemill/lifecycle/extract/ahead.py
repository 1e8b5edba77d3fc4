"""Does a query look ahead? It runs again as if its input ended at a moment, and its rows before then must be equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from tidemill.errors import SourceError
from tidemill.facts.data import Finding, Value
from tidemill.lifecycle.extract.beside import (
    Apart,
    Asked,
    apart,
    called,
    comparable,
    early,
    known,
    moment_text,
    moments,
)
from tidemill.measure.arrays import Ints
from tidemill.ports.source import Reader, Rerun

LEAST = 0.0001
Said = Mapping[str, Value | tuple[Value, ...]]


def looks_ahead(reader: Reader, asked: Asked, rows: pa.Table | None = None) -> tuple[Finding, ...]:
    """What the source's query was seen to do; nothing of one that is honest, or cannot but be.

    `rows`: all that the query gives; without them it runs here for them, if there is anything to try.
    """
    try:
        with reader.rerun(asked.source.time) as again:
            if again is None:
                return ()
            if rows is None:
                rows = next((piece.rows for piece in reader.slices("")), None)
            return () if rows is None else tuple(tried(again, rows, asked))
    except SourceError as error:
        return (untried(asked, (), reason=str(error.fields.get("reason", error.code))),)


def tried(again: Rerun, rows: pa.Table, asked: Asked) -> Iterator[Finding]:
    """The findings of the first cut that shows any, and what could not be cut."""
    if again.whole or not again.cut:
        yield untried(asked, again.whole)
    if not again.cut or not comparable(rows, asked):
        return
    for moment_us in moments(rows, asked):
        first, cut = early(rows, moment_us, asked), early(again.until(moment_us), moment_us, asked)
        if first.equals(cut):
            continue
        found = apart(known(first, moment_us, asked), cut, asked)
        if found.changes.some:
            yield from judged(found, again.untied(), asked, moment_us)
            return


def judged(found: Apart, again: Rerun | None, asked: Asked, moment_us: int) -> Iterator[Finding]:
    """What of it is there because the input ended, and what by the order of its rows, or by chance.

    The whole input runs with the late rows last, so that a cut leaves the place of every row as it is; and the cut
    input twice, for what chance makes differs once more.
    """
    ahead: Mapping[str, Ints] = {}
    gone = False
    if again is not None:
        cut = early(again.until(moment_us), moment_us, asked)
        sure = apart(known(early(again.late_last(moment_us), moment_us, asked), moment_us, asked), cut, asked)
        if sure.changes.some:
            chance = apart(cut, early(again.until(moment_us), moment_us, asked), asked).changes
            ahead = {name: rows for name, rows in sure.changes.columns.items() if name not in chance.columns}
            gone = len(sure.changes.gone) > 0 and not len(chance.gone)
        if ahead:
            yield of_columns(sure, ahead, asked, moment_us)
        if gone:
            yield of_rows(sure, asked, moment_us)
    unsettled = [name for name in found.changes.columns if name not in ahead]
    if len(found.changes.gone) and not gone:
        unsettled = [*asked.identity, *unsettled]
    if unsettled:
        yield finding("finding.not-repeatable", 0.4, asked, {"columns": tuple(unsettled)})


def of_columns(found: Apart, ahead: Mapping[str, Ints], asked: Asked, moment_us: int) -> Finding:
    """Columns that know what comes later, how many rows showed it, and one of these with its two values."""
    column, places = next(iter(ahead.items()))
    place = int(places[0])
    said: Said = {
        "columns": tuple(ahead),
        "column": column,
        "example": called(found.rows, place, asked),
        "now": found.own(place, column),
        "then": found.twin(place, column),
    }
    rows = np.unique(np.concatenate(list(ahead.values())))
    return finding("finding.looks-ahead", 1.0, asked, {**said, **share(rows, found, moment_us)})


def of_rows(found: Apart, asked: Asked, moment_us: int) -> Finding:
    """Rows that are there only because of what comes later, and one of them."""
    gone = found.changes.gone
    example = called(found.rows, int(gone[0]), asked)
    return finding("finding.rows-from-ahead", 1.0, asked, {"example": example, **share(gone, found, moment_us)})


def share(rows: Ints, found: Apart, moment_us: int) -> Said:
    """How many of the rows before the moment; so few that no share can be read have none."""
    of = found.rows.num_rows
    part = len(rows) / of
    return {"rows": len(rows), "of": of, "share": part if part >= LEAST else None, "at": moment_text(moment_us)}


def untried(asked: Asked, tables: Sequence[str], *, reason: str = "") -> Finding:
    """That it is not known whether the query looks ahead."""
    return finding("finding.not-tried", 0.3, asked, {"tables": tuple(tables), "reason": reason})


def finding(code: str, importance: float, asked: Asked, said: Said) -> Finding:
    """One about the source's query."""
    source = asked.source
    fields = {"dataset": source.dataset, "time": source.time, **said}
    return Finding(code=code, subject=source.dataset, importance=importance, fields=fields)
