"""Which room may import which library; what is used must be declared."""

from __future__ import annotations

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.house.source import File, imports, product
from tests.needs import ROOT

ANYWHERE = {
    "__init__": set[str](),
    "__main__": set[str](),
    "cores": set[str](),
    "errors": {"msgspec"},
    "facts": {"msgspec"},
    "ports": {"msgspec"},
    "spec": set[str](),
    "measure": {"numpy"},
    "features": {"numpy"},
    "tell": set[str](),
    "predict": {"numpy", "yaml"},
    "lifecycle": {"numpy", "pyarrow"},
    "loop": {"cronsim"},
    "app": {"msgspec"},
    "testing": {"msgspec", "numpy", "pyarrow", "pytest"},
}
"""What a room may import. Wings and doors, which are not named here, may import whatever is declared."""

WHERE_TABLES_MOVE = {"features/offline/": {"pyarrow"}, "loop/replay/": {"numpy", "pyarrow"}}
"""Folders of a room whose whole job is Arrow tables: tables move as Arrow, and nothing that answers imports them."""

INSIDE_A_FUNCTION = {"spec": {"sqlglot"}}
"""What a room may import only where it is used, because most who enter do not need it."""


def third_party(file: File) -> list[tuple[str, bool]]:
    """Imported top-level libraries that are neither Python's nor ours, with whether inside a function."""
    found = {(name.partition(".")[0], inside) for name, inside in imports(file.tree)}
    return sorted((name, inside) for name, inside in found if name not in sys.stdlib_module_names | {"tidemill"})


def allowed(file: File, *, inside: bool) -> set[str]:
    """What this file may import, at its top or inside a function."""
    here = {name for folder, names in WHERE_TABLES_MOVE.items() if folder in str(file.name) for name in names}
    return ANYWHERE[file.room] | here | (INSIDE_A_FUNCTION.get(file.room, set()) if inside else set())


def declared() -> set[str]:
    """Import names of the distributions that pyproject.toml promises to a user, extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    promised = {line.split(">")[0].split("[")[0].strip().lower() for line in lines}
    return {name for name, owners in packages_distributions().items() if promised & {owner.lower() for owner in owners}}


def test_each_room_imports_only_its_own_libraries() -> None:
    assert [
        f"{file.name} imports {name}"
        for file in product()
        if file.room in ANYWHERE
        for name, inside in third_party(file)
        if name not in allowed(file, inside=inside)
    ] == []


def test_what_is_imported_is_declared() -> None:
    promised = declared() | {"pytest"}
    assert [
        f"{file.name} imports {name}"
        for file in product()
        for name, inside in third_party(file)
        if name not in promised
    ] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import numpy as np", [("numpy", False)]),
        ("def f():\n    from sqlglot.expressions import Expression", [("sqlglot", True)]),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas", []),
        ("if True:\n    import pandas.core", [("pandas", False)]),
        ("import json\nfrom tidemill.facts import run", []),
    ],
)
def test_sees_what_a_file_imports(text: str, found: list[tuple[str, bool]]) -> None:
    assert third_party(File(name="spec/x.py", text=text, tree=ast.parse(text))) == found
