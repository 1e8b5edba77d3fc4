"""The feature catalog: where the rows of each view come from, which models see it, how fresh it is online."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import cast

from tidemill.app import wiring
from tidemill.app.settings import Settings, resolved
from tidemill.errors import SettingsError
from tidemill.facts.data import DatasetVersion, Finding
from tidemill.facts.release import Release
from tidemill.features.online import space
from tidemill.ports.ledger import Ledger
from tidemill.ports.online import Online
from tidemill.ports.tables import Tables
from tidemill.spec.catalog import Entry, Feature, entries, twice, views_of
from tidemill.spec.declaration import Declaration
from tidemill.spec.expression import Type
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup, OnRequest

__all__ = [
    "Catalog",
    "Entry",
    "Feature",
    "Held",
    "Origin",
    "Page",
    "Reader",
    "ViewState",
    "catalog",
    "open_online",
    "page",
]

TWICE = 0.5
"""How much a definition that stands twice weighs: worth a look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the online store has of a looked-up view: `entities` with a record, and the `bytes` of these.

    `version`: the newest dataset version whose rows it holds ("" before the first). `rows_behind`: rows that have
    landed since (those put aside count). `known_until_us`: up to when the source is known there, `behind_us`: how
    long ago that was; None where that version is not kept any more.
    """

    space: str
    version: str
    rows_behind: int
    known_until_us: int | None
    behind_us: int | None
    entities: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a view's rows come from: its source, the part of it, and the newest version that has landed."""

    source: Source
    version: DatasetVersion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewState:
    """A view of the catalog. `held`: of a looked-up view where there is an online store."""

    entry: Entry
    origin: Origin | None
    held: Held | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Every view of a system at a moment, and findings about them: definitions that stand twice."""

    system: str
    at_us: int
    views: tuple[ViewState, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A model that sees the view or the feature. `champion`: the version that answers now ("": none does).

    `features` that it sees itself, and request columns that it makes of them (`into`), by full name.
    """

    model: str
    champion: str
    features: tuple[str, ...]
    into: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One view, or one feature of it, with who sees it and the findings about it."""

    at_us: int
    view: ViewState
    features: tuple[Feature, ...]
    readers: tuple[Reader, ...]
    findings: tuple[Finding, ...]


def open_online(settings: Settings) -> Online | None:
    """The online store, to be read only; None while the embedded one was never brought up."""
    if not settings.online and not (settings.home / "online").is_dir():
        return None
    online: Online = wiring.online(settings.home, resolved(settings.online), readonly=True)
    return online


def catalog(system: Declaration, tables: Tables, online: Online | None, *, now_us: int) -> Catalog:
    """The catalog now; types are those of the rows that have landed. StoreError."""
    newest = {source.dataset: tables.newest(source.dataset) for source in system.roots}
    schemas = {
        name: {column.name: cast("Type", column.type) for column in version.columns}
        for name, version in newest.items()
        if version is not None
    }
    views = views_of(system)
    states = []
    for view, one in zip(views, entries(system, schemas), strict=True):
        version = None if isinstance(view, OnRequest) else newest.get(view.source.dataset)
        origin = None if isinstance(view, OnRequest) else Origin(source=view.source, version=version)
        held = held_of(view, version, tables, online, now_us) if online and isinstance(view, Lookup) else None
        states.append(ViewState(entry=one, origin=origin, held=held))
    return Catalog(system=system.name, at_us=now_us, views=tuple(states), findings=tuple(findings(system)))


def held_of(view: Lookup, newest: DatasetVersion | None, tables: Tables, online: Online, now_us: int) -> Held:
    """What the online store has of the view as it is declared now, beside the dataset and the clock."""
    where = space(view)
    mark = json.loads(online.mark(where) or "{}")
    extent = online.extent(where)
    held = version_of(mark.get("version", ""), tables)
    landed = 0 if newest is None else newest.rows + newest.put_aside
    return Held(
        space=where,
        version=mark.get("version", ""),
        rows_behind=max(landed - mark.get("row", 0), 0),
        known_until_us=None if held is None else held.known_until_us,
        behind_us=None if held is None or held.known_until_us is None else max(now_us - held.known_until_us, 0),
        entities=extent.records,
        bytes=extent.bytes,
    )


def version_of(name: str, tables: Tables) -> DatasetVersion | None:
    """The version of that name, None for none or one that was removed."""
    dataset, _, number = name.rpartition("@v")
    kept = bool(dataset) and int(number) in tables.numbers(dataset)
    return tables.version(dataset, int(number)) if kept else None


def findings(system: Declaration) -> Iterator[Finding]:
    """One for each meaning that goes by several names."""
    for names in twice(system):
        yield Finding(
            code="finding.feature-twice",
            subject=names[0],
            importance=TWICE,
            fields={"feature": names[0], "others": names[1:]},
        )


def page(name: str, found: Catalog, system: Declaration, ledger: Ledger) -> Page:
    """The view of that name, or the feature by its full or its only short name. SettingsError `feature-unknown`."""
    view, features = named(name, found.views)
    names = {feature.name for feature in features}
    return Page(
        at_us=found.at_us,
        view=view,
        features=features,
        readers=tuple(readers(features, system, ledger)),
        findings=tuple(
            one for one in found.findings if names & {one.subject, *cast("tuple[str, ...]", one.fields["others"])}
        ),
    )


def named(name: str, views: Sequence[ViewState]) -> tuple[ViewState, tuple[Feature, ...]]:
    """The view and all its features, or the one feature that is meant."""
    for view in views:
        if view.entry.name == name:
            return view, view.entry.features
    every = [(view, feature) for view in views for feature in view.entry.features]
    meant = [(view, one) for view, one in every if name == one.name]
    meant = meant or [(view, one) for view, one in every if name == one.name.rpartition(".")[2]]
    if len(meant) == 1:
        return meant[0][0], (meant[0][1],)
    known = [view.entry.name for view in views]
    near = [one.name for _, one in meant] or get_close_matches(name, [*known, *(one.name for _, one in every)], n=1)
    raise SettingsError("feature-unknown", name=name, known=known, nearest=near[0] if near else "")


def readers(features: Sequence[Feature], system: Declaration, ledger: Ledger) -> Iterator[Reader]:
    """The models that see any of the features, in order of declaration."""
    for model in system.models:
        seen = [(one, by) for one in features for by in one.consumers if by.model == model.name]
        if seen:
            champion = ledger.find(Release, system=system.name, model=model.name, state="champion")
            yield Reader(
                model=model.name,
                champion=champion[-1].name if champion else "",
                features=tuple(one.name for one, by in seen if by.itself),
                into=tuple(dict.fromkeys(into for _, by in seen for into in by.into)),
            )
