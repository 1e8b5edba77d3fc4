"""Source: raw rows from outside, in slices with a cursor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from tidemill.facts.data import ColumnType

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Some rows and the cursor behind them (opaque JSON). `whole`: this pass's slices are the table's full content.

    Without rows and not whole, the cursor alone is new and has to be kept for the next pass.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """How ranges of keys are numbered, the same in a source and in what landed of it.

    `shift`: the key is one whole number, its range's number is the key shifted right by so many bits. `hash`: the first
    two hexadecimal digits of the md5 of its columns as text, a control sign (31) between, nothing for null. `all`: 0.
    """

    by: Literal["shift", "hash", "all"]
    shift: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What ranges of keys hold: for each that has rows 8 bytes, others if a row came, went or changed."""

    numbering: Numbering
    digests: Mapping[int, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRanges:
    """Some ranges of keys by their number."""

    numbering: Numbering
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some rows of ranges of keys. `ahead`, a bool per row: those that reading on from the cursor will bring."""

    rows: pa.Table
    ahead: pa.Array


class Rerun(Protocol):
    """A source's SELECT, to be run again over its input as it was at a moment.

    A moment is in microseconds since 1970 as the clock of the source's own time shows them; a date is its midnight.
    """

    @property
    def cut(self) -> tuple[str, ...]:
        """Tables of the input that can be cut at a moment."""
        ...

    @property
    def whole(self) -> tuple[str, ...]:
        """Tables with columns of times that cannot: which of their rows come before a moment is not known."""
        ...

    def until(self, moment_us: int) -> pa.Table:
        """What the SELECT gives if its input ends before that moment."""
        ...

    def late_last(self, moment_us: int) -> pa.Table:
        """What it gives over all of its input, rows from that moment on after the others."""
        ...

    def untied(self) -> Rerun | None:
        """The same, but rows that the SELECT's windows do not tell apart come in an order that only their values give.

        An engine is free to choose among such rows, and may choose otherwise where there are more or fewer of others.
        None where that cannot be said in the SELECT.
        """
        ...


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

    def rerun(self, time: str) -> AbstractContextManager[Rerun | None]:
        """The source's SELECT, to be run again while the context is open; `time`: its column of when a row happened.

        None where there is none to run, or each of its rows comes of one row of the input alone. SourceError as of
        `slices`; where a run fails, the context is left by `query-failed`.
        """
        ...


@runtime_checkable
class RangeReader(Protocol):
    """A Reader of a table whose rows can be compared with what was read of them before, by ranges of the key."""

    def holds(self, key: Sequence[str]) -> Held:
        """What each range of keys holds now. SourceError as of `slices`."""
        ...

    def stretches(self, key: Sequence[str], ranges: KeyRanges, cursor: str) -> Iterator[Stretch]:
        """All rows of these ranges as they are now, one stretch at least. SourceError as of `slices`."""
        ...
