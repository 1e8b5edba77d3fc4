"""Source: raw rows from outside, in slices with a cursor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tidemill.facts.data import ColumnType

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Some rows and the cursor behind them (opaque JSON). `whole`: this pass's slices are the table's full content.

    `origin`: the part of the source that they come from, such as a file's name; "" where there are no parts.
    """

    rows: pa.Table
    cursor: str
    whole: bool = False
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A column that is text although nearly all its values are of a `kind`; `example`: the first that is not."""

    column: str
    kind: str
    odd: int
    of: int
    example: str


class Reader(Protocol):
    """One declared table, readable. Naive times stay naive (timestamp[us]); the extract stage gives them the zone."""

    def columns(self) -> tuple[ColumnType, ...]:
        """Names and types as the source has them now. SourceError when it cannot be reached."""
        ...

    def misfits(self) -> tuple[Misfit, ...]:
        """Columns that came out as text because of a few values; none where the source declares its types."""
        ...

    def slices(self, cursor: str) -> Iterator[Slice]:
        """Rows not read yet at that cursor ("" = from the beginning); nothing when nothing is new.

        SourceError `unreachable`, `lost` (in mid-extraction), `table-missing`, `cursor-column-missing`.
        """
        ...
