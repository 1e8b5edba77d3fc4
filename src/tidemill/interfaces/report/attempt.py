"""The first look at a table as one page that a person would like to show a colleague."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from tidemill.app.attempt.record import Attempt
from tidemill.facts.data import Finding
from tidemill.interfaces.report.attempt_plots import aged, alone, honesty, over_time, rates
from tidemill.interfaces.report.attempt_words import NAMES, headline, next_steps, says, state_said, way_rows
from tidemill.interfaces.report.column import day
from tidemill.interfaces.report.finding import WORTH, Shown, findings_markup, marked
from tidemill.interfaces.report.page import Markup, Section, Tally, Verdict, markup, page
from tidemill.spec.zones import zone_info
from tidemill.tell.draw import number
from tidemill.tell.draw.icon import icon
from tidemill.tell.words import sentence, way_out


def try_html(attempt: Attempt, *, language: str = "en") -> str:
    """The page."""
    zone = zone_info(attempt.wanted.zone)
    return page(
        f"{attempt.wanted.file.name}: {headline(attempt)}",
        verdict(attempt.said[0], language),
        [section for section in sections(attempt, zone, language) if section.body],
        lead=lead(attempt, zone),
        crumbs=("try", attempt.wanted.file.name, attempt.target.column),
        tallies=tallies(attempt),
        foot=(
            f"{attempt.trainings} models trained in {attempt.took_s:.0f} s", "Intervals are of 95 %",
            f"Days and hours of {attempt.wanted.zone}", f"Seed {attempt.wanted.seed}",
        ),
        language=language,
    )  # fmt: skip


def verdict(top: Finding, language: str) -> Verdict:
    """The first thing to know."""
    why = way_out(top.code, top.fields, language=language)
    return Verdict(state=state_said(top), sentence=says(top, language), why=why)


def sections(attempt: Attempt, zone: tzinfo, language: str) -> Iterator[Section]:
    """In the order in which a colleague would ask."""
    metric = NAMES[attempt.metric]
    yield Section(title="In short", body=in_short(attempt.said[1:], language))
    yield Section(
        title="What a model is worth here", note=f"{metric} with its interval, on the same number of rows",
        body=Markup(honesty(attempt)),
    )  # fmt: skip
    yield Section(
        title="Which columns know the answer",
        note="each alone, inside stretches of time; beyond the line it leaks",
        body=columns(attempt, language),
    )
    note = "the newer half of the rows, each stretch by itself"
    yield Section(title="Quality over time", note=note, body=Markup(over_time(attempt, zone)))
    yield Section(title="Predicted beside actual", note=note, body=Markup(rates(attempt, zone)))
    yield Section(
        title="How a model ages",
        note="worse than one that was just trained, on the same rows",
        body=Markup(aged(attempt)),
    )
    yield Section(title="How often to train again", note="differences paired by stretch of time", body=ways(attempt))
    findings = [one for one in attempt.findings if one.importance >= WORTH]
    if findings:
        yield Section(title="What else is odd in this table", body=findings_markup(findings, language))
    yield Section(title="Go on from here", note=str(attempt.system_file), body=go_on(attempt))


def lead(attempt: Attempt, zone: tzinfo) -> str:
    """What was looked at."""
    target = attempt.target
    what = f"{target.column} is {target.positive}" if target.positive else target.column
    each = f", of which one in {attempt.each} was used" if attempt.each > 1 else ""
    rows = f"{number.count(attempt.rows)} rows{each}"
    if attempt.timing.kind == "order":
        return f"To predict: {what}. {rows}, in the order of {attempt.timing.column}."
    return f"To predict: {what}. {rows}, from {day(attempt.first_us, zone)} to {day(attempt.last_us, zone)}."


def tallies(attempt: Attempt) -> tuple[Tally, ...]:
    """Counts under the title."""
    mean = number.share(attempt.share) if attempt.target.kind == "event" else number.amount(attempt.share)
    return (
        Tally(value=number.count(attempt.rows), text="rows"),
        Tally(value=mean, text="of them yes" if attempt.target.kind == "event" else f"mean {attempt.target.column}"),
        Tally(value=number.count(len(attempt.chosen.features)), text="columns used"),
        Tally(value=number.count(len(attempt.chosen.leaks)), text="leaking"),
    )


def in_short(said: Sequence[Finding], language: str) -> Markup:
    """The other verdicts."""
    shown = tuple(
        Shown(
            state=state_said(one), icon=Markup(icon(state_said(one))), sentence=marked(says(one, language), ""),
            way_out=marked(way_out(one.code, one.fields, language=language), ""), rows=(),
        )
        for one in said
    )  # fmt: skip
    return markup("said.html.j2", findings=shown)


def columns(attempt: Attempt, language: str) -> Markup:
    """Each column's strength beside the bound, and why columns are left out."""
    left = [
        (str(one.fields.get("column", "")), marked(sentence(one.code, one.fields, language=language), ""))
        for one in attempt.chosen.left_out
    ]
    return markup("left_out.html.j2", picture=Markup(alone(attempt)), left=left)


def ways(attempt: Attempt) -> Markup:
    """Every way to retrain with its figures, the recommended one marked."""
    return markup(
        "ways.html.j2", rows=way_rows(attempt), metric=NAMES[attempt.metric], binary=attempt.metric == "roc_auc"
    )


def go_on(attempt: Attempt) -> Markup:
    """Commands and the system file."""
    text = attempt.system_file.read_text(encoding="utf-8") if attempt.system_file.is_file() else ""
    return markup("go_on.html.j2", steps=next_steps(attempt), text=text)
