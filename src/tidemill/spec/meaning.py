"""What a feature means, whatever it is called and however it is written; which features of a system mean the same."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterator
from dataclasses import replace

from tidemill.spec.expression import Call, Expression, Node
from tidemill.spec.needs import full_name
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup, OnRequest, View, Window

Meaning = tuple[Hashable, ...]

ORDERLESS = frozenset({"+", "*", "and", "or", "=", "<>", "least", "greatest"})
"""Operators whose arguments may change places without changing a bit."""
GROUPED = frozenset({"and", "or"})
"""Operators that may be bracketed in any way; a sum of floats is none."""
MIRRORED = {">": "<", ">=": "<="}


def same(views: tuple[View, ...]) -> tuple[tuple[str, ...], ...]:
    """Full names of features that mean the same, those of one meaning together, each group in order of declaration."""
    found: dict[Meaning, list[str]] = {}
    for view in views:
        for name, meaning in meanings(view):
            found.setdefault(meaning, []).append(full_name(view, name))
    return tuple(tuple(names) for names in found.values() if len(names) > 1)


def meanings(view: View) -> Iterator[tuple[str, Meaning]]:
    """Short name and meaning of every feature of the view, chosen or not."""
    if isinstance(view, OnRequest):
        yield view.name, ("function", view.parameters, view.returns, *body_of(view))
        return
    if not isinstance(view, Lookup):
        yield from ((one.name, ("request", rows_of(view.source), normal(one.expression.tree))) for one in view.columns)
        return
    bound = dict(view.bound)
    entity = frozenset((column, bound.get(column, column)) for column in view.entity)
    about = ("looked up", rows_of(view.source), entity)
    for one in view.columns:
        # the newest row's column is the last value, except where an old state may be assumed to have been so earlier
        kind = "last" if view.source.since is None else "state"
        newest = Window(kind="last", expression=one.expression, length_us=view.max_age_us)
        yield one.name, (*about, kind, *window_meaning(newest, view.source))
    for name, window in view.windows:
        yield name, (*about, window.kind, *window_meaning(window, view.source))


def rows_of(source: Source) -> Source:
    """Which rows they are, whatever the source is called; its condition is part of what counts."""
    return replace(source, name="", dataset="", condition=None)


def window_meaning(window: Window, source: Source) -> Meaning:
    """What is aggregated over which rows: a condition of the window and one of its source are the same."""
    value = normal(window.expression.tree) if window.expression is not None else None
    return value, counted(source.condition, window.where), window.length_us, window.step_us, window.scale, window.rows


def counted(*conditions: Expression | None) -> Node | None:
    """All the conditions as one, None for none."""
    trees = tuple(condition.tree for condition in conditions if condition is not None)
    return normal(Call(name="and", args=trees)) if trees else None


def normal(node: Node) -> Node:
    """The one tree of all that say the same by the order of their arguments, their brackets or the way they compare."""
    if not isinstance(node, Call):
        return node
    name, args = node.name, [normal(argument) for argument in node.args]
    if name in MIRRORED:
        name, args = MIRRORED[name], args[::-1]
    if name in GROUPED:
        parts = [part.args if isinstance(part, Call) and part.name == name else (part,) for part in args]
        args = list(dict.fromkeys(part for some in parts for part in some))
        if len(args) == 1:
            return args[0]
    return Call(name=name, args=tuple(sorted(args, key=repr) if name in ORDERLESS else args))


def body_of(view: OnRequest) -> tuple[str, ...]:
    """The statements of the function and of what stands around it, without its name and docstring."""
    whole = ast.parse(view.code)
    for statement in whole.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == view.name:
            statement.name = ""
            statement.body = statement.body[ast.get_docstring(statement) is not None :]
    return tuple(ast.dump(statement) for statement in whole.body)
