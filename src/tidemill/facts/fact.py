"""What makes a record a fact: it carries its own version, its key, and the columns it is found by."""

from __future__ import annotations

from typing import ClassVar, Protocol


class Fact(Protocol):
    """A record that the ledger keeps.

    KIND: table name. KEY: fields that make it one. FOUND_BY: further fields that `find` may filter on (text or int).
    MUTABLE: state that moves on, and findings that changed code or gates may put anew (the newest commit wins; a
    StageRun keeps what each stage found) against history that never changes.
    """

    KIND: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]
    FOUND_BY: ClassVar[tuple[str, ...]]
    MUTABLE: ClassVar[bool]

    @property
    def at_us(self) -> int:
        """When it became so, microseconds UTC of the system's clock; orders `find`."""
        ...
