"""What the tests of the house read: every Python file of the product, parsed once."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.needs import ROOT

PRODUCT = ROOT / "src" / "tidemill"
UNTRACKED = {"build", "dist", "_build", "__pycache__", "htmlcov", "node_modules"}
BINARY = {".png", ".jpg", ".ico", ".woff2", ".parquet", ".db", ".pyc", ".so"}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One Python file: its text and its tree; `name` is relative to the checkout's folder it was read from."""

    name: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The package or module under tidemill that the file belongs to: `facts`, `errors`, `__init__`."""
        return self.name.split("/")[0].removesuffix(".py")


@cache
def product() -> tuple[File, ...]:
    """The files of src/tidemill, named from there (`facts/run.py`)."""
    return tuple(python_files(PRODUCT))


def python_files(folder: Path) -> Iterator[File]:
    """Every Python file under the folder, in order of name."""
    for path in sorted(folder.rglob("*.py")):
        if not UNTRACKED & set(path.parts):
            text = path.read_text(encoding="utf-8")
            yield File(name=path.relative_to(folder).as_posix(), text=text, tree=ast.parse(text))


def texts() -> Iterator[tuple[str, str]]:
    """Every text file of the checkout that is ours to write: name and text."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if not hidden(name) and name not in UNTRACKED)
        for name in sorted(names):
            path = Path(folder, name)
            if not hidden(name) and path.suffix not in BINARY:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def hidden(name: str) -> bool:
    """Names that begin with a dot, less those of the project's own files."""
    return name.startswith(".") and name not in {".ci", ".github", ".gitignore"}


def imports(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Each module imported at run time (not `if TYPE_CHECKING:`), with whether it is imported inside a function."""
    yield from _imports(tree, inside=False)


def _imports(node: ast.AST, *, inside: bool) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.Import):
        yield from ((alias.name, inside) for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module, inside
    elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        for otherwise in node.orelse:
            yield from _imports(otherwise, inside=inside)
    else:
        within = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from _imports(child, inside=within)
