"""What the tests of the house read: every Python file of the product, parsed once."""

from __future__ import annotations

import ast
import subprocess
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
        if not UNTRACKED & set(path.relative_to(folder).parts):
            text = path.read_text(encoding="utf-8")
            yield File(name=path.relative_to(folder).as_posix(), text=text, tree=ast.parse(text))


def texts() -> Iterator[tuple[str, str]]:
    """Every text file that the repository holds: name and text. What a command left in the checkout is none of them."""
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in BINARY:
            yield name, path.read_text(encoding="utf-8")


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
