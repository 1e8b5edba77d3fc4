"""Views: what their columns and windows read, and that what they give is a feature."""

from __future__ import annotations

from dataclasses import replace
from inspect import Parameter as Argument
from inspect import signature

from tidemill.spec.declaration import Declaration
from tidemill.spec.examine.finding import Findings
from tidemill.spec.examine.flaws import view_word
from tidemill.spec.examine.scope import (
    CONDITION,
    Scope,
    check_expression,
    check_name,
    request_scope,
    source_scope,
)
from tidemill.spec.expression import Type
from tidemill.spec.scalar import text_of
from tidemill.spec.schema import Schemas, feature_types
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup, OnRequest, Request, Window

FEATURE: tuple[Type, ...] = ("text", "int", "float", "boolean")
NUMBER: tuple[Type, ...] = ("int", "float", "boolean")
ADDED = frozenset({"sum", "mean", "std"})


def check_views(findings: Findings, declaration: Declaration, schemas: Schemas) -> None:
    """Every view of the system."""
    for view in declaration.views:
        path = f"{view_word(view)} {view.name}"
        if isinstance(view, OnRequest):
            check_function(findings, path, view)
            continue
        check_used_source(findings, f"{path} > source", view.source, declaration, schemas)
        if isinstance(view, Lookup):
            check_lookup(findings, path, view, declaration, schemas)
        else:
            check_request(findings, path, view, declaration, schemas)


def check_used_source(
    findings: Findings, path: str, source: Source, declaration: Declaration, schemas: Schemas
) -> None:
    """A source is this system's; an unnamed part of one is examined where it is used."""
    if source.dataset not in {root.name for root in declaration.roots}:
        findings.mistake(path, "foreign", kind="source", name=source.dataset)
        return
    if source.name not in {known.name for known in declaration.sources}:
        check_expression(findings, path, source.condition, source_scope(source, schemas), expected=CONDITION)
    if not 0 < source.share <= 1:
        findings.mistake(path, "share-outside", share=source.share)


def check_lookup(findings: Findings, path: str, view: Lookup, declaration: Declaration, schemas: Schemas) -> None:
    """A looked-up view: its entity, columns and windows."""
    scope = source_scope(view.source, schemas)
    for position, column in enumerate(view.entity):
        check_name(findings, f"{path} > entity[{position}]", column, scope)
    for position, item in enumerate(view.columns):
        check_expression(findings, f"{path} > columns[{position}]", item.expression, scope)
    aheads = [exact(window) for label in declaration.labels for _, window in label.ahead]
    for name, window in view.windows:
        within = f"{path} > windows.{name}"
        check_window(findings, within, window, scope)
        if window.of is not None:
            findings.mistake(within, "ahead-as-feature" if exact(window) in aheads else "of-outside-ahead", name=name)
    if not view.columns and not view.windows:
        findings.mistake(path, "features-none")
    check_types(findings, path, view, schemas)


def exact(window: Window) -> Window:
    """The window whatever its step: a label's are exact, a view's not."""
    return replace(window, step_us=0)


def check_window(findings: Findings, path: str, window: Window, scope: Scope) -> None:
    """What one window aggregates, over which rows."""
    expected = NUMBER if window.kind in ADDED else ()
    check_expression(findings, path, window.expression, scope, expected=expected)
    check_expression(findings, f"{path} > where", window.where, scope, expected=CONDITION)
    if window.length_us and window.step_us > window.length_us:
        findings.mistake(f"{path} > step", "step-too-long")


def check_request(findings: Findings, path: str, view: Request, declaration: Declaration, schemas: Schemas) -> None:
    """What the caller sends."""
    scope = request_scope(view, declaration, schemas)
    for position, item in enumerate(view.columns):
        check_expression(findings, f"{path} > columns[{position}]", item.expression, scope)
    if not view.columns:
        findings.mistake(path, "features-none")
    check_types(findings, path, view, schemas, [other for other in declaration.views if isinstance(other, Lookup)])


def check_types(
    findings: Findings, path: str, view: Lookup | Request, schemas: Schemas, looked_up: list[Lookup] | None = None
) -> None:
    """A feature is a number, a boolean or a text."""
    for name, given in feature_types(view, schemas, looked_up or ()).items():
        if given not in (*FEATURE, "unknown"):
            findings.mistake(f"{path} > {name}", "feature-type", feature=name, given=given)


def check_function(findings: Findings, path: str, view: OnRequest) -> None:
    """A scalar function: named arguments, a return type, and nothing that a serving process lacks."""
    text = text_of(view.function)
    if not text.function:
        findings.mistake(path, "function-unreadable", name=view.name)
        return
    plain = {Argument.POSITIONAL_OR_KEYWORD, Argument.KEYWORD_ONLY}
    for argument in signature(view.function).parameters.values():
        if argument.kind not in plain:
            findings.mistake(path, "argument-loose", argument=argument.name)
    if view.returns not in FEATURE:
        findings.mistake(path, "return-type", function=view.name)
    for name in text.foreign:
        findings.mistake(path, "not-standard-library", function=view.name, name=name)
