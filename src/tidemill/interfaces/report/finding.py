"""A finding as a reader sees it: its group, its sentence and way out, its rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from tidemill.facts.data import Finding
from tidemill.interfaces.report.page import Markup, markup
from tidemill.tell.draw.icon import State, icon
from tidemill.tell.words import sentence, way_out

FIRST, WORTH = 0.85, 0.5
"""Importance from which on something is to be looked at first, and is worth a look."""
FOLDED = 6
"""Notes above which they are folded."""
ALIKE = 4
"""Notes of one kind from which on the first stands for all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One finding in markup; `rows`: value (may be empty) and name of each row that it names.

    `alike`: sentences of the same kind for which it stands.
    """

    state: State
    icon: Markup
    sentence: Markup
    way_out: Markup
    rows: tuple[tuple[str, str], ...]
    alike: tuple[Markup, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Findings of like importance."""

    title: str
    state: State
    findings: tuple[Shown, ...]
    folded: bool = False


def state_of(finding: Finding) -> State:
    """How it is marked."""
    return "bad" if finding.importance >= FIRST else "warn" if finding.importance >= WORTH else "none"


def groups(findings: Iterable[Finding], language: str = "en") -> tuple[Group, ...]:
    """Most important first; empty groups are left out."""
    shown = [as_shown(finding, language, alike) for finding, alike in joined(findings)]
    titles: tuple[tuple[str, State], ...] = (("Look first", "bad"), ("Worth a look", "warn"), ("Good to know", "none"))
    made = []
    for title, state in titles:
        mine = tuple(one for one in shown if one.state == state)
        if mine:
            folded = state == "none" and len(mine) > FOLDED
            made.append(Group(title=title, state=state, findings=mine, folded=folded))
    return tuple(made)


def joined(findings: Iterable[Finding]) -> list[tuple[Finding, tuple[Finding, ...]]]:
    """Each finding with those it stands for: of notes of one kind, if they are many, the first stands for all."""
    every = list(findings)
    kinds: dict[str, list[Finding]] = {}
    for one in every:
        if state_of(one) == "none" and "column" in one.fields:
            kinds.setdefault(one.code, []).append(one)
    many = {code: found for code, found in kinds.items() if len(found) >= ALIKE}
    behind = {id(one) for found in many.values() for one in found[1:]}
    first = {id(found[0]): tuple(found[1:]) for found in many.values()}
    return [(one, first.get(id(one), ())) for one in every if id(one) not in behind]


def as_shown(finding: Finding, language: str = "en", alike: Sequence[Finding] = ()) -> Shown:
    """The finding in markup, its column in the face of code."""
    column = str(finding.fields.get("column", ""))
    state = state_of(finding)
    return Shown(
        state=state,
        icon=Markup(icon(state)),
        sentence=marked(sentence(finding.code, finding.fields, language=language), column),
        way_out=marked(way_out(finding.code, finding.fields, language=language), ""),
        rows=tuple(rows_of(finding)),
        alike=tuple(
            marked(sentence(one.code, one.fields, language=language), str(one.fields["column"])) for one in alike
        ),
    )


def rows_of(finding: Finding) -> Iterator[tuple[str, str]]:
    """Values beside the names of their rows."""
    ids, values = finding.fields.get("ids", ()), finding.fields.get("values", ())
    names: Sequence[object] = ids if isinstance(ids, tuple) else (ids,)
    texts = values if isinstance(values, tuple) else (values,)
    for place, name in enumerate(names):
        yield (str(texts[place]) if place < len(texts) else "", str(name))


def marked(text: str, column: str) -> Markup:
    """Escaped text; the column's first mention and what stands between back-quotes as code."""
    shown = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    if column:
        name = escape(column)
        place = re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", shown)
        if place is not None:
            shown = f"{shown[: place.start()]}<code>{name}</code>{shown[place.end() :]}"
    return Markup(shown)


def findings_markup(findings: Iterable[Finding], language: str = "en") -> Markup:
    """All of them in their groups."""
    return markup("findings.html.j2", groups=groups(findings, language))
