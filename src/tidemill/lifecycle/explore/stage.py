"""Stage 2, explore: what a dataset version holds, what is odd about it, and which columns know the outcome."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tidemill.facts.data import Finding, Profile, Relation
from tidemill.lifecycle.explore.gate import held
from tidemill.lifecycle.explore.given import Given
from tidemill.lifecycle.explore.landed import table_of
from tidemill.lifecycle.explore.outcomes import outcomes, readers
from tidemill.lifecycle.explore.previous import differences
from tidemill.measure.contract.judge import findings
from tidemill.measure.survey.leaks import judged, leak_findings
from tidemill.measure.survey.relations import decision_findings, relations
from tidemill.measure.survey.survey import by_importance, survey
from tidemill.ports.context import Context

NAMES = ("finding.id-like", "finding.nearly-id", "finding.another-clock", "finding.time-as-number")
READ = 0.6
"""Importance of a name of rows that a model reads."""


def run(given: Given, ctx: Context) -> tuple[Profile, ...]:
    """The profile of landed and put-aside rows together, with findings, most important first.

    New rows are judged by the dataset's contract, if it has one; its report is in the profile, and stops nothing here.
    """
    version = given.version
    table = table_of(given, ctx.tables)
    ctx.progress("rows", table.rows, table.rows)
    seen = survey(table)
    known, related = told_of(given, ctx)
    report = held(given, ctx)
    broken = findings(version.dataset, report) if report else ()
    changed = differences(given, ctx)
    moments = table.columns[given.source.time].present()
    fact = Profile(
        system=given.system.name,
        dataset=version.dataset,
        number=version.number,
        manifest=version.manifest,
        rows=table.rows,
        put_aside=version.put_aside,
        duplicates=seen.repeated,
        first_us=int(moments.min()) if len(moments) else None,
        last_us=int(moments.max()) if len(moments) else None,
        columns=seen.columns,
        findings=by_importance([*version.findings, *broken, *known, *changed, *names_read(seen.findings, given)]),
        relations=related,
        contract=report,
        at_us=given.now_us,
    )
    return (fact,)


def names_read(findings: Iterable[Finding], given: Given) -> Iterator[Finding]:
    """The same findings; a name of rows or a clock that a model reads is worth a look, and says who reads it."""
    read = readers(given)
    for one in findings:
        models = read.get(str(one.fields.get("column", "")), ())
        if one.code in NAMES and models:
            yield replace(one, importance=READ, fields={**one.fields, "models": models})
        else:
            yield one


def told_of(given: Given, ctx: Context) -> tuple[list[Finding], tuple[Relation, ...]]:
    """What columns know of the outcomes of labels asked of the source, and how each goes with them."""
    findings: list[Finding] = []
    related: tuple[Relation, ...] = ()
    for asked in outcomes(given, ctx):
        strengths = judged(asked)
        findings += leak_findings(asked, strengths)
        findings += decision_findings(asked, strengths, given.system.zone)
        related += relations(asked, strengths)
    return findings, related
