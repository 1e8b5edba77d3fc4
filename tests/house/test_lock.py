"""The locks: what a plain user runs is what is tested, and everything declared is locked."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.needs import ROOT


def locked(name: str) -> dict[str, set[str]]:
    """Distribution -> its pinned versions with their markers."""
    pins: dict[str, set[str]] = {}
    for line in Path(ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines():
        if pin := re.match(r"([a-z0-9-]+)==(.+?) ?\\?$", line):
            pins.setdefault(pin[1], set()).add(pin[2])
    return pins


def test_demo_runs_what_the_tests_test() -> None:
    tested = locked("dev.txt")
    assert {name: pins for name, pins in locked("run.txt").items() if tested.get(name) != pins} == {}


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    assert {re.split(r"[>=<\[; ]", line)[0].lower() for line in lines} <= set(locked("run.txt"))
