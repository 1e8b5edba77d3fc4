"""A profile as one HTML page: what stands out, rows over time, every column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from tidemill.facts.data import ColumnProfile, Finding, Profile, Relation
from tidemill.interfaces.report.column import day, line_of, whole_of
from tidemill.interfaces.report.finding import FIRST, WORTH, findings_markup, state_of
from tidemill.interfaces.report.page import Markup, Section, Tally, Verdict, markup, page
from tidemill.interfaces.report.relation import relation_sections
from tidemill.spec.zones import zone_info
from tidemill.tell.draw import number
from tidemill.tell.draw.axis import Axis
from tidemill.tell.draw.bars import histogram
from tidemill.tell.draw.frame import Told
from tidemill.tell.words import sentence

LEAKS = ("finding.leak-suspect", "finding.leak-is-outcome")


def explore_html(profile: Profile, *, time: str = "", zone: str = "UTC", language: str = "en") -> str:
    """The page. `time`: the column that orders the rows; `zone`: whose days are shown."""
    place = zone_info(zone)
    sections = [
        Section(title="What stands out", note="most important first", body=stands_out(profile.findings, language)),
        *relation_sections(profile.relations),
        *over_time(profile.columns, time, place),
        Section(title="Columns", note=f"{len(profile.columns)}", body=table(profile.columns, place)),
        Section(title="Column by column", note="figures and pictures", body=details(profile, place)),
    ]
    name = f"{profile.dataset}@v{profile.number}" if profile.number else profile.dataset
    crumbs = (*filter(None, (profile.system,)), profile.dataset, *([f"v{profile.number}"] if profile.number else []))
    return page(
        f"{name}: {headline(profile.findings)}",
        verdict_of(profile.findings, language),
        sections,
        lead=lead(profile, place),
        crumbs=crumbs,
        tallies=tallies(profile),
        foot=(f"Days and hours of {zone}", f"manifest {profile.manifest[:12]}" if profile.manifest else ""),
        language=language,
    )


def headline(findings: Sequence[Finding]) -> str:
    """How many things there are to look at."""
    first = sum(one.importance >= FIRST for one in findings)
    worth = sum(WORTH <= one.importance < FIRST for one in findings)
    if first:
        return f"{first} {'thing' if first == 1 else 'things'} to look at first"
    return f"{worth} {'thing' if worth == 1 else 'things'} worth a look" if worth else "nothing stands out"


def verdict_of(findings: Sequence[Finding], language: str) -> Verdict:
    """The most important finding, and how many more there are."""
    if not findings or findings[0].importance < WORTH:
        return Verdict(state="ok", sentence="Nothing here asks for a person's eye before training.")
    more = sum(one.importance >= WORTH for one in findings) - 1
    why = f"{more} more {'is' if more == 1 else 'are'} worth a look; they stand below with their rows." if more else ""
    top = together(findings)
    return Verdict(state=state_of(top), sentence=sentence(top.code, top.fields, language=language), why=why)


def together(findings: Sequence[Finding]) -> Finding:
    """The first finding; several leaks of one label as one."""
    top = findings[0]
    alike = [one for one in findings if one.code in LEAKS and one.fields["label"] == top.fields.get("label")]
    if len(alike) < 2:
        return top
    columns = tuple(str(one.fields["column"]) for one in alike)
    fields = {"count": len(columns), "label": top.fields["label"], "columns": columns}
    return Finding(code="finding.several-leaks", subject=top.subject, importance=top.importance, fields=fields)


def lead(profile: Profile, zone: tzinfo = UTC) -> str:
    """What was looked at."""
    rows = f"{number.count(profile.rows)} rows as they landed, before any of them is cleaned or left out"
    if profile.first_us is None or profile.last_us is None:
        return f"{rows}."
    return f"{rows}, from {day(profile.first_us, zone)} to {day(profile.last_us, zone)}."


def tallies(profile: Profile) -> tuple[Tally, ...]:
    """Counts under the title."""
    return (
        Tally(value=number.count(profile.rows), text="rows"),
        Tally(value=number.count(len(profile.columns)), text="columns"),
        Tally(value=number.count(profile.put_aside), text="put aside"),
        Tally(value=number.count(profile.duplicates), text="repeated"),
    )


def stands_out(findings: Sequence[Finding], language: str) -> Markup:
    """The findings in their groups."""
    if not findings:
        return Markup('<p class="muted">Nothing was found.</p>')
    return findings_markup(findings, language)


def over_time(columns: Sequence[ColumnProfile], time: str, zone: tzinfo) -> list[Section]:
    """How rows are spread over time; nothing without a time column."""
    for column in columns:
        if column.name == time and len(column.edges) > 1:
            told = Told(title="Rows over time", description="The grey bars at the ends are all rows before and after.")
            x, y = Axis(name=time, kind="time", zone=zone), Axis(name="rows", kind="count")
            picture = histogram(told, column.edges, column.counts, x=x, y=y)
            note = "the middle 99 % of the time; grey bars: all rows before and after"
            return [Section(title="Rows over time", note=note, body=Markup(picture))]
    return []


def table(columns: Sequence[ColumnProfile], zone: tzinfo = UTC) -> Markup:
    """One line per column."""
    return markup("columns.html.j2", columns=[line_of(column, zone) for column in columns])


def details(profile: Profile, zone: tzinfo = UTC) -> Markup:
    """Each column whole, folded."""
    related = {name: [one for one in profile.relations if one.column == name] for name in names_of(profile.relations)}
    whole = [whole_of(column, zone, related.get(column.name, ())) for column in profile.columns]
    return markup("column_details.html.j2", columns=whole)


def names_of(relations: Sequence[Relation]) -> dict[str, None]:
    """The columns that are related to anything."""
    return dict.fromkeys(one.column for one in relations)
