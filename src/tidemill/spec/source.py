"""Where raw rows come from: a source with its key, its times and its promises."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tidemill.spec.expression import Expression
from tidemill.spec.place import place_of_call
from tidemill.spec.read import both, expression


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlTable:
    """One table of a database by URL (`${NAME}` references stay unresolved here).

    `reconcile_us`: how long at least lies between two comparisons of it with what landed; None: there are none.
    """

    url: str
    table: str
    cursor: str | None = None
    reconcile_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlQuery:
    """One SELECT of a database by URL."""

    url: str
    sql: str
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """CSV, JSONL or Parquet files: a file, a folder or a glob."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesQuery:
    """One DuckDB SELECT over files by name, run again whole when an input file changed."""

    sql: str
    tables: tuple[tuple[str, Files], ...]


Table = SqlTable | SqlQuery | Files | FilesQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A declared source, or a named part of one (`where`, `sample`); `dataset` is the name its rows land under.

    `key`: columns that make a row one row (empty: every row is its own).
    `time`: column of when it happened. `known`: when it could be known (None: see data.md's bootstrap rule).
    `since`: for tables that keep their last state only, the column from when a row may be assumed to have been so.
    `deleted`: condition of rows that are there and do not count any more: what landed under their key before ends.
    `_parts`: where the named parts of this source are noted for its system; `_place`: its line; no part of the value.
    """

    name: str
    dataset: str
    table: Table
    key: tuple[str, ...]
    time: str
    known: Expression | None = None
    since: str | None = None
    deleted: Expression | None = None
    expect: tuple[Expression, ...] = ()
    condition: Expression | None = None
    share: float = 1.0
    _parts: list[Source] = field(default_factory=list, repr=False, compare=False)
    _place: str = field(default="", repr=False, compare=False)

    def where(self, condition: str, *, name: str | None = None) -> Source:
        """The part of the rows for which the condition is true; its name may be used in the SQL of `candidates`.

        The rows still land, and are explored, under the name of the whole source.
        """
        part = replace(
            self,
            name=name or f"{self.name} where {condition}",
            condition=both(self.condition, expression(condition)),
            _place=place_of_call(),
        )
        if name is not None:
            self._parts.append(part)
        return part

    def sample(self, share: float) -> Source:
        """The part of the rows whose key's stable hash falls below `share` (0 < share <= 1)."""
        return replace(self, share=self.share * share)
