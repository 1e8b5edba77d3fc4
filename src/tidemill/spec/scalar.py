"""`on_request` functions: their arguments, what they return, and a source text that stands on its own."""

from __future__ import annotations

import ast
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import getsource, signature
from types import ModuleType
from typing import get_args

from tidemill.spec.expression import Type
from tidemill.spec.view import OnRequest

RETURNS: dict[object, Type] = {
    bool: "boolean", int: "int", float: "float", str: "text",
    "bool": "boolean", "int": "int", "float": "float", "str": "text",
}  # fmt: skip
PLAIN = (bool, int, float, str, bytes, tuple, frozenset, type(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A function as text: its imports and constants, its own lines; `foreign`: names that cannot go along."""

    before: tuple[str, ...]
    function: str
    foreign: tuple[str, ...]

    @property
    def whole(self) -> str:
        """A module that defines the function and needs nothing but the standard library."""
        return "\n".join(("from __future__ import annotations", *self.before, "", self.function, ""))


def on_request_view(function: Callable[..., object]) -> OnRequest:
    """The view of a scalar function; `code` is empty where its source cannot be read."""
    text = text_of(function)
    return OnRequest(
        name=function.__name__,
        function=function,
        parameters=tuple(signature(function).parameters),
        returns=returned(signature(function).return_annotation),
        code=text.whole if text.function else "",
    )


def returned(annotation: object) -> Type:
    """The dialect's type of a return annotation, with or without `| None`; "unknown" for any other."""
    if isinstance(annotation, str):
        annotation = annotation.replace(" ", "").removesuffix("|None").removeprefix("None|")
    alternatives = [one for one in get_args(annotation) if one is not type(None)]
    return RETURNS.get(alternatives[0] if len(alternatives) == 1 else annotation, "unknown")


def text_of(function: Callable[..., object]) -> Text:
    """The function without its decorators, and one line for each global name that it reads; '' for what is no `def`."""
    tree = definition(function)
    if tree is None:
        return Text(before=(), function="", foreign=())
    tree.decorator_list = []
    known = getattr(function, "__globals__", {})
    read = dict.fromkeys(name for name in names_read(tree) if name in known)
    lines = {name: line_for(name, known[name]) for name in read}
    inside = [name for name in imported(tree) if name not in sys.stdlib_module_names]
    return Text(
        before=tuple(line for line in lines.values() if line),
        function=ast.unparse(tree),
        foreign=(*(name for name, line in lines.items() if not line), *inside),
    )


def definition(function: Callable[..., object]) -> ast.FunctionDef | None:
    """The `def` in the function's file; None for a lambda, a coroutine, or a function that stands in no file."""
    try:
        body = ast.parse(textwrap.dedent(getsource(function))).body
    except (OSError, SyntaxError):
        return None
    return body[0] if len(body) == 1 and isinstance(body[0], ast.FunctionDef) else None


def names_read(tree: ast.AST) -> Iterator[str]:
    """Every name that is read anywhere in the function, annotations included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id


def imported(tree: ast.AST) -> Iterator[str]:
    """Top-level packages that the function imports in its body."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def line_for(name: str, value: object) -> str:
    """The line that gives the name its value again: an import from the standard library, or a constant; else ''."""
    if isinstance(value, ModuleType):
        return f"import {value.__name__} as {name}" if standard(value.__name__) else ""
    if isinstance(value, PLAIN):
        return f"{name} = {value!r}"
    module, qualified = getattr(value, "__module__", "") or "", getattr(value, "__qualname__", "")
    if standard(module) and qualified.isidentifier() and getattr(sys.modules.get(module), qualified, None) is value:
        return f"from {module} import {qualified} as {name}"
    return ""


def standard(module: str) -> bool:
    """Whether a module is the standard library's."""
    return module.partition(".")[0] in sys.stdlib_module_names
