"""A replay as one HTML page: what the loop would have won, its curves with every decision, figures, turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import chain

from tidemill.interfaces.report.column import day
from tidemill.interfaces.report.finding import Shown, marked
from tidemill.interfaces.report.page import Markup, Section, Tally, Verdict, markup, page
from tidemill.interfaces.report.replay_course import course
from tidemill.interfaces.report.replay_turns import turn_lines
from tidemill.interfaces.report.replay_verdict import (
    KEPT_OUT,
    LET_IN,
    Judged,
    answered_part,
    called,
    decisions,
    figure,
    gain_of,
    in_the_way,
    interval,
    judge,
    main_metric,
    verdict,
)
from tidemill.loop.replay.calendar import LEAST
from tidemill.loop.replay.record import CURVES, LOOP, ROLLING, Replayed
from tidemill.spec.zones import zone_info
from tidemill.tell.draw import number
from tidemill.tell.draw.icon import State, icon
from tidemill.tell.words import sentence, way_out

SAYS = {
    "static": "the first version, never trained again",
    "retrained": "every new version, whatever its gates say",
    "loop": "every new version that its gates let in",
    "rolling": "no model, only the mean of the last 1,000 known outcomes",
}
MANY = 30
"""Turns from which on their table is folded."""
PARTS = ("by-period", "pooled", "in-blocks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One curve in the table of figures."""

    name: str
    says: str
    by_period: str
    pooled: str
    in_blocks: str
    gain: str
    ci: str
    n: str


def replay_html(replayed: Sequence[Replayed], *, language: str = "en") -> str:
    """The page of one replay, or of several models of one system under each other."""
    first = replayed[0]
    alone = len(replayed) == 1
    name = first.model if alone else first.system
    return page(
        f"{name}, replayed{headline(first) if alone else ''}",
        with_code(verdict(first, language)) if alone else of_several(replayed, language),
        list(chain.from_iterable(sections(one, language, alone=alone) for one in replayed)),
        lead=lead(first),
        crumbs=(first.system, "replay", *([first.model] if alone else [])),
        tallies=tallies(first) if alone else (),
        foot=(f"Days and hours of {first.zone}", "Intervals are of 95 %", f"By {first.period}"),
        language=language,
    )


def headline(found: Replayed) -> str:
    """The two figures, where both are known of most asks; a hypothesis is called one."""
    one = gain_of(found, LOOP)
    mark = " (hypothetical)" if found.labels == "at-once" else ""
    if one is None or one.value is None or any(answered_part(found)):
        return mark
    return f"{mark}: {called(one.metric)} {figure(one.own)} with the loop, {figure(one.static)} without"


def with_code(said: Verdict) -> Verdict:
    """The verdict with options and commands in the face of code."""
    return replace(said, sentence=marked(said.sentence, ""), why=marked(said.why, ""))


def of_several(replayed: Sequence[Replayed], language: str) -> Verdict:
    """For how many models the loop would have won."""
    won = sum(judge(one).code == "replay.won" for one in replayed)
    fields = {"won": won, "models": len(replayed)}
    return Verdict(state="ok" if won else "none", sentence=sentence("replay.several", fields, language=language))


def lead(found: Replayed) -> str:
    """What was done."""
    zone = zone_info(found.zone)
    span = f"{day(found.since_us + 1, zone)} to {day(found.until_us, zone)}"
    return f"The same loop over past data, {span}, on a virtual clock."


def tallies(found: Replayed) -> tuple[Tally, ...]:
    """Counts under the title."""
    became, tried = decisions(found), len(found.turns)
    counts = {"let in": sum(became[name] for name in LET_IN)}
    counts |= {name: became[name] for name in KEPT_OUT}
    answers = max((score.n for score in found.totals), default=0)
    return (
        Tally(value=number.count(answers), text="asks with known outcome"),
        Tally(value=number.count(tried), text="version tried" if tried == 1 else "versions tried"),
        *(Tally(value=number.count(count), text=name) for name, count in counts.items() if count),
    )


def sections(found: Replayed, language: str, *, alone: bool) -> Iterator[Section]:
    """Curves first, then figures, turns, and what else to know."""
    whose, metric = "" if alone else f"{found.model}: ", main_metric(found)
    if found.labels == "at-once":
        body = notes([Judged(code="replay.hypothetical", state="warn", fields={})], language)
        yield Section(title=f"{whose}Hypothetical", body=body)
    if not alone:
        yield Section(title=f"{whose}In short", body=in_short(verdict(found, language)))
    metrics = [metric, *dict.fromkeys(one.metric for one in found.totals if one.metric != metric)] if metric else []
    if found.figures:
        key = sentence("replay.key", {"few": LEAST}, language=language)
        body = Markup(f'{course(found, metric)}<p class="why">{escape(key)}</p>')
        yield Section(title=f"{whose}{called(metric)} by {found.period}", note="and what was decided", body=body)
    if found.totals:
        yield Section(
            title=f"{whose}Figures", note="asked in this time, outcome known", body=figures(found, metrics, language)
        )
    yield Section(
        title=f"{whose}Turns", note="what set each off, what its gates said, what became of it",
        body=turns(found, language),
    )  # fmt: skip
    if found.figures:
        for other in metrics[1:]:
            body = Markup(course(found, other, decisions=False, height=150))
            yield Section(title=f"{whose}{called(other)} by {found.period}", body=body, wide=len(metrics) != 3)
    yield Section(title=f"{whose}To know", body=notes(to_know(found), language))


def to_know(found: Replayed) -> Iterator[Judged]:
    """What is not in the figures."""
    for moments in dict.fromkeys(found.truncated.values()):
        views = [view for view, cut in found.truncated.items() if cut == moments]
        yield Judged(code="replay.truncated", state="warn", fields={"views": views, "moments": moments})
    yield Judged(code="replay.serving-gates", state="none", fields={})
    yield Judged(code="replay.untouched", state="none", fields={})


def figures(found: Replayed, metrics: Sequence[str], language: str) -> Markup:
    """The first metric as a table, the others folded."""
    tables = [table(found, metric, language) for metric in metrics]
    more = "".join(tables[1:])
    folded = f"<details><summary>Other metrics</summary>{more}</details>" if more else ""
    return Markup(tables[0] + folded)


def table(found: Replayed, metric: str, language: str) -> Markup:
    """One metric of every curve: by period, over all rows, inside blocks, and how much better than static."""
    rows = [row(found, metric, curve) for curve in (*reversed(CURVES), ROLLING)]
    apart = len({one.n for one in rows}) > 1
    note = sentence("replay.different-rows", {}, language=language) if apart else ""
    return markup("replay_totals.html.j2", metric=called(metric), period=found.period, rows=rows, note=note)


def row(found: Replayed, metric: str, curve: str) -> Row:
    """One curve's figures."""
    by_period, pooled, in_blocks = (figure(found.total(curve, metric, part)) for part in PARTS)
    n = next((one.n for one in found.totals if (one.against, one.metric) == (curve, metric)), 0)
    one = next((one for one in found.gains if (one.curve, one.metric) == (curve, metric)), None)
    return Row(
        name="rate alone" if curve == ROLLING else curve, says=SAYS[curve], by_period=by_period, pooled=pooled,
        in_blocks=in_blocks, gain=number.NONE if one is None else figure(one.value),
        ci="" if one is None else interval(one.low, one.high), n=number.count(n),
    )  # fmt: skip


def turns(found: Replayed, language: str) -> Markup:
    """What stood in the way, then every turn."""
    told = [
        marked(sentence(one.code, one.fields, language=language), str(one.fields.get("check", "")))
        for one in in_the_way(found)
    ]
    lines = list(turn_lines(found.turns, zone_info(found.zone), language))
    return markup("replay_turns.html.j2", notes=told, turns=lines, folded=len(lines) > MANY)


def in_short(said: Verdict) -> Markup:
    """A verdict among others."""
    return said_list([(said.state, said.sentence, said.why)])


def notes(judged: Iterator[Judged] | Sequence[Judged], language: str) -> Markup:
    """Sentences with their signs."""
    return said_list(
        [
            (
                one.state,
                sentence(one.code, one.fields, language=language),
                way_out(one.code, one.fields, language=language),
            )
            for one in judged
        ]
    )


def said_list(said: Sequence[tuple[State, str, str]]) -> Markup:
    """State, sentence and what goes with it, one under the other."""
    shown = [
        Shown(state=state, icon=Markup(icon(state)), sentence=marked(text, ""), way_out=marked(more, ""), rows=())
        for state, text, more in said
    ]
    return markup("said.html.j2", findings=shown)
