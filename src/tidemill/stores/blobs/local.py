"""Blobs as files of a folder, each named by the SHA-256 of its bytes."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path
from time import time

from tidemill.errors import StoreError
from tidemill.ports.tables import Waste
from tidemill.stores.disk import locked, told, write_whole
from tidemill.stores.verified import Verified

LOCK = ".lock"
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
        with told(place), locked(self.folder / LOCK, fcntl.LOCK_SH):
            if not self._verified.holds(place, digest):
                write_whole(place, data)
            else:
                os.utime(place)  # it was put just now: nobody takes it away
            self._verified.wrote(place, digest)
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

    def waste(self, digests: Collection[str], *, idle_s: float) -> Waste:
        found = self._idle(digests, idle_s)
        return Waste(files=len(found), bytes=sum(found.values()))

    def remove(self, digests: Collection[str], *, idle_s: float) -> Waste:
        with told(self.folder), locked(self.folder / LOCK, fcntl.LOCK_EX):
            found = self._idle(digests, idle_s)
            for place in found:
                place.unlink(missing_ok=True)
        return Waste(files=len(found), bytes=sum(found.values()))

    def _idle(self, digests: Collection[str], idle_s: float) -> dict[Path, int]:
        """Files of these blobs that were written or put again so long ago at least, with their bytes."""
        before = time() - idle_s
        states = [(place, place.stat()) for place in map(self._place, digests) if place.is_file()]
        return {place: state.st_size for place, state in states if state.st_mtime <= before}

    def _found(self, digest: str) -> Path:
        if not self.has(digest):
            raise StoreError("blob-missing", digest=digest, folder=str(self.folder))
        return self._place(digest)

    def _place(self, digest: str) -> Path:
        return self.folder / "sha256" / digest[:2] / digest
