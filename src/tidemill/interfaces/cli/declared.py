"""How a checked declaration looks: its mistakes, or what a caller sends, what is kept and what each model sees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from tidemill.app.check import Checked, Looked
from tidemill.interfaces.cli import screen
from tidemill.interfaces.cli.figure import counted
from tidemill.interfaces.cli.grid import Grid
from tidemill.spec.describe import Kept, ModelDescription, Seen
from tidemill.spec.examine import Mistake
from tidemill.spec.source import Files, FilesQuery, SqlTable, Table
from tidemill.tell.words import sentence, way_out

UNREAD = "declaration.schema-unread"
"""The note that `notes` words better: with the reason."""
RELOOK = "Columns could not be read here: names were not checked against them."
LONG_PATH = 36
UNSET = "What needs it stops there and says so."


def page(checked: Checked) -> Iterator[RenderableType]:
    """The whole answer, top to bottom."""
    yield heading(checked)
    yield from (told(mistake) for mistake in checked.examination.mistakes)
    yield screen.section("Sources", sources(checked.sources))
    if checked.description is not None:
        for model in checked.description.models:
            yield from model_page(model)
    yield from notes(checked)
    if checked.description is None:
        yield screen.next_commands([("tidemill check", "again, when the lines above are corrected")])
    else:
        yield screen.next_commands([("tidemill run", "one pass of the eight stages")])


def heading(checked: Checked) -> RenderableType:
    """Which system, whose, and the verdict."""
    declared, found = checked.found.declaration, checked.examination
    about = f"owner {declared.owner}, zone {declared.zone}"
    if checked.description is not None:
        about += f", digest {checked.description.digest[:12]}"
    count = len(found.mistakes)
    verdict = screen.mark("failed", counted(count, "mistake")) if count else screen.mark("passed", "no mistake")
    noted = counted(len(noted_of(checked)), "note")
    return Group(
        Text.assemble((declared.name, "name"), (f"  {checked.found.file.name}", "quiet")),
        Text(about, style="quiet"),
        Text(),
        Text.assemble(verdict, (f", {noted}", "quiet")),
    )


def told(mistake: Mistake) -> RenderableType:
    """Where, what, and the way out."""
    where = Text.assemble(("✗ ", "bad"), (mistake.place, "name"), "  " if mistake.place else "", mistake.path)
    said = (
        Text(sentence(mistake.code, mistake.fields), style="name"),
        Text(way_out(mistake.code, mistake.fields)),
        Text(mistake.code, style="quiet"),
    )
    return Group(Text(), where, *(screen.inside(text) for text in said if text.plain))


def sources(looked: Iterable[Looked]) -> RenderableType:
    """Each source, where its rows come from, and whether it was read."""
    table = Grid("source", ".rows", ".time", ".key", ">columns")
    for one in looked:
        source = one.source
        reached = Text(str(len(one.columns))) if one.columns else screen.mark("undecided", "not read")
        time = source.time if source.since is None else f"{source.time}, since {source.since}"
        table.add(source.name, rows_of(source.table), time, ", ".join(source.key) or "none", reached)
    return table


def rows_of(table: Table) -> str:
    """Where the rows come from, without credentials."""
    match table:
        case SqlTable(table=name, cursor=cursor):
            return f"table {name}" + (f", read on by {cursor}" if cursor else "")
        case Files(path=path):
            return f"files {short(path)}"
        case FilesQuery(tables=tables):
            return f"query over {', '.join(short(files.path) for _, files in tables)}"
    return "query" + (f", read on by {table.cursor}" if table.cursor else "")


def short(path: str) -> str:
    """A path whose beginning is left out where it is long: `…/sba/sba_loans.parquet`."""
    return path if len(path) <= LONG_PATH else "…/" + "/".join(path.split("/")[-2:])


def model_page(model: ModelDescription) -> Iterator[RenderableType]:
    """What is predicted, what a caller sends, which windows are kept, what the model sees."""
    kind = {"event": "an event", "number": "a number", "unknown": "of unknown kind"}[model.kind]
    facts = screen.pairs((("label", f"{model.label}, {kind}"), ("asked", model.asked), ("known", model.known)))
    yield screen.chapter(f"Model {model.name}")
    yield screen.inside(facts)
    yield screen.section(f"POST /predict/{model.name}", request(model))
    if model.windows:
        yield screen.section("Windows kept", windows(model.windows))
    yield screen.section(f"What {model.name} sees", features(model.features))


def request(model: ModelDescription) -> RenderableType:
    """The fields of one instance."""
    table = Grid("field", "type", ".from")
    why = {"request": "the asked row", "key": "key to look up by", "asked": "the ask's own"}
    for field in model.request:
        optional = " (optional)" if field.optional else ""
        table.add(field.name, kind_text(field.type), Text(why[field.origin] + optional, style="quiet"))
    return table


def kind_text(kind: str) -> Text:
    """A type; an unknown one stands back."""
    return Text(kind, style="quiet" if kind == "unknown" else "")


def windows(kept: Iterable[Kept]) -> RenderableType:
    """Every window with its step."""
    table = Grid("window", ".what is kept")
    for window in kept:
        table.add(window.name, window.text)
    return table


def features(seen: tuple[Seen, ...]) -> RenderableType:
    """Features by view: numbers beside categories."""
    views = dict.fromkeys(feature.name.rpartition(".")[0] for feature in seen)
    kinds = [kind for kind in ("numeric", "categorical", "unknown") if any(one.kind == kind for one in seen)]
    table = Grid("view", *(f".{kind}" for kind in kinds))
    for view in views:
        cells = []
        for kind in kinds:
            names = [
                one.name.rpartition(".")[2] for one in seen if one.kind == kind and one.name.rpartition(".")[0] == view
            ]
            cells.append(", ".join(names))
        table.add(view or Text("on request", style="quiet"), *cells)
    return table


def notes(checked: Checked) -> Iterator[RenderableType]:
    """What is worth knowing and stops nothing."""
    if found := noted_of(checked):
        table = Grid(".", ".", headless=True)
        for path, said, out in found:
            table.add(path, Text.assemble(said, (f" {out}", "quiet")))
        yield screen.chapter("Notes")
        yield table


def noted_of(checked: Checked) -> list[tuple[str, str, str]]:
    """Each note with what it is about and the way out; reasons why sources were not read come first."""
    others = (note for note in checked.examination.notes if note.code != UNREAD)
    found = [
        *unread(checked.sources),
        *((note.path, sentence(note.code, note.fields), way_out(note.code, note.fields)) for note in others),
    ]
    for name in checked.unset:
        if not any(f"${{{name}}}" in said for _, said, _ in found):
            found.append((f"${{{name}}}", f"The environment has no {name}.", UNSET))
    return found


def unread(looked: Iterable[Looked]) -> Iterator[tuple[str, str, str]]:
    """Sources that could not be read, those with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for one in looked:
        if one.trouble is not None:
            reasons.setdefault(sentence(one.trouble.code, one.trouble.fields), []).append(one.source.name)
    for reason, names in reasons.items():
        yield (
            f"source {', '.join(names)}",
            reason,
            "Columns could not be read here: names were not checked against them.",
        )
