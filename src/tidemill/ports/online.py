"""Online: packed records by key, for look-ups while answering; knows no windows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What a space holds: how many records, and the bytes of them all without their keys."""

    records: int
    bytes: int


class Online(Protocol):
    """Key-value records in named spaces; many readers, one writing process."""

    def get(self, space: str, keys: Sequence[bytes]) -> list[bytes | None]:
        """One record per key, in order; None where there is none."""
        ...

    def read(self, space: str, keys: Sequence[bytes]) -> tuple[list[bytes | None], str]:
        """Records as of `get` and the space's mark, as both were at one moment."""
        ...

    def write(
        self,
        changes: Mapping[str, Iterable[tuple[bytes, bytes | None]]],
        marks: Mapping[str, str] | None = None,
        after: Mapping[str, str] | None = None,
    ) -> None:
        """Puts (or, with None, deletes) records in several spaces and sets marks, all in one transaction.

        `after`: marks as they were when what is written was made; where one is another now, nothing is written and
        BusyError `online-moved` says so.
        """
        ...

    def mark(self, name: str) -> str:
        """A small text kept beside a space's records (how far it is), or under a name of its own; "" if never set."""
        ...

    def marked(self) -> tuple[str, ...]:
        """Names that have a mark which is not "", sorted."""
        ...

    def extent(self, space: str) -> Extent:
        """What the space holds; every record is counted, so it is for a person who asks and not for answering."""
        ...

    def drop(self, space: str) -> None:
        """Deletes a whole space, with its mark."""
        ...

    def close(self) -> None:
        """Frees the handle."""
        ...
