"""The house stays small enough to live in: lines, parameters, methods are counted; no name says nothing."""

from __future__ import annotations

import ast
import io
import tokenize

import pytest

from tests.house.source import File, product, python_files
from tests.needs import ROOT

FILE_LINES = 300
FUNCTION_LINES = 40
POSITIONAL = 6
METHODS = 12
SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "core", "misc", "manager", "managers"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def code_lines(file: File) -> set[int]:
    """The lines that hold code: not blank, not comment, not docstring."""
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines = {
        line
        for token in tokenize.generate_tokens(io.StringIO(file.text).readline)
        if token.type not in silent
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def functions(file: File) -> list[Function]:
    return [node for node in ast.walk(file.tree) if isinstance(node, Function)]


def positional(function: Function) -> int:
    """Parameters that may be given by position, less self or cls."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def public_methods(node: ast.ClassDef) -> list[Function]:
    """What a user of the class may call; the tests of a suite are called by nobody."""
    return [part for part in node.body if isinstance(part, Function) and not part.name.startswith(("_", "test_"))]


def own_code() -> list[File]:
    return [*product(), *python_files(ROOT / "bench")]


def test_no_file_is_longer_than_300_lines_of_code() -> None:
    assert {file.name: n for file in own_code() if (n := len(code_lines(file))) > FILE_LINES} == {}


def test_no_function_is_longer_than_40_lines_of_code() -> None:
    long = {}
    for file in own_code():
        lines = code_lines(file)
        for function in functions(file):
            n = len(lines & set(range(function.lineno, (function.end_lineno or function.lineno) + 1)))
            if n > FUNCTION_LINES:
                long[f"{file.name}:{function.lineno} {function.name}"] = n
    assert long == {}


def test_no_function_takes_more_than_6_parameters_by_position() -> None:
    assert {
        f"{file.name}:{function.lineno} {function.name}": n
        for file in own_code()
        for function in functions(file)
        if (n := positional(function)) > POSITIONAL
    } == {}


def test_no_class_has_more_than_12_public_methods() -> None:
    assert {
        f"{file.name}:{node.lineno} {node.name}": n
        for file in own_code()
        for node in ast.walk(file.tree)
        if isinstance(node, ast.ClassDef)
        if (n := len(public_methods(node))) > METHODS
    } == {}


@pytest.mark.parametrize("folder", ["src", "tests", "bench"])
def test_no_file_has_a_name_that_says_nothing(folder: str) -> None:
    names = [path.relative_to(ROOT) for path in (ROOT / folder).rglob("*.py")]
    parts = {(name, word) for name in names for part in name.with_suffix("").parts for word in part.split("_")}
    assert [str(name) for name, word in parts if word in SAY_NOTHING] == []


def test_code_lines_leave_out_docstrings_comments_and_blanks() -> None:
    text = (
        '"""Docs\nof two lines."""\n\n# why\nx = (\n    1,\n)\n\n\ndef f() -> str:\n    """Docs."""\n    return "a"\n'
    )
    assert code_lines(File(name="x.py", text=text, tree=ast.parse(text))) == {5, 6, 7, 10, 12}
