"""What a model needs to be asked: its features, and the raw columns and keys that they are made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tidemill.spec.declaration import Declaration
from tidemill.spec.expression import Named, columns_of
from tidemill.spec.model import Model
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup, OnRequest, Request, View, Window


def features_of(view: View) -> tuple[str, ...]:
    """Short names of the features that a model gets from this view, in order."""
    if isinstance(view, OnRequest):
        return (view.name,)
    return tuple(name for name in view.chosen if not name.startswith("?"))


def full_name(view: View, feature: str) -> str:
    """`view.feature`; a function is its own feature and goes by its name."""
    return view.name if isinstance(view, OnRequest) else f"{view.name}.{feature}"


def chosen_items(view: Request) -> tuple[Named, ...]:
    """The select items that were not dropped."""
    return tuple(item for item in view.columns if item.name in view.chosen)


def raw_columns(view: Request) -> tuple[str, ...]:
    """Columns of the asked row that the view's chosen features read, each once."""
    leaves = (column for item in chosen_items(view) for column in columns_of(item.expression.tree))
    return tuple(dict.fromkeys(leaf.name for leaf in leaves if not leaf.view and leaf.name != "asked_at"))


def request_columns(model: Model) -> tuple[str, ...]:
    """Columns of the asked row that any of the model's request views reads, each once, in order."""
    views = (view for view in model.features if isinstance(view, Request))
    return tuple(dict.fromkeys(column for view in views for column in raw_columns(view)))


def lookups(model: Model, declaration: Declaration) -> tuple[Lookup, ...]:
    """Looked-up views of the model, and those that its request columns read (`past.rpm_1`), each once."""
    own = [view for view in model.features if isinstance(view, Lookup)]
    known = {view.name: view for view in declaration.views if isinstance(view, Lookup)} | {
        view.name: view for view in own
    }
    read = (known[name] for name in views_read(model) if name in known)
    return tuple({view.name: view for view in (*own, *read)}.values())


def views_read(model: Model) -> Iterator[str]:
    """Names of views that the model's request columns read."""
    for view in model.features:
        if isinstance(view, Request):
            for item in chosen_items(view):
                yield from (column.view for column in columns_of(item.expression.tree) if column.view)


def asked_keys(view: Lookup) -> tuple[str, ...]:
    """Columns of the ask by which the view is looked up: its entity, or what `.on` puts in its place."""
    bound = dict(view.bound)
    return tuple(bound.get(column, column) for column in view.entity)


def readers(declaration: Declaration, dataset: str) -> dict[str, str]:
    """Who reads each column of a dataset, of views, labels and parts of it the first: `features past`.

    The SQL of candidates is not looked into.
    """
    found: dict[str, str] = {}
    for who, source, names in reads(declaration):
        if source.dataset == dataset:
            found = dict.fromkeys(names, who) | found
    return found


def reads(declaration: Declaration) -> Iterator[tuple[str, Source, Iterable[str]]]:
    """Who reads which columns of which source."""
    for source in declaration.sources:
        yield f"source {source.name}", source, () if source.condition is None else source.condition.names
    for view in declaration.views:
        if isinstance(view, Lookup):
            yield f"features {view.name}", view.source, (*view.entity, *named(view.columns), *windowed(view.windows))
        elif isinstance(view, Request):
            yield f"request {view.name}", view.source, raw_columns(view)
    for label in declaration.labels:
        if isinstance(label.asked, Source):
            expressions = [one for one in (label.outcome, label.known, label.matures) if one is not None]
            yield f"label {label.name}", label.asked, (*label.by, *(name for one in expressions for name in one.names))
        for name, window in label.ahead:
            if window.of is not None:
                yield f"label {label.name}", window.of, windowed([(name, window)])


def named(items: Iterable[Named]) -> Iterator[str]:
    """Columns that select items read."""
    return (name for item in items for name in item.expression.names)


def windowed(windows: Iterable[tuple[str, Window]]) -> Iterator[str]:
    """Columns that windows read."""
    read = (one for _, window in windows for one in (window.expression, window.where) if one is not None)
    return (name for expression in read for name in expression.names)
