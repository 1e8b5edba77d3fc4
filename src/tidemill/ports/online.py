"""Online: packed records by key, for look-ups while answering; knows no windows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol


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

    def drop(self, space: str) -> None:
        """Deletes a whole space."""
        ...

    def close(self) -> None:
        """Frees the handle."""
        ...
