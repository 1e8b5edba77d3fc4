"""How the feature catalog looks: views, how fresh they are online, each feature; one of them with both its ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from tidemill.app.features import Catalog, Entry, Feature, Held, Origin, Page, Reader, ViewState
from tidemill.interfaces.cli import gates, screen
from tidemill.interfaces.cli.declared import rows_of
from tidemill.interfaces.cli.figure import NONE, counted, number, size, span, when
from tidemill.interfaces.cli.grid import Grid
from tidemill.spec.declaration import Declaration

KINDS = {"looked-up": "looked up", "request": "request", "function": "function"}


def catalog_page(found: Catalog, system: Declaration, zone: str) -> Iterator[RenderableType]:
    """The views, what the online store has of them, their features, and what is odd."""
    features = sum(len(one.entry.features) for one in found.views)
    said = f"  owner {system.owner}, {counted(len(found.views), 'view')}, {counted(features, 'feature')}"
    yield Text.assemble((found.system, "name"), (said, "quiet"))
    if not found.views:
        yield Text.assemble("It declares no view.  ", ("tidemill check", "command"))
        return
    yield screen.section("Views", views(found.views))
    looked = [one for one in found.views if one.entry.kind == "looked-up"]
    if looked:
        yield screen.section("Online", online(looked, zone))
    for one in found.views:
        yield screen.section(one.entry.name, *about(one.entry), features_table(one.entry.features))
    if found.findings:
        yield screen.section("Found", gates.findings(found.findings))
    yield screen.next_commands(
        [
            (f"tidemill features {found.views[0].entry.name}", "one view: where its rows come from, who sees it"),
            ("tidemill features verify", "what was answered, computed anew from the data"),
        ]
    )


def views(found: Iterable[ViewState]) -> RenderableType:
    """One line a view."""
    rows = Grid("view", "kind", ".entity", ".rows of", ">features", ".seen by")
    for one in found:
        entry = one.entry
        models = dict.fromkeys(by.model for feature in entry.features for by in feature.consumers)
        rows.add(
            entry.name,
            KINDS[entry.kind],
            ", ".join(entry.keys),
            entry.source,
            number(len(entry.features)),
            Text(", ".join(models)) if models else nobody(),
        )
    return rows


def online(found: Sequence[ViewState], zone: str) -> RenderableType:
    """How far what answering looks up is behind the data and the clock."""
    if not any(one.held is not None and one.held.version for one in found):
        return Text.assemble(("nothing is held yet  ", "quiet"), ("tidemill run", "command"))
    rows = Grid("view", "holds", ">rows behind", ">behind the clock", ">?entities", ">?size", "?known until")
    for one in found:
        held = one.held
        if held is None or not held.version:
            rows.add(one.entry.name, screen.mark("waiting", "nothing yet"), "", "", "", "", "")
            continue
        rows.add(
            one.entry.name,
            held.version,
            number(held.rows_behind),
            ago(held),
            number(held.entities),
            size(held.bytes),
            when(held.known_until_us, zone),
        )
    return rows


def ago(held: Held) -> str:
    """How far it is behind the clock."""
    return NONE if held.behind_us is None else span(held.behind_us / 1_000)


def about(entry: Entry) -> Iterator[RenderableType]:
    """What a person wrote about the view, and until when its newest row counts."""
    if entry.description:
        yield Text(entry.description, style="quiet")
    if entry.max_age:
        yield Text(f"a newest row older than {entry.max_age} counts as none", style="quiet")


def features_table(found: Iterable[Feature]) -> RenderableType:
    """One line a feature."""
    rows = Grid("feature", "type", ".what it is", ".seen by")
    for one in found:
        kind = Text(one.type, style="quiet" if one.type == "unknown" else "")
        rows.add(one.name.rpartition(".")[2], kind, one.says, seen_by(one))
    return rows


def seen_by(feature: Feature) -> Text:
    """The models; of one that only sees what it makes of the feature, as what."""
    said = [by.model if by.itself else f"{by.model} as {', '.join(by.into)}" for by in feature.consumers]
    return Text("; ".join(said)) if said else nobody()


def nobody() -> Text:
    """Nothing uses it."""
    return Text("no model", style="quiet")


def feature_page(page: Page, zone: str) -> Iterator[RenderableType]:
    """One view or feature: what it is, back to its rows, and on to who sees it."""
    entry = page.view.entry
    whole = page.features == entry.features and entry.kind != "function"
    yield Text(entry.name if whole else page.features[0].name, style="name")
    yield screen.inside(screen.pairs((name, said) for name, said in facts(page, whole=whole, zone=zone) if said))
    if whole:
        yield screen.section("Features", features_table(page.features))
    yield screen.section("Seen by", readers(page.readers))
    if page.findings:
        yield screen.section("Found", gates.findings(page.findings))
    yield screen.next_commands(following(page))


def facts(page: Page, *, whole: bool, zone: str) -> Iterator[tuple[str, str]]:
    """What it is and where it comes from, as pairs; "" where there is nothing to say."""
    entry, origin, held = page.view.entry, page.view.origin, page.view.held
    if not whole:
        (feature,) = page.features
        yield "is", feature.says
        yield "type", feature.type
        yield "of view", "" if entry.kind == "function" else entry.name
    yield "kind", kind_text(entry)
    yield "owner", entry.owner
    yield "description", entry.description
    yield "max age", entry.max_age
    if origin is not None:
        yield from origin_facts(origin, zone)
    if entry.kind == "looked-up":
        yield "online", held_text(held, zone)
    if held is not None and held.version:
        yield "entities", f"{number(held.entities)}, {size(held.bytes)}"


def kind_text(entry: Entry) -> str:
    """How a model comes by it."""
    if entry.kind == "looked-up":
        renamed = "" if entry.keys == entry.entity else f" (rows by {', '.join(entry.entity)})"
        return f"looked up by {', '.join(entry.keys)}{renamed}"
    return {"request": "sent by the caller", "function": "made of the request"}[entry.kind]


def origin_facts(origin: Origin, zone: str) -> Iterator[tuple[str, str]]:
    """The source, which part of it, its times, and what has landed."""
    source, version = origin.source, origin.version
    yield "rows of", f"{source.dataset}: {rows_of(source.table)}"
    yield "only where", source.condition.text if source.condition is not None else ""
    yield "share", f"{source.share:.0%} of the keys" if source.share < 1 else ""
    known = f", known {source.known.text}" if source.known is not None else ""
    since = f", so since {source.since}" if source.since is not None else ""
    yield "time", f"{source.time}{known}{since}"
    if version is None:
        yield "landed", "nothing yet"
    else:
        yield (
            "landed",
            f"{version.name}, {counted(version.rows, 'row')}, known until {when(version.known_until_us, zone)}",
        )


def held_text(held: Held | None, zone: str) -> str:
    """How fresh it is where answering looks it up."""
    if held is None or not held.version:
        return "nothing yet"
    behind = f"{counted(held.rows_behind, 'row')} behind" if held.rows_behind else "all that has landed"
    until = f", known until {when(held.known_until_us, zone)} ({ago(held)} ago)" if held.behind_us is not None else ""
    return f"{held.version}, {behind}{until}"


def readers(found: Sequence[Reader]) -> RenderableType:
    """One line a model, with the version that answers and what it makes of the features."""
    if not found:
        return nobody()
    rows = Grid("model", "answers now", ".sees", "?.makes of it")
    for one in found:
        seen = ", ".join(name.rpartition(".")[2] for name in one.features)
        rows.add(
            one.model, one.champion or Text("no version", style="quiet"), seen or "not itself", ", ".join(one.into)
        )
    return rows


def following(page: Page) -> list[tuple[str, str]]:
    """Where to go on."""
    origin = page.view.origin
    source = [] if origin is None else [(f"tidemill explore {origin.source.dataset}", "what its rows are like")]
    return [*source, ("tidemill features verify", "what was answered, computed anew from the data")]
