"""Blobs as files of a folder, each named by the SHA-256 of its bytes."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from tidemill.errors import StoreError
from tidemill.stores.disk import told, write_whole
from tidemill.stores.verified import Verified

DIGEST = re.compile(r"[0-9a-f]{64}")


class LocalBlobs:
    """`<folder>/sha256/ab/abcd...`: written beside and renamed, read-only, verified before anybody gets them.

    Putting bytes whose file was damaged meanwhile mends it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._verified = Verified()

    def put(self, data: bytes) -> str:
        digest = sha256(data).hexdigest()
        place = self._place(digest)
        with told(place):
            if not self._verified.holds(place, digest):
                write_whole(place, data)
        return digest

    def get(self, digest: str) -> bytes:
        place = self._found(digest)
        with told(place):
            data = place.read_bytes()
        if sha256(data).hexdigest() != digest:
            raise StoreError("blob-corrupt", path=str(place), digest=digest)
        return data

    def has(self, digest: str) -> bool:
        return bool(DIGEST.fullmatch(digest)) and self._place(digest).is_file()

    def path(self, digest: str) -> Path:
        place = self._found(digest)
        with told(place):
            if not self._verified.holds(place, digest):
                raise StoreError("blob-corrupt", path=str(place), digest=digest)
        return place

    def _found(self, digest: str) -> Path:
        if not self.has(digest):
            raise StoreError("blob-missing", digest=digest, folder=str(self.folder))
        return self._place(digest)

    def _place(self, digest: str) -> Path:
        return self.folder / "sha256" / digest[:2] / digest
