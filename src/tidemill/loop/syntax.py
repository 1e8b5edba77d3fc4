"""A module's text as what it does: a digest that comments and layout do not change, and the modules it may import."""

from __future__ import annotations

import ast
import hashlib
import json
import logging
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LOG = logging.getLogger(__name__)
DOTTED = re.compile(r"\.*[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\.?|\.+")
HOLE = re.compile(r"[%{]")
LAZY = frozenset({"importlib", "__import__", "runpy", "pkgutil"})
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """What counts of one module. `imports`: dotted names; leading dots are relative, `x.*` is every module in x."""

    digest: str
    imports: tuple[str, ...]


class SyntaxCache:
    """Reads modules, each once: what this process imported is what it runs, whatever becomes of the file.

    What was parsed is remembered in a file by the digest of its bytes, never by its time of change.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._known = remembered(file)
        self._read: dict[Path, Syntax] = {}
        self._is_new = False

    def of(self, path: Path) -> Syntax:
        """The module at that path; one that does not parse counts by its bytes."""
        if path not in self._read:
            self._read[path] = self._parsed(path)
        return self._read[path]

    def save(self) -> None:
        """Writes what was learnt, whole or not at all: what cannot be written is learnt again."""
        if self._file is None or not self._is_new:
            return
        plain = {key: [one.digest, list(one.imports)] for key, one in self._known.items()}
        draft = self._file.with_suffix(".new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(plain), encoding="utf-8")
            draft.replace(self._file)
        except OSError as error:
            LOG.warning("%s is not written: %s", self._file, error)
            return
        self._is_new = False

    def _parsed(self, path: Path) -> Syntax:
        data = path.read_bytes()
        key = hashlib.blake2b(data, digest_size=20, salt=VERSION).hexdigest()
        if key not in self._known:
            self._known[key] = syntax_of(data)
            self._is_new = True
        return self._known[key]


VERSION = bytes(sys.version_info[:2])
"""Trees differ from one Python to the next."""


def remembered(file: Path | None) -> dict[str, Syntax]:
    """What an earlier process learnt; nothing when its file is gone or broken."""
    if file is None or not file.is_file():
        return {}
    try:
        plain = json.loads(file.read_text(encoding="utf-8"))
        return {key: Syntax(digest=digest, imports=tuple(imports)) for key, (digest, imports) in plain.items()}
    except ValueError:
        return {}


def syntax_of(data: bytes) -> Syntax:
    """The digest of the module's tree without docstrings, positions and layout, and the names it may import."""
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError):
        return Syntax(digest=hashlib.sha256(data).hexdigest(), imports=())
    imports = tuple(dict.fromkeys(imported(tree)))
    for node in ast.walk(tree):
        if isinstance(node, Documented) and node.body and is_docstring(node.body[0]):
            del node.body[0]
        elif isinstance(node, ast.Constant):
            node.kind = None
    return Syntax(digest=hashlib.sha256(ast.dump(tree).encode()).hexdigest(), imports=imports)


def is_docstring(node: ast.stmt) -> bool:
    """Whether the statement is a text alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def imported(tree: ast.Module) -> Iterator[str]:
    """Every name that an import statement brings, wherever it stands.

    In a module that imports by text, every text that could name a module too: one that names none means nothing.
    """
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            names.add(start)
            yield start
            yield from (joined(start, alias.name) for alias in node.names)
        elif isinstance(node, ast.Name):
            names.add(node.id)
    if {name.partition(".")[0] for name in names} & LAZY:
        yield from texts(tree)


def joined(start: str, name: str) -> str:
    """`start.name`, where start may be only dots."""
    return start + name if start.endswith(".") else f"{start}.{name}"


def texts(tree: ast.Module) -> Iterator[str]:
    """Texts that could name a module; one that ends with a dot, or breaks off there, names all modules below it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = HOLE.split(node.value, maxsplit=1)[0]
            if DOTTED.fullmatch(text):
                yield text + "*" if text.endswith(".") else text
