"""The catalog of a system's views: what each feature is, from which rows, and which models see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import cleandoc
from typing import Literal

from tidemill.spec.declaration import Declaration
from tidemill.spec.describe import window_text
from tidemill.spec.duration import duration_text
from tidemill.spec.expression import Type, columns_of
from tidemill.spec.meaning import same
from tidemill.spec.model import Model
from tidemill.spec.needs import chosen_items, features_of, full_name
from tidemill.spec.schema import Schemas, feature_types
from tidemill.spec.view import Lookup, OnRequest, Request, View

Kind = Literal["looked-up", "request", "function"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """A model that sees a feature: the feature `itself`, or what it is made `into` by its request columns, or both."""

    model: str
    itself: bool
    into: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One feature under its full name. `says`: its expression, or its window in words with the step.

    `step`: of a window that moves in steps, "" where it is exact or there is none.
    """

    name: str
    type: Type
    says: str
    step: str
    consumers: tuple[Consumer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One view with all its features. `entity`: columns of the source; `keys`: columns of the ask that stand for them.

    `source`: the source or part of one that its rows are of ("" for a function). `owner`: its own, else the system's.
    `description`: what the team wrote; of a function the first line of its docstring.
    """

    name: str
    kind: Kind
    entity: tuple[str, ...]
    keys: tuple[str, ...]
    source: str
    max_age: str
    owner: str
    description: str
    features: tuple[Feature, ...]


def entries(declaration: Declaration, schemas: Schemas) -> tuple[Entry, ...]:
    """Every view; types as far as the schemas, by dataset, tell them."""
    return tuple(entry(view, declaration, schemas) for view in views_of(declaration))


def views_of(declaration: Declaration) -> tuple[View, ...]:
    """The declared views whole, then those that models look at under another name (`.on`)."""
    seen = (view for model in declaration.models for view in model.features)
    views: dict[str, View] = {view.name: view for view in declaration.views}
    for view in seen:
        views.setdefault(view.name, view)
    return tuple(views.values())


def twice(declaration: Declaration) -> tuple[tuple[str, ...], ...]:
    """Full names of features that are defined more than once, those of one meaning together."""
    return same(views_of(declaration))


def entry(view: View, declaration: Declaration, schemas: Schemas) -> Entry:
    """One view of the declaration."""
    others = [one for one in views_of(declaration) if isinstance(one, Lookup)]
    types = feature_types(view, schemas, others)
    kinds: dict[type, Kind] = {Lookup: "looked-up", Request: "request", OnRequest: "function"}
    bound = dict(view.bound) if isinstance(view, Lookup) else {}
    entity = view.entity if isinstance(view, Lookup) else ()
    max_age = view.max_age_us if isinstance(view, Lookup) else None
    return Entry(
        name=view.name,
        kind=kinds[type(view)],
        entity=entity,
        keys=tuple(bound.get(column, column) for column in entity),
        source="" if isinstance(view, OnRequest) else view.source.name,
        max_age="" if max_age is None else duration_text(max_age),
        owner=(not isinstance(view, OnRequest) and view.owner) or declaration.owner,
        description=description_of(view),
        features=tuple(
            Feature(
                name=full_name(view, name),
                type=types.get(name, "unknown"),
                says=says,
                step=step,
                consumers=tuple(consumers(full_name(view, name), declaration)),
            )
            for name, says, step in definitions(view)
        ),
    )


def definitions(view: View) -> Iterator[tuple[str, str, str]]:
    """Short name, what it is, and the step, of every feature of the view."""
    if isinstance(view, OnRequest):
        yield view.name, f"function of {', '.join(view.parameters)}", ""
        return
    yield from ((item.name, item.expression.text, "") for item in view.columns)
    for name, window in view.windows if isinstance(view, Lookup) else ():
        yield name, window_text(window), duration_text(window.step_us) if window.step_us else ""


def description_of(view: View) -> str:
    """What is said of the view, or the first line of a function's docstring; "" where nothing is."""
    if not isinstance(view, OnRequest):
        return view.description
    said = view.function.__doc__
    return cleandoc(said).partition("\n")[0] if said else ""


def consumers(feature: str, declaration: Declaration) -> Iterator[Consumer]:
    """The models that see the feature."""
    for model in declaration.models:
        own = any(full_name(view, name) == feature for view in model.features for name in features_of(view))
        into = tuple(readers(feature, model))
        if own or into:
            yield Consumer(model=model.name, itself=own, into=into)


def readers(feature: str, model: Model) -> Iterator[str]:
    """The model's request columns that are made from the looked-up feature, by full name."""
    for view in model.features:
        for item in chosen_items(view) if isinstance(view, Request) else ():
            if any(f"{leaf.view}.{leaf.name}" == feature for leaf in columns_of(item.expression.tree) if leaf.view):
                yield full_name(view, item.name)
