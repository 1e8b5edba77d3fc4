"""What follows from a declaration: per model what a caller sends, which windows are kept, what the model can see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from tidemill.spec.declaration import Declaration
from tidemill.spec.duration import duration_text
from tidemill.spec.expression import Type, columns_of
from tidemill.spec.label import Candidates
from tidemill.spec.model import Model
from tidemill.spec.needs import asked_keys, chosen_items, features_of, full_name, lookups, request_columns
from tidemill.spec.schema import Schemas, ask_types, feature_types, outcome_type, type_by_name
from tidemill.spec.source import Files, FilesQuery, Source, SqlQuery, SqlTable
from tidemill.spec.view import Request, Window

REFERENCE = re.compile(r"\$\{(\w+)\}")
EXACT: dict[str, str] = {"last": "newest row", "days_since_last": "newest row", "lag": "rows as they come"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One field of a request. `origin`: a request column, a key that views are looked up by, or the ask's own."""

    name: str
    type: Type
    origin: Literal["request", "key", "asked"]
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One window that is kept for a model: `activity.clicks_30d`, what it is, its length and step ("" = exact)."""

    name: str
    text: str
    length: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One feature that the model can see, under its full name."""

    name: str
    type: Type
    kind: Literal["numeric", "categorical", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDescription:
    """One model: its label's kind and delay, the request, the windows, the features."""

    name: str
    label: str
    asked: str
    kind: Literal["event", "number", "unknown"]
    known: str
    request: tuple[Sent, ...]
    windows: tuple[Kept, ...]
    features: tuple[Seen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """The system as it will be run. `references`: names of the environment that the declaration asks for."""

    name: str
    owner: str
    zone: str
    digest: str
    models: tuple[ModelDescription, ...]
    references: tuple[str, ...]


def describe(declaration: Declaration, schemas: Schemas, digest: Callable[[Declaration], str]) -> Description:
    """What `tidemill check` prints of a good declaration; types are "unknown" where schemas do not reach."""
    return Description(
        name=declaration.name,
        owner=declaration.owner,
        zone=declaration.zone,
        digest=digest(declaration),
        models=tuple(describe_model(model, declaration, schemas) for model in declaration.models),
        references=references(declaration),
    )


def describe_model(model: Model, declaration: Declaration, schemas: Schemas) -> ModelDescription:
    """One model of the declaration."""
    kinds: dict[Type, Literal["event", "number"]] = {"boolean": "event", "int": "number", "float": "number"}
    return ModelDescription(
        name=model.name,
        label=model.label.name,
        asked=model.label.asked.name,
        kind=kinds.get(outcome_type(model.label, schemas), "unknown"),
        known=known_text(model),
        request=request_of(model, declaration, schemas),
        windows=tuple(kept_windows(model, declaration)),
        features=tuple(seen_features(model, declaration, schemas)),
    )


def known_text(model: Model) -> str:
    """When an outcome is known: its expression, the longest window ahead, or at once."""
    label = model.label
    if label.known is not None:
        return label.known.text
    return f"asked_at + {duration_text(label.delay_us)}" if label.delay_us else "asked_at"


def request_of(model: Model, declaration: Declaration, schemas: Schemas) -> tuple[Sent, ...]:
    """Fields of `POST /predict/{model}`: request columns, keys of looked-up views, then the ask's own, optional."""
    asked = model.label.asked
    types = ask_types(asked, schemas)
    fields = {
        name: Sent(name=name, type=types.get(name, "unknown"), origin="request") for name in request_columns(model)
    }
    keys = [key for view in lookups(model, declaration) for key in asked_keys(view)]
    own = (*asked.entity, asked.item) if isinstance(asked, Candidates) else ()
    for name in (*own, *keys):
        given = types.get(name) or type_by_name(name, schemas)
        fields.setdefault(name, Sent(name=name, type=given, origin="key"))
    if isinstance(asked, Source):
        for name in (*asked.key, asked.time):
            sent = Sent(name=name, type=types.get(name, "unknown"), origin="asked", optional=True)
            fields.setdefault(name, sent)
    return tuple(fields.values())


def kept_windows(model: Model, declaration: Declaration) -> Iterator[Kept]:
    """Windows that the model's features read, of its own views and of those its request columns look into."""
    read = set(names_looked_up(model))
    own = {view.name for view in model.features}
    for view in lookups(model, declaration):
        for name, window in view.windows:
            if (view.name in own and name in view.chosen) or f"{view.name}.{name}" in read:
                yield Kept(
                    name=f"{view.name}.{name}",
                    text=window_text(window),
                    length=duration_text(window.length_us) if window.length_us else "",
                    step=duration_text(window.step_us) if window.step_us else "",
                )


def names_looked_up(model: Model) -> Iterator[str]:
    """`view.feature` names in the model's request columns."""
    for view in model.features:
        if isinstance(view, Request):
            for item in chosen_items(view):
                leaves = columns_of(item.expression.tree)
                yield from (f"{leaf.view}.{leaf.name}" for leaf in leaves if leaf.view)


def window_text(window: Window) -> str:
    """The window as words: `sum of price, 90d, where kind = 'purchase', step 1d`."""
    parts = [window.kind.replace("_", " ")]
    if window.expression is not None:
        parts[0] += f" of {window.expression.text}"
    if window.rows:
        parts.append(f"{window.rows} rows back")
    if window.length_us:
        parts.append(("within " if window.kind in EXACT else "") + duration_text(window.length_us))
    if window.where is not None:
        parts.append(f"where {window.where.text}")
    if window.kind not in EXACT:
        parts.append(f"step {duration_text(window.step_us)}" if window.step_us else "exact")
    if window.scale is not None:
        parts.append(f"{window.scale} decimal places")
    return ", ".join(parts)


def seen_features(model: Model, declaration: Declaration, schemas: Schemas) -> Iterator[Seen]:
    """The model's features in order, by their full names."""
    read = lookups(model, declaration)
    for view in model.features:
        types = feature_types(view, schemas, read)
        for name in features_of(view):
            given = types.get(name, "unknown")
            yield Seen(name=full_name(view, name), type=given, kind=feature_kind(given))


def feature_kind(given: Type) -> Literal["numeric", "categorical", "unknown"]:
    """Text is categorical, numbers and booleans are numeric."""
    if given == "text":
        return "categorical"
    return "unknown" if given == "unknown" else "numeric"


def references(declaration: Declaration) -> tuple[str, ...]:
    """Names inside `${...}` of addresses and paths, each once, sorted."""
    texts = [text for source in declaration.roots for text in addresses(source)]
    texts += [notify.url for notify in declaration.notifies] + [score.to for score in declaration.scores]
    return tuple(sorted({name for text in texts for name in REFERENCE.findall(text)}))


def addresses(source: Source) -> tuple[str, ...]:
    """Where a source's rows are."""
    match source.table:
        case SqlTable(url=url) | SqlQuery(url=url):
            return (url,)
        case Files(path=path):
            return (path,)
        case FilesQuery(tables=tables):
            return tuple(files.path for _, files in tables)
