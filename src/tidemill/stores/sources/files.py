"""Rows of CSV, JSONL and Parquet files: a file, a folder or a glob, and one SELECT over several of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from tidemill.errors import SourceError
from tidemill.facts.data import ColumnType
from tidemill.ports.source import Misfit, Rerun, Slice
from tidemill.spec.source import Files, FilesQuery
from tidemill.stores import filerows, listing
from tidemill.stores.arrow import column_types
from tidemill.stores.csvhead import misshapen
from tidemill.stores.filerows import Types
from tidemill.stores.listing import Stamp
from tidemill.stores.misfits import misfits
from tidemill.stores.rerun import SelectRerun, is_row_by_row
from tidemill.stores.sqlname import quoted
from tidemill.stores.textfile import demand_utf8

LINE = "Line:"
WORDS = 400
"""Letters of an engine's complaint that are passed on."""


class FilesReader:
    """Files in order of name, those that are new, or, when one was changed or taken away, all; a large one in slices.

    Only the last slice of a file moves the cursor. Those of a pass over all are `whole`, and only the very last does. A
    CSV file begins with the names of its columns; its empty fields are null, a column of nothing else has no type. A
    line of JSONL is an object, whose lists and objects are text; names of folders (`day=2/`) are no data. SourceError
    `unreachable`, `format-unknown`, `file-empty`, `file-unreadable`, `file-damaged`, `not-utf8`, `lost`.
    """

    def __init__(self, table: Files) -> None:
        self.table = table

    def columns(self) -> tuple[ColumnType, ...]:
        files = listing.listed(self.table.path)
        with filerows.engine() as link, _reading(self.table.path, files.values()):
            types = filerows.look(link, files.values(), {})
            rows = filerows.rows(link, f"SELECT * FROM ({filerows.select(files.values(), types)}) LIMIT 0")
        return column_types(rows.schema)

    def misfits(self) -> tuple[Misfit, ...]:
        files = listing.listed(self.table.path)
        with filerows.engine() as link, _reading(self.table.path, files.values()):
            return misfits(link, tuple(files.values()), filerows.look(link, files.values(), {}))

    def slices(self, cursor: str) -> Iterator[Slice]:
        before = json.loads(cursor) if cursor else {"files": {}, "types": {}}
        files = listing.listed(self.table.path)
        stamps = listing.stamps(files, before["files"])
        if not listing.still(before["files"], stamps):
            yield from self._all(files, stamps, before, cursor)
            return
        read = dict(before["files"])
        fresh = {name: file for name, file in files.items() if name not in read}
        with filerows.engine() as link, _reading(self.table.path, files.values()):
            types = filerows.look(link, fresh.values(), before["types"])
            for name, file in fresh.items():
                for rows, last in filerows.pieces(link, filerows.select([file], types)):
                    if last:
                        listing.check_unchanged({name: file}, stamps)
                        read[name] = stamps[name].plain()
                    if rows.num_rows:
                        yield Slice(rows=rows, cursor=_cursor(files=read, types=types), origin=name)

    def rerun(self, time: str) -> AbstractContextManager[None]:
        return nullcontext()

    def _all(
        self, files: Mapping[str, Path], stamps: Mapping[str, Stamp], before: Mapping[str, Any], cursor: str
    ) -> Iterator[Slice]:
        """Every file anew; a pass that breaks off begins again, for half of it is no state of the source."""
        with filerows.engine() as link, _reading(self.table.path, files.values()):
            types = filerows.look(link, files.values(), before["types"])
            for name, file in files.items():
                for rows, last in filerows.pieces(link, filerows.select([file], types)):
                    if last:
                        listing.check_unchanged(files, stamps)
                    if last and name == list(files)[-1]:
                        cursor = _cursor(files={key: stamp.plain() for key, stamp in stamps.items()}, types=types)
                    yield Slice(rows=rows, cursor=cursor, whole=True, origin=name)


class FilesQueryReader:
    """All rows of the SELECT as one `whole` slice, whenever a file that it reads, or the SELECT, is not what it was.

    The SELECT is DuckDB's SQL over the files by the names they were given, and runs in one thread: the same files
    give the same rows in the same order. SourceError as FilesReader, and `query-failed`.
    """

    def __init__(self, table: FilesQuery) -> None:
        self.table = table
        self._sql = table.sql.strip().rstrip(";")
        self._looked: dict[tuple[tuple[Path, int, int], ...], Types] = {}

    def columns(self) -> tuple[ColumnType, ...]:
        with self._over({name: listing.listed(files.path) for name, files in self.table.tables}) as link:
            return column_types(filerows.rows(link, f"SELECT * FROM ({self._sql}) LIMIT 0").schema)

    def misfits(self) -> tuple[Misfit, ...]:
        return ()

    def slices(self, cursor: str) -> Iterator[Slice]:
        before: dict[str, Any] = json.loads(cursor) if cursor else {"files": {}, "sql": ""}
        tables = {name: listing.listed(files.path) for name, files in self.table.tables}
        files = {f"{name}/{key}": file for name, found in tables.items() for key, file in found.items()}
        stamps = listing.stamps(files, before["files"])
        sql = sha256(self._sql.encode()).hexdigest()
        if before["sql"] == sql and len(stamps) == len(before["files"]) and listing.still(before["files"], stamps):
            return
        with self._over(tables) as link:
            rows = filerows.rows(link, f"SELECT * FROM ({self._sql})")
        listing.check_unchanged(files, stamps)
        if rows.num_rows or cursor:
            kept = {name: stamp.plain() for name, stamp in stamps.items()}
            yield Slice(rows=rows, cursor=_cursor(files=kept, sql=sql), whole=True)

    @contextmanager
    def rerun(self, time: str) -> Iterator[Rerun | None]:
        tables = {name: listing.listed(files.path) for name, files in self.table.tables}
        with self._over(tables) as link:
            alone = is_row_by_row(link, self._sql)
            yield None if alone else SelectRerun(link, self._sql, time, tuple(tables))

    @contextmanager
    def _over(self, tables: Mapping[str, Mapping[str, Path]]) -> Iterator[duckdb.DuckDBPyConnection]:
        """An engine that knows the files by their names."""
        with filerows.engine() as link:
            for name, files in tables.items():
                with _reading(", ".join(map(str, files.values())), files.values()):
                    filerows.check_decimals(link, files.values())
                    sql = filerows.select(files.values(), self._types(link, files.values()))
                    link.execute(f"CREATE VIEW {quoted(name)} AS {sql}")
            try:
                yield link
            except duckdb.Error as error:
                listing.check_there(file for files in tables.values() for file in files.values())
                raise SourceError("query-failed", source=", ".join(tables), reason=_words(error)) from error

    def _types(self, link: duckdb.DuckDBPyConnection, files: Collection[Path]) -> Types:
        """As `look` finds them, once while the files are as they were."""
        try:
            key = tuple((file, (state := file.stat()).st_size, state.st_mtime_ns) for file in files)
        except FileNotFoundError as error:
            raise SourceError("lost", source=str(error.filename), reason=listing.TAKEN_AWAY) from error
        if key not in self._looked:
            self._looked[key] = filerows.look(link, files, {})
        return self._looked[key]


@contextmanager
def _reading(path: str, files: Iterable[Path]) -> Iterator[None]:
    """The engine's complaints about files in the house's words; where it names no line, the first that is not right.

    A file that is there no more is no mistake in it: SourceError `lost`.
    """
    try:
        yield
    except (duckdb.Error, SourceError) as error:
        listing.check_there(files)
        if isinstance(error, SourceError):
            raise
        words = _words(error)
        if "utf-8" in str(error).lower():
            for file in filter(filerows.is_csv, files):
                demand_utf8(file)
        found = "" if LINE in words else next(filter(None, map(misshapen, filter(filerows.is_csv, files))), "")
        raise SourceError("file-unreadable", path=path, reason=found or words) from error


def _words(error: duckdb.Error) -> str:
    """The engine's own words without its advice, which is about options that nobody here can set."""
    return " ".join(str(error).partition("Possible ")[0].split())[:WORDS]


def _cursor(**parts: Mapping[str, str | Sequence[int | str]] | str) -> str:
    return json.dumps(parts, sort_keys=True, separators=(",", ":"))
