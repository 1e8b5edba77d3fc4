"""A folder that goes with its owner."""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from weakref import finalize


def scratch(owner: object) -> Path:
    """A new empty folder, removed when `owner` is, at the latest when the process ends."""
    folder = mkdtemp(prefix="tidemill-")
    finalize(owner, rmtree, folder, ignore_errors=True)
    return Path(folder)
