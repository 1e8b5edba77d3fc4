"""Which staged files somebody still works on: each process lists its own under a lock that ends with it."""

from __future__ import annotations

import fcntl
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from threading import Lock
from weakref import finalize

from tidemill.stores.disk import locked, told

LOCK = ".lock"


class Claims:
    """`<folder>/<pid>-<token>`: digests, one a line, held by flock(2) until they are settled or the process is gone.

    Claiming takes the folder's lock beside others, sweeping takes it alone: what was claimed before a sweep is seen by
    it, and what is claimed after one finds all files as the sweep left them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._claimed: dict[str, set[str]] = defaultdict(set)
        self._list: Path | None = None
        self._handle, self._pid = -1, 0
        self._lock = Lock()

    def claim(self, dataset: str, digests: Iterable[str]) -> None:
        """Nobody sweeps these files until the dataset's are settled."""
        with self._lock, told(self._folder), self.beside_others():
            handle = self._open()
            fresh = set(digests) - self._claimed[dataset]
            os.write(handle, "".join(f"{digest}\n" for digest in fresh).encode())
            self._claimed[dataset] |= fresh

    def settle(self, dataset: str) -> None:
        """The dataset's files are held by a version now, or nobody wants them."""
        with self._lock:
            self._claimed.pop(dataset, None)
            if not self._claimed and self._list is not None and self._pid == os.getpid():
                self._list.unlink(missing_ok=True)
                self._list = None
                self._close()

    @contextmanager
    def beside_others(self) -> Iterator[None]:
        """While nobody sweeps."""
        with locked(self._folder / LOCK, fcntl.LOCK_SH):
            yield

    @contextmanager
    def alone(self) -> Iterator[frozenset[str]]:
        """While nobody claims: the digests that living processes claimed. Lists of dead ones go."""
        with told(self._folder), locked(self._folder / LOCK, fcntl.LOCK_EX):
            living: set[str] = set().union(*self._claimed.values())
            for place in self._folder.iterdir():
                if place.name != LOCK and place != self._list:
                    living.update(_listed(place))
            yield frozenset(living)

    def _open(self) -> int:
        """This process's list; a forked child begins its own."""
        if self._list is None or self._pid != os.getpid():
            self._pid = os.getpid()
            self._claimed.clear()
            self._list = self._folder / f"{self._pid}-{token_hex(4)}"
            self._handle = os.open(self._list, os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_WRONLY, 0o644)
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            self._close = finalize(self, os.close, self._handle)
        return self._handle


def _listed(place: Path) -> list[str]:
    """What a living process listed; nothing when it has settled just now. The list of a dead one is removed."""
    try:
        listing = place.open(encoding="utf-8")
    except FileNotFoundError:
        return []
    with listing:
        try:
            fcntl.flock(listing, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return listing.read().split()
        place.unlink(missing_ok=True)
        return []
