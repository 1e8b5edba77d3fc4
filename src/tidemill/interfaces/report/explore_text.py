"""A profile in the terminal and as markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.text import Text

from tidemill.facts.data import ColumnProfile, Finding, Profile, Relation
from tidemill.interfaces.report.column import line_of
from tidemill.interfaces.report.explore import headline, lead
from tidemill.interfaces.report.finding import WORTH, joined, rows_of, state_of
from tidemill.interfaces.report.relation import about, by_label, lines
from tidemill.interfaces.report.terminal import blocks, head, indented, said, table
from tidemill.spec.zones import zone_info
from tidemill.tell.words import sentence, way_out

SHOWN = 3
"""Rows named under a finding."""
FEW = 8
"""Notes that are shown in the terminal; the page has all."""
HEADS = ("column", "type", "missing", "different", "spread", "values")


def explore_terminal(profile: Profile, *, zone: str = "UTC", language: str = "en") -> RenderableType:
    """What stands out with ways out and rows, then a line per column."""
    name = f"{profile.dataset}@v{profile.number}" if profile.number else profile.dataset
    weighty = [one for one in profile.findings if one.importance >= WORTH]
    notes = [one for one in profile.findings if one.importance < WORTH]
    parts: list[RenderableType] = [head(f"{name}: {headline(profile.findings)}", lead(profile, zone_info(zone)))]
    parts += [part for finding in weighty for part in shown(finding, language)]
    kept = joined(notes)
    parts += [
        said(
            "none",
            sentence(one.code, one.fields, language=language),
            f"{len(alike)} more columns alike" if alike else "",
        )
        for one, alike in kept[:FEW]
    ]
    if len(kept) > FEW:
        parts.append(Text(f"  and {len(kept) - FEW} more notes", style="dim"))
    parts += [part for label, told in by_label(profile.relations).items() for part in related(label, told)]
    parts += [Text(), columns(profile.columns, zone_info(zone))]
    return Group(*parts)


def shown(finding: Finding, language: str) -> Iterator[RenderableType]:
    """A weighty finding with what to do and the first rows."""
    words = (
        sentence(finding.code, finding.fields, language=language),
        way_out(finding.code, finding.fields, language=language),
    )
    yield said(state_of(finding), *words)
    rows = [" ".join(filter(None, pair)) for pair in rows_of(finding)]
    if rows:
        yield indented([Text(row, style="dim", no_wrap=True, overflow="ellipsis") for row in rows[:SHOWN]])


def related(label: str, told: Sequence[Relation]) -> Iterator[RenderableType]:
    """The columns that go with the label most, each alone."""
    rows = [(one.column, one.strength, bar(one.share), one.ends) for one in lines(told, FEW)]
    if rows:
        yield Text()
        yield Text.assemble((label, "bold"), f": {about(told)}")
        yield table(("column", "alone", "", "lowest … highest"), rows, numbers=(1,))


def bar(share: float, width: int = 13) -> str:
    """A bar of block signs."""
    return "█" * round(share * width)


def columns(profiles: tuple[ColumnProfile, ...], zone: ZoneInfo) -> RenderableType:
    """A line per column with its spread."""
    rows = []
    for column in profiles:
        line = line_of(column, zone)
        spread = column.counts or tuple(n for _, n in column.top)
        rows.append((line.name, line.type, line.missing, line.distinct, blocks(spread, 13), line.values))
    return table(HEADS, rows, numbers=(2, 3))


def explore_markdown(profile: Profile, *, language: str = "en") -> str:
    """The findings as a list, for a pull request or a note."""
    lines = [f"### {profile.dataset}@v{profile.number}: {headline(profile.findings)}", "", lead(profile), ""]
    lines += [f"- {escaped(sentence(one.code, one.fields, language=language))}" for one in profile.findings]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text that markdown shows as it is."""
    return "".join(f"\\{sign}" if sign in "\\*_[]<>|#`" else sign for sign in text)
