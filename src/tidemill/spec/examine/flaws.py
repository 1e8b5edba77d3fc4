"""Mistakes made when a word was read: found by walking the records, each with its path as a person would write it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from tidemill.spec.check import Cron
from tidemill.spec.declaration import Declaration
from tidemill.spec.examine.finding import Findings
from tidemill.spec.expression import Expression, Named
from tidemill.spec.flaw import Flaw, flaw_of
from tidemill.spec.label import Candidates, Label
from tidemill.spec.model import Duration, Model, Parameter
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup, OnRequest, Request

WRITTEN = {
    "length_us": "window", "step_us": "step", "max_age_us": "max_age", "shadow_us": "shadow", "deadline_us": "deadline",
    "condition": "where", "reconcile_us": "reconcile",
}  # fmt: skip
"""How a field's value is called where it is written."""

THROUGH = (Named, Duration, Cron)
"""Records of one value: their only field adds nothing to a path."""

ELSEWHERE = (Source, Candidates, Label, Lookup, Request, OnRequest, Model)
"""Things declared by name: examined where they are declared, not where they are used."""


def check_flaws(findings: Findings, declaration: Declaration) -> None:
    """Adds every flaw of the declaration once, at the first path that leads to it."""
    seen: set[int] = set()
    for path, thing in things(declaration):
        for place, flaw in flaws(thing, path):
            if id(flaw) not in seen:
                seen.add(id(flaw))
                findings.flaw(place, flaw)


def things(declaration: Declaration) -> Iterator[tuple[str, object]]:
    """Each declared thing with the head of its path, in reading order."""
    for source in declaration.sources:
        yield f"source {source.name}", source
    for view in declaration.views:
        yield f"{view_word(view)} {view.name}", view
        if not isinstance(view, OnRequest):
            yield f"{view_word(view)} {view.name} > source", view.source.condition
    for candidates in declaration.candidates:
        yield f"candidates {candidates.name}", candidates
    for label in declaration.labels:
        yield f"label {label.name}", label
        if isinstance(label.asked, Source):
            yield f"label {label.name} > asked", label.asked.condition
        for name, window in label.ahead:
            yield f"label {label.name} > ahead.{name} > of", window.of.condition if window.of else None
    for model in declaration.models:
        yield f"model {model.name}", model
    for score in declaration.scores:
        yield f"score {score.model}", score
    for notify in declaration.notifies:
        yield f"notify {notify.url}", notify
    yield from placed(declaration.monitors, "monitor")
    yield from placed(declaration.triggers, "retrain")


def placed(pairs: tuple[tuple[str, object], ...], word: str) -> Iterator[tuple[str, object]]:
    """Checks and triggers with their position among those of their model: `monitor ranker[1]`."""
    counted: dict[str, int] = {}
    for model, thing in pairs:
        position = counted.get(model, 0)
        counted[model] = position + 1
        yield f"{word} {model}[{position}]", thing


def view_word(view: Lookup | Request | OnRequest) -> str:
    """The word that declares such a view."""
    return {Lookup: "features", Request: "request", OnRequest: "on_request"}[type(view)]


def flaws(value: object, path: str) -> Iterator[tuple[str, Flaw]]:
    """Every flaw inside the value with its path."""
    flaw = flaw_of(value)
    if flaw is not None:
        yield path, flaw
    elif isinstance(value, tuple):
        for position, item in enumerate(value):
            yield from flaws_of_item(item, position, path)
    elif is_dataclass(value) and not isinstance(value, type | Expression):
        for field in fields(value):
            inner = getattr(value, field.name)
            if not field.name.startswith("_") and not isinstance(inner, ELSEWHERE):
                yield from flaws(inner, path if isinstance(value, THROUGH) else f"{path} > {said(field.name)}")


def flaws_of_item(item: object, position: int, path: str) -> Iterator[tuple[str, Flaw]]:
    """A member of a tuple: `gates[0]`, or `windows.clicks` for a named one."""
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str):
        yield from flaws(item[1], f"{path}.{item[0]}")
    elif isinstance(item, Parameter):
        yield from flaws(item.tunable, f"{path}.{item.name}")
    elif not isinstance(item, ELSEWHERE):
        yield from flaws(item, f"{path}[{position}]")


def said(name: str) -> str:
    """The field as it is written."""
    return WRITTEN.get(name, name)
