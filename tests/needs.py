"""What a test may need beyond the lock: where it is, how it is had. Skipped loudly without, an error where required."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import postgres, redis

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""

REQUIRE = "TIDEMILL_REQUIRE"
"""Environment: names of things, comma-separated, without which the tests fail instead of being skipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something that a plain machine may lack; `find` gives where it is, or None."""

    name: str
    find: Callable[[], Path | None]
    how: str


def program(*names: str) -> Callable[[], Path | None]:
    """A finder of the first of these programs on PATH."""

    def find() -> Path | None:
        return next((Path(found) for name in names if (found := shutil.which(name))), None)

    return find


def data_folder() -> Path | None:
    """The folder of the real tables: TIDEMILL_DATA, else shared/data beside the checkout."""
    folder = Path(os.environ.get("TIDEMILL_DATA") or ROOT.parent / "shared" / "data")
    return folder if folder.is_dir() else None


def repository() -> Path | None:
    """The checkout, where git can say what belongs to it."""
    return ROOT if (ROOT / ".git").exists() and shutil.which("git") else None


THINGS = {
    thing.name: thing
    for thing in (
        Thing(
            name="browser",
            find=program("chromium", "chromium-browser", "google-chrome"),
            how="apt install chromium",
        ),
        Thing(name="pyright", find=program("node", "nodejs"), how="pyright runs on Node.js: apt install nodejs"),
        Thing(name="postgres", find=postgres.server, how="apt install postgresql"),
        Thing(name="redis", find=redis.server, how="apt install redis-server"),
        Thing(name="repository", find=repository, how="clone it with git, and have git"),
        Thing(name="data", find=data_folder, how="name the folder of the real tables in TIDEMILL_DATA"),
    )
}


def need(name: str) -> Path:
    """Where the thing is; without it the running test is skipped, or fails where TIDEMILL_REQUIRE names it."""
    thing = THINGS[name]
    found = thing.find()
    if found is not None:
        return found
    lack = f"needs {thing.name}, which is not here ({thing.how})"
    if name in os.environ.get(REQUIRE, "").replace(" ", "").split(","):
        pytest.fail(f"{lack}; {REQUIRE} says it must be", pytrace=False)
    pytest.skip(lack)
