"""What is read of PostgreSQL, a table or a query, as the SELECT of some of its rows and a digest of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tidemill.stores import pgtypes
from tidemill.stores.sqlname import quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What is read: SQL that may stand after FROM, its columns, its primary key, and columns that are never null."""

    rows: str
    columns: tuple[pgtypes.Column, ...]
    key: tuple[str, ...] = ()
    filled: frozenset[str] = frozenset()

    @property
    def shape(self) -> dict[str, str]:
        return {column.name: column.declared for column in self.columns}

    def select(self, where: str, first: str = "") -> str:
        """The rows for which that is true, in order of the column `first` and the key."""
        order = ", ".join(quoted(name) for name in dict.fromkeys((*([first] if first else []), *self.key)))
        items = ", ".join(column.sql for column in self.columns)
        return f"SELECT {items} FROM {self.rows} WHERE {where}" + (f" ORDER BY {order}" if order else "")


def digest(names: Iterable[str]) -> str:
    """A row's digest in SQL: 64 bits of these columns as text, in the order of their names."""
    return f"""hashtextextended(ROW({", ".join(map(quoted, sorted(names)))})::text COLLATE "C", 0)"""
