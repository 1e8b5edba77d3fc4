"""Files named by the SHA-256 of their bytes, read once to see that they are still what they were."""

from __future__ import annotations

import os
from hashlib import file_digest
from pathlib import Path

Seen = tuple[int, int, int]


class Verified:
    """Remembers which files were whole; one whose inode, size and time of change stayed is not read again."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}

    def wrote(self, path: Path, digest: str) -> None:
        """This process has just written the file whole: to read it back from memory would show nothing new."""
        self._seen[digest] = _seen(path.stat())

    def holds(self, path: Path, digest: str) -> bool:
        """Whether the file is there and its bytes have that digest. OSError when it is there and cannot be read."""
        try:
            with path.open("rb") as file:
                seen = _seen(os.fstat(file.fileno()))
                if self._seen.get(digest) == seen:
                    return True
                whole = file_digest(file, "sha256").hexdigest() == digest
        except FileNotFoundError:
            return False
        if whole:
            self._seen[digest] = seen
        return whole


def _seen(status: os.stat_result) -> Seen:
    return status.st_ino, status.st_size, status.st_mtime_ns
