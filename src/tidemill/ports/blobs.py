"""Blobs: bytes by their SHA-256."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from tidemill.ports.tables import Waste


class Blobs(Protocol):
    """Content-addressed bytes; a blob that is there is whole."""

    def put(self, data: bytes) -> str:
        """Keeps the bytes (atomically; again is fine), gives their SHA-256. StoreError `disk-full` when it cannot."""
        ...

    def get(self, digest: str) -> bytes:
        """The bytes, verified. StoreError `blob-missing` or `blob-corrupt`."""
        ...

    def has(self, digest: str) -> bool:
        """Whether it is there (content not verified)."""
        ...

    def path(self, digest: str) -> Path:
        """A local read-only file with the bytes, verified."""
        ...

    def waste(self, digests: Collection[str], *, idle_s: float) -> Waste:
        """Of these blobs those that are there and that nobody has put, for the first time or again, for so long."""
        ...

    def remove(self, digests: Collection[str], *, idle_s: float) -> Waste:
        """Takes away what `waste` says; who puts such a blob meanwhile has it whole."""
        ...
