"""Blobs in memory, for one process."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256
from pathlib import Path
from time import monotonic

from tidemill.errors import StoreError
from tidemill.ports.tables import Waste
from tidemill.stores.scratch import scratch


class MemoryBlobs:
    """A file is made for a blob only when `path` asks for one; it goes with the object."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}
        self._put: dict[str, float] = {}
        self._files: Path | None = None

    def put(self, data: bytes) -> str:
        digest = sha256(data).hexdigest()
        self._blobs[digest] = bytes(data)
        self._put[digest] = monotonic()
        return digest

    def get(self, digest: str) -> bytes:
        if digest not in self._blobs:
            raise StoreError("blob-missing", digest=digest, folder="memory")
        return self._blobs[digest]

    def has(self, digest: str) -> bool:
        return digest in self._blobs

    def waste(self, digests: Collection[str], *, idle_s: float) -> Waste:
        idle = self._idle(digests, idle_s)
        return Waste(files=len(idle), bytes=sum(len(self._blobs[digest]) for digest in idle))

    def remove(self, digests: Collection[str], *, idle_s: float) -> Waste:
        found = self.waste(digests, idle_s=idle_s)
        for digest in self._idle(digests, idle_s):
            del self._blobs[digest]
        return found

    def _idle(self, digests: Collection[str], idle_s: float) -> set[str]:
        before = monotonic() - idle_s
        return {digest for digest in digests if digest in self._blobs and self._put[digest] <= before}

    def path(self, digest: str) -> Path:
        data = self.get(digest)
        self._files = self._files or scratch(self)
        place = self._files / digest
        if not place.exists():
            place.write_bytes(data)
            place.chmod(0o444)
        return place
