"""Stage 1, extract: the rows that a source has and its dataset lacks, committed as one version with the cursor."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tidemill.errors import DataError
from tidemill.facts.data import ColumnType, DataFile, DatasetVersion, Finding
from tidemill.features.offline.lake import types_of
from tidemill.features.plan import Dialect, identity, names
from tidemill.lifecycle.extract.ahead import looks_ahead
from tidemill.lifecycle.extract.beside import Asked
from tidemill.lifecycle.extract.columns import (
    called,
    demand_kept,
    demand_named,
    demand_no_narrower,
    needed_columns,
    promised,
    read_columns,
    readers_of,
    written_columns,
)
from tidemill.lifecycle.extract.keyranges import differing, steady, written
from tidemill.lifecycle.extract.keyranges import read as read_held
from tidemill.lifecycle.extract.land import Landing, land
from tidemill.lifecycle.extract.normalise import Shape, column_types, demand, joined, normalised
from tidemill.lifecycle.extract.pushed import RECEIVED, UNFIT, pushed
from tidemill.lifecycle.extract.reconcile import Note, gone, is_due, known_by_now, noted, since, within
from tidemill.lifecycle.extract.repeats import read_so_far
from tidemill.lifecycle.extract.until import known_us, newest_us
from tidemill.ports.context import Context
from tidemill.ports.source import Held, RangeReader, Reader, Slice
from tidemill.ports.tables import OP, Draft
from tidemill.spec.source import FilesQuery, Source, SqlQuery, SqlTable

SOURCE, PUSHED, COMPARED, HAD = "source", "pushed", "compared", "columns"
"""Whose cursor is whose: rows are read from the source and from what was pushed, and a table may be compared.

Beside them stand the columns that the source had when it was read.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One root source of a system, the version before (None at first), and the time of the system's clock.

    `parts`: what is read; what was pushed can be read alone, but for the first version. `reads`: columns of the
    dataset that the system reads, and who does.
    """

    system: str
    zone: str
    source: Source
    previous: DatasetVersion | None
    now_us: int
    parts: tuple[str, ...] = (SOURCE, PUSHED)
    reads: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Tally:
    """What this pass gathered so far."""

    files: list[DataFile]
    rejected: list[DataFile]
    columns: tuple[ColumnType, ...]
    content: str
    cursor: dict[str, str]
    watermark_us: int
    rows: int
    findings: tuple[Finding, ...]
    again: int | None
    earlier: list[pa.Table]


def run(given: Given, ctx: Context) -> tuple[DatasetVersion, ...]:
    """The new version, or the previous one when the source has nothing new, neither rows nor a cursor without any.

    Rows that were pushed again land no second time; that they were read is in the cursor.

    DataError `column-missing`, `column-gone`, `column-renamed`, `column-reserved`, `time-type`, `type-changed`,
    `empty-source`; SourceError from the reader. Nothing is visible until all slices are read: a source that disappears
    half-way leaves the previous version as it was.
    """
    previous, source = given.previous, given.source
    tally = begun(given, ctx)
    before: Sequence[Path] = ctx.tables.paths((*previous.files, *previous.rejected)) if previous else ()
    moved = read(tally, before, given, ctx) if SOURCE in given.parts else False
    for part in pushed(ctx.journal, source, tally.columns, tally.cursor.get(PUSHED, "")):
        rows = normalised(
            part.rows, Shape(source=source, zone=given.zone, columns=tally.columns), keep=(RECEIVED, UNFIT)
        )
        keep(tally, land(rows, landing(tally, rows, before, given, ctx), whole=bool(source.key)), given, ctx)
        tally.cursor[PUSHED], moved = part.cursor, True
    if previous is None and not tally.files and not tally.rejected:
        raise DataError("empty-source", source=source.name)
    if previous is not None and not tally.files and not tally.rejected and not moved:
        return (previous,)
    return (commit(tally, given, ctx),)


def read(tally: Tally, before: Sequence[Path], given: Given, ctx: Context) -> bool:
    """Counts in what the source has; whether it only moved on, without any rows."""
    source, moved = given.source, False
    readers = readers_of(source, given.reads)
    reader = ctx.open_source(source.table)
    present = reader.columns()
    names, were = [column.name for column in present], had(tally, given)
    demand(names, needed_columns(source), source.dataset)
    demand_kept(names, were, readers, source.dataset)
    if isinstance(source.table, SqlTable):
        demand_no_narrower(present, were, source.dataset)
    first = held_first(reader, given)
    for piece in reader.slices(tally.cursor.get(SOURCE, "")):
        raw = promised(piece, present, source)
        demand_names(piece, tally, given)
        so_far = tally.rows
        rows = normalised(raw, Shape(source=source, zone=given.zone, columns=tally.columns))
        there = landing(tally, rows, before, given, ctx)
        keep(tally, land(rows, there, whole=piece.whole), given, ctx)
        if piece.whole and before and not source.key:
            tally.earlier.append(read_so_far(rows, there.landed, ctx.compute))
        if tally.rows > so_far:
            demand_kept(piece.rows.column_names, were, readers, called(piece, source))
        tally.cursor[SOURCE] = piece.cursor
        moved = not (piece.rows.num_rows or piece.whole)
        if isinstance(source.table, FilesQuery):
            asked = Asked(source=source, zone=given.zone, compute=ctx.compute)
            tally.findings = looks_ahead(reader, asked, raw)
    tally.columns = tally.columns or as_landed(present, source)
    tally.cursor[HAD] = written_columns(present)
    return compared(reader, present, tally, given, ctx, first=first) or moved


def compared(
    reader: Reader, present: Sequence[ColumnType], tally: Tally, given: Given, ctx: Context, *, first: Held | None
) -> bool:
    """Lands what rows of the table have become since they landed, and those that are gone; whether it was due.

    `first`: what it held before it was read for the first time: just that is noted then.
    """
    source, told = given.source, tally.cursor.get(COMPARED, "")
    if not isinstance(reader, RangeReader) or not is_due(source, told, given.now_us):
        return False
    last, now = noted(told), reader.holds(source.key)
    done = Note(at_us=given.now_us, held=written(now), row=tally.rows)
    if first is not None:
        tally.cursor[COMPARED] = str(replace(done, held=steady(first, now)))
        return True
    for ranges in differing(read_held(last.held), now, since(last, now, onward(tally, given, ctx))):
        keys, near = [], within(ranges, onward(tally, given, ctx))
        for stretch in reader.stretches(source.key, ranges, tally.cursor.get(SOURCE, "")):
            raw = promised(Slice(rows=stretch.rows, cursor="", whole=True), present, source)
            rows = normalised(raw, Shape(source=source, zone=given.zone, columns=tally.columns))
            keys.append(rows.select(list(source.key)))
            behind = rows.filter(pc.invert(stretch.ahead))
            good, broken = land(behind, replace(onward(tally, given, ctx), near=near), whole=True)
            keep(tally, (known_by_now(good, given.now_us), broken), given, ctx)
        lost = gone(pa.concat_tables(keys), replace(onward(tally, given, ctx), near=near))
        keep(tally, (lost, lost.slice(0, 0)), given, ctx)
    tally.cursor[COMPARED] = str(done)
    return True


def held_first(reader: Reader, given: Given) -> Held | None:
    """What the table holds before it is read for the first time; None where it is not, or not to be compared."""
    due = given.previous is None and is_due(given.source, "", given.now_us)
    return reader.holds(given.source.key) if due and isinstance(reader, RangeReader) else None


def onward(tally: Tally, given: Given, ctx: Context) -> Landing:
    """Where further rows come to stand after what this very pass has landed."""
    files = (*(given.previous.files if given.previous else ()), *tally.files)
    rejected = (*(given.previous.rejected if given.previous else ()), *tally.rejected)
    there = landing(tally, pa.table({}), ctx.tables.paths((*files, *rejected)), given, ctx)
    return replace(there, landed=frozenset(column.name for column in tally.columns))


def begun(given: Given, ctx: Context) -> Tally:
    """The tally that goes on from a version, or begins; what a query was seen to do holds until it runs again."""
    previous, source = given.previous, given.source
    return Tally(
        files=[],
        rejected=[],
        columns=previous.columns if previous else (),
        content=previous.content if previous else "",
        cursor=json.loads(previous.cursor) if previous else {},
        watermark_us=known_us(previous, source.time, ctx),
        rows=previous.rows + previous.put_aside if previous else 0,
        findings=previous.findings if previous and isinstance(source.table, FilesQuery) else (),
        again=previous.again if previous else 0,
        earlier=[],
    )


def as_landed(columns: Sequence[ColumnType], source: Source) -> tuple[ColumnType, ...]:
    """The source's columns as they would land; its times may be dates there."""
    times = {source.time, source.since}
    return tuple(replace(column, type="timestamp") if column.name in times else column for column in columns)


def demand_names(piece: Slice, tally: Tally, given: Given) -> None:
    """DataError `column-renamed`. A query says itself what its columns are called."""
    if not isinstance(given.source.table, FilesQuery | SqlQuery) and piece.rows.num_rows:
        landed = {column.name for column in tally.columns}
        demand_named(piece.rows.column_names, landed, given.reads, called(piece, given.source))


def had(tally: Tally, given: Given) -> dict[str, ColumnType]:
    """The columns that the source had when it was read last; those that were only pushed are none of them."""
    if HAD in tally.cursor:
        return read_columns(tally.cursor[HAD])
    known = given.previous.columns if given.previous and PUSHED not in tally.cursor else ()
    return {column.name: column for column in known}


def landing(tally: Tally, rows: pa.Table, before: Sequence[Path], given: Given, ctx: Context) -> Landing:
    """Where these rows come to stand."""
    types = types_of(joined(tally.columns, column_types(rows)))
    return Landing(
        source=given.source,
        dialect=Dialect(zone=given.zone, columns={given.source.dataset: types}),
        landed=frozenset(column.name for column in given.previous.columns) if given.previous else frozenset(),
        compute=ctx.compute,
        before=before,
        batch=given.previous.number + 1 if given.previous else 1,
        first_row=tally.rows,
        now_us=given.now_us,
        earlier=tally.earlier,
    )


def keep(tally: Tally, landed: tuple[pa.Table, pa.Table], given: Given, ctx: Context) -> None:
    """Stages the landed and the put-aside rows and counts them in."""
    source, (good, broken) = given.source, landed
    tally.columns = joined(tally.columns, column_types(good))
    if good.num_rows:
        tally.files.append(ctx.tables.stage(source.dataset, good, time=source.time))
        tally.content = content_digest(tally.content, good, source.key)
        tally.again = None if tally.again is None else tally.again + pc.sum(pc.not_equal(good[OP], "I")).as_py()
        tally.watermark_us = max(tally.watermark_us, newest_us(good, source.time, given.now_us))
    if broken.num_rows:
        tally.rejected.append(ctx.tables.stage(source.dataset, broken, time=source.time))
    tally.rows += good.num_rows + broken.num_rows
    ctx.progress("rows", tally.rows, None)


def content_digest(before: str, rows: pa.Table, key: Sequence[str]) -> str:
    """SHA-256 over the digest before and the rows in key order: the same for the same landing history."""
    own = [name for name in rows.column_names if not name.startswith("_")]
    ordered = rows.select(own).sort_by([(name, "ascending") for name in key]) if key else rows.select(own)
    seen = hashlib.sha256(before.encode())
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, ordered.schema) as stream:
        stream.write_table(ordered.combine_chunks())
    seen.update(sink.getvalue())
    return seen.hexdigest()


def repeated(tally: Tally, given: Given, ctx: Context) -> int:
    """How many rows of this pass are another version of a row of this very pass."""
    if not given.source.key or not tally.files:
        return 0
    versions = f"select count(*) as n from fresh group by {names(identity(given.source))} having n > 1"
    paths = ctx.tables.paths(tally.files)
    found = ctx.compute.query(f"select coalesce(sum(n - 1), 0)::bigint as again from ({versions})", {"fresh": paths})
    return int(found["again"][0].as_py())


def commit(tally: Tally, given: Given, ctx: Context) -> DatasetVersion:
    """The version, all or nothing."""
    draft = Draft(
        system=given.system,
        dataset=given.source.dataset,
        files=tuple(tally.files),
        rejected=tuple(tally.rejected),
        cursor=json.dumps(tally.cursor, sort_keys=True),
        watermark_us=tally.watermark_us,
        columns=tally.columns,
        content=tally.content,
        findings=tally.findings,
        again=None if tally.again is None else tally.again + repeated(tally, given, ctx),
        at_us=given.now_us,
    )
    return ctx.tables.commit(draft, given.previous)
