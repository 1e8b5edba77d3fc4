"""Blobs in memory, for one process."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from tidemill.errors import StoreError
from tidemill.stores.scratch import scratch


class MemoryBlobs:
    """A file is made for a blob only when `path` asks for one; it goes with the object."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}
        self._files: Path | None = None

    def put(self, data: bytes) -> str:
        digest = sha256(data).hexdigest()
        self._blobs[digest] = bytes(data)
        return digest

    def get(self, digest: str) -> bytes:
        if digest not in self._blobs:
            raise StoreError("blob-missing", digest=digest, folder="memory")
        return self._blobs[digest]

    def has(self, digest: str) -> bool:
        return digest in self._blobs

    def path(self, digest: str) -> Path:
        data = self.get(digest)
        self._files = self._files or scratch(self)
        place = self._files / digest
        if not place.exists():
            place.write_bytes(data)
            place.chmod(0o444)
        return place
