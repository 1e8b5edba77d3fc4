"""Habits that every file keeps: it says its job, swallows nothing, gives reasons, and knows no machine."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.source import File, product, python_files, texts
from tests.needs import ROOT

CATCHES_ALL = {
    "app/find.py",  # a team's system file: what it raises becomes a SettingsError with its place
    "loop/run.py",  # the stage runner
    "loop/tick.py",  # the worker tick
    "interfaces/http/",  # the request handler
    "engines/fitting.py",  # a team's training function: what it raises becomes a ModelError with its place
    "features/offline/frame.py",  # a team's function on the request: what it raises becomes a ModelError with its name
    "engines/forked.py",  # work in a child process: what it raises is raised again by the parent
    "engines/flavors/sklearn.py",  # bytes that are no pickle raise whatever they happen to spell
}
"""Where `except Exception` may stand: the edges that must survive whatever a team's code does."""

WAIVER = re.compile(
    r"#\s*(?:type:\s*ignore|noqa|pyright:\s*ignore)(?:\[[\w, -]+\]|:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?(.*)"
)
REASON = 10
"""Letters that a waiver's reason has at least."""

HOSTS = re.compile(r"\b(?:pypi|pythonhosted|npmjs|debian|conda|anaconda)\.(?:org|com|net|io)\b|--(?:extra-)?index-url")
MACHINES = re.compile(r"(?<![\w.*])/(?:work|root|home|Users|tmp)/\w")


def written() -> list[File]:
    return [file for folder in ("src", "tests", "bench", "docs", "examples") for file in python_files(ROOT / folder)]


def test_every_file_says_its_job_first() -> None:
    silent = [file.name for file in written() if not ast.get_docstring(file.tree)]
    assert silent == []


def handlers(file: File) -> list[ast.ExceptHandler]:
    """The handlers that catch anything and keep it: what ends in a bare raise has only cleaned up."""
    return [
        node
        for node in ast.walk(file.tree)
        if isinstance(node, ast.ExceptHandler)
        if node.type is None
        or ({"Exception", "BaseException"} & {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)})
        if not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
    ]


def test_nothing_is_caught_unseen() -> None:
    allowed = tuple(CATCHES_ALL)
    caught = [
        f"{file.name}:{h.lineno}" for file in product() if not file.name.startswith(allowed) for h in handlers(file)
    ]
    assert caught == []


@pytest.mark.parametrize(
    ("text", "catches"),
    [
        ("try:\n    f()\nexcept Exception:\n    pass", 1),
        ("try:\n    f()\nexcept:\n    pass", 1),
        ("try:\n    f()\nexcept (OSError, BaseException) as error:\n    g(error)", 1),
        ("try:\n    f()\nexcept BaseException:\n    undo()\n    raise", 0),
        ("try:\n    f()\nexcept OSError:\n    pass", 0),
    ],
)
def test_sees_what_catches_all(text: str, catches: int) -> None:
    assert len(handlers(File(name="x.py", text=text, tree=ast.parse(text)))) == catches


def test_every_waiver_gives_its_reason() -> None:
    assert [
        f"{file.name}:{number}"
        for file in written()
        if file.name != "house/test_files.py"
        for number, line in enumerate(file.text.splitlines(), 1)
        if (waiver := WAIVER.search(line)) and len(re.sub(r"\W", "", waiver[1])) < REASON
    ] == []


@pytest.mark.needs("repository")
def test_no_file_names_a_registry_or_a_machine() -> None:
    named = [
        f"{name}: {found[0]}"
        for name, text in texts()
        if not name.startswith("requirements/")
        for pattern in (HOSTS, MACHINES)
        if (found := pattern.search(text))
    ]
    assert named == []
    assert [name for name, text in texts() if name.startswith("requirements/") and "://" in text] == []
