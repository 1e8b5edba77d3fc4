"""A declaration examined against its real sources: every mistake at once, and what follows from a good one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from tidemill.app.find import Found
from tidemill.app.settings import unset
from tidemill.app.wiring import make
from tidemill.errors import TidemillError
from tidemill.facts.data import ColumnType
from tidemill.loop.foresee import foresees
from tidemill.ports.source import Misfit, Reader
from tidemill.ports.tables import reserved
from tidemill.spec.declaration import Declaration
from tidemill.spec.describe import Description, describe, references
from tidemill.spec.examine import Examination, Mistake, Note, examine
from tidemill.spec.expression import Type
from tidemill.spec.source import FilesQuery, Source, Table

FLOAT_DIGITS = 15
"""Decimal digits that every float of 64 bits keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One source: the columns that it has now, or why they could not be read."""

    source: Source
    columns: tuple[ColumnType, ...] = ()
    naive: tuple[str, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    trouble: TidemillError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Everything that is wrong, what is worth knowing, and (of a declaration without a mistake) what follows.

    `unset`: names of the environment that the declaration asks for and that are not set here.
    """

    found: Found
    sources: tuple[Looked, ...]
    examination: Examination
    unset: tuple[str, ...]
    description: Description | None


def check(found: Found, open_source: Callable[[Table], Reader], digest: Callable[[Declaration], str]) -> Checked:
    """The declaration against the schemas of the sources that can be reached; their troubles are kept, not raised."""
    declaration = found.declaration
    sources = tuple(looked(source, open_source, declaration) for source in declaration.roots)
    schemas = {one.source.dataset: types(one.columns) for one in sources if one.columns}
    naive = {one.source.dataset: one.naive for one in sources}
    examination = examine(declaration, schemas, places=found.system.places, naive=naive)
    unfit = [mistake for one in sources for mistake in reserved_of(one, found.system.places)]
    examination = replace(examination, mistakes=(*unfit, *examination.mistakes))
    notes = [*examination.notes, *(note for one in sources for note in notes_of(one))]
    if not examination.mistakes:
        notes += [note for one in sources for note in foreseen(one, open_source, declaration.zone)]
    return Checked(
        found=found,
        sources=sources,
        examination=replace(examination, notes=tuple(notes)),
        unset=unset(references(declaration)),
        description=None if examination.mistakes else describe(declaration, schemas, digest),
    )


def check_source(found: Found, source: Source, open_source: Callable[[Table], Reader]) -> Checked:
    """What is declared of one source, beside its schema, and of the system that reads it; of nothing that reads it."""
    declaration = found.declaration
    parts = tuple(one for one in declaration.sources if one.dataset == source.dataset)
    alone = Declaration(
        name=declaration.name,
        owner=declaration.owner,
        zone=declaration.zone,
        zone_said=declaration.zone_said,
        sources=parts,
    )
    one = looked(source, open_source, alone)
    schemas = {source.dataset: types(one.columns)} if one.columns else {}
    examination = examine(alone, schemas, places=found.system.places, naive={source.dataset: one.naive})
    unset_here = unset(references(alone))
    return Checked(found=found, sources=(one,), examination=examination, unset=unset_here, description=None)


def looked(source: Source, open_source: Callable[[Table], Reader], declaration: Declaration) -> Looked:
    """The source's columns; whether its times have a zone is asked only where the system names none."""
    try:
        reader = open_source(source.table)
        columns = reader.columns()
        timed = any(column.type == "timestamp" for column in columns)
        naive = naive_times(reader) if timed and not declaration.zone_said else ()
        misfits = reader.misfits() if any(column.type == "text" for column in columns) else ()
        return Looked(source=source, columns=columns, naive=naive, misfits=misfits)
    except TidemillError as error:
        return Looked(source=source, trouble=error)


def reserved_of(one: Looked, places: Mapping[str, str]) -> Iterator[Mistake]:
    """Columns of the source that cannot land because of their names."""
    if ours := reserved(column.name for column in one.columns):
        path = f"source {one.source.name}"
        fields = {"column": ours[0], "columns": ours, "where": one.source.dataset}
        yield Mistake(code="data.column-reserved", path=path, fields=fields, place=places.get(path, ""))


def notes_of(one: Looked) -> Iterator[Note]:
    """What is worth knowing of a source's types."""
    if unknown := tuple(column.name for column in one.columns if column.type == "unknown"):
        yield Note(code="source.types-unknown", path=f"source {one.source.name}", fields={"columns": unknown})
    coarse = {column.name for column in one.columns if column.type == "float" and not is_exact(column)}
    if floats := tuple(name for name in one.source.key if name in coarse):
        yield Note(code="source.key-float", path=f"source {one.source.name}", fields={"columns": floats})
    for misfit in one.misfits:
        fields = {"column": misfit.column, "kind": misfit.kind, "odd": misfit.odd, "of": misfit.of}
        path = f"source {one.source.name}"
        yield Note(code="source.text-by-few", path=path, fields={**fields, "example": f"'{misfit.example}'"})


def is_exact(column: ColumnType) -> bool:
    """Whether the column holds decimals of so few digits that a float has them all."""
    return column.decimal is not None and column.decimal[0] <= FLOAT_DIGITS


def foreseen(one: Looked, open_source: Callable[[Table], Reader], zone: str) -> Iterator[Note]:
    """What a query over files does when it runs on less of its input, or why it does not run."""
    if one.trouble is None and isinstance(one.source.table, FilesQuery):
        path = f"source {one.source.name}"
        try:
            for found in foresees(open_source(one.source.table), one.source, zone, make("compute.duckdb")):
                yield Note(code=found.code, path=path, fields=found.fields)
        except TidemillError as error:
            yield Note(code=error.code, path=path, fields=error.fields)


def naive_times(reader: Reader) -> tuple[str, ...]:
    """Timestamp columns without a zone, as the source's first rows come."""
    first = next(reader.slices(""), None)
    if first is None:
        return ()
    kinds = ((field.name, field.type) for field in first.rows.schema)
    return tuple(name for name, kind in kinds if str(kind).startswith("timestamp") and kind.tz is None)


def types(columns: tuple[ColumnType, ...]) -> Mapping[str, Type]:
    """Column -> type in the dialect's words."""
    return {column.name: cast("Type", column.type) for column in columns}
