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

    def write(
        self, changes: Mapping[str, Iterable[tuple[bytes, bytes | None]]], marks: Mapping[str, str] | None = None
    ) -> None:
        """Puts (or, with None, deletes) records in several spaces and sets marks, all in one transaction."""
        ...

    def mark(self, name: str) -> str:
        """A small text kept beside the records (a watermark, a pointer to a space); "" if never set."""
        ...

    def extent(self, space: str) -> Extent:
        """What the space holds; every record is counted, so it is for a person who asks and not for answering."""
        ...

    def drop(self, space: str) -> None:
        """Deletes a whole space."""
        ...

    def close(self) -> None:
        """Frees the handle."""
        ...
