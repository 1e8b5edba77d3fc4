"""A folder for what a replay makes and throws away; one that a killed replay left is swept by who comes next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

PLACE, PREFIX = "tmp", "replay-"


@contextmanager
def scratch(home: Path) -> Iterator[Path]:
    """A new folder in the home, gone at the end of the block; two at once do not meet. It sweeps first."""
    with ExitStack() as stack:
        parent = home / PLACE
        parent.mkdir(parents=True, exist_ok=True)
        # A new one is held before another process can sweep it.
        with held(parent):
            take_away(parent)
            name = stack.enter_context(TemporaryDirectory(prefix=PREFIX, dir=parent, ignore_cleanup_errors=True))
            stack.enter_context(held(Path(name)))
        yield Path(name)


def sweep(home: Path) -> None:
    """Takes away what processes left that did not come to tidy up; what a living one works in stays."""
    parent = home / PLACE
    if parent.is_dir():
        with held(parent):
            take_away(parent)


def take_away(parent: Path) -> None:
    """The folders in there that nobody holds."""
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            with held(folder, LOCK_EX | LOCK_NB):
                rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # Its process lives, or has just taken it away itself, or it is another person's.


@contextmanager
def held(folder: Path, way: int = LOCK_EX) -> Iterator[None]:
    """The folder is this process's until the end of the block, or of the process, however it ends.

    It is waited for; with LOCK_NB it is not: BlockingIOError.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        flock(handle, way)
        yield
    finally:
        os.close(handle)
