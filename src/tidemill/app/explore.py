"""Explores what a person points at: a source of a system, or files that no system knows."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from tidemill.app.attempt.table import Raw, outcome_of, target, timing
from tidemill.app.context import open_context
from tidemill.app.find import Found
from tidemill.app.outside import Place, read
from tidemill.app.settings import Settings
from tidemill.app.wiring import clock, make
from tidemill.cores import each
from tidemill.facts.data import DatasetVersion, Finding, Profile, Relation
from tidemill.loop.look import look, look_at
from tidemill.measure.survey.leaks import Outcomes, judged, leak_findings
from tidemill.measure.survey.relations import decision_findings, relations
from tidemill.measure.survey.survey import by_importance, survey
from tidemill.measure.survey.table import Table
from tidemill.ports.context import Progress
from tidemill.spec.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Rows that no system knows, and what a person knows of them.

    `time`: what orders them ("": the first column of times); `label`: what is to be predicted ("": nothing), true for
    the value `positive` (None: what says yes, else the rarer of two); `zone`: in which times without one were written.
    """

    place: Place
    time: str = ""
    label: str = ""
    positive: str | None = None
    zone: str = "UTC"


def of_source(
    settings: Settings, found: Found, source: Source, version: DatasetVersion | None, progress: Progress
) -> Profile:
    """The profile of the source's rows as they are now, which land, or of a version. What extraction raises."""
    with ExitStack() as closing:
        ctx = open_context(settings, progress=progress)
        closing.callback(ctx.ledger.close)
        closing.callback(ctx.online.close)
        if version is not None:
            return look_at(found.declaration, source, version, ctx)
        return look(found.declaration, source, ctx)


def of_rows(wanted: Wanted, *, progress: Progress) -> tuple[Profile, str]:
    """The profile of rows that no system knows, and the column of time that orders them ("" for none).

    Nothing is kept. With a label: how each column goes with it, and which know too much. What `outside.read` raises;
    DataError of `timing` and `target` where the columns named cannot be what they are named for.
    """
    raw = read(wanted.place, make("compute.duckdb"), zone=wanted.zone, progress=progress)
    columns = dict(zip(raw.types, each(raw.column, raw.types, raw.rows.num_rows), strict=True))
    time = time_of(raw, wanted.time)
    now_us = clock("system").now_us()
    table = Table(name=raw.name, columns=columns, types=raw.types, time=time or None, zone=wanted.zone, now_us=now_us)
    seen = survey(table)
    progress("columns", len(columns), len(columns))
    known, related = of_label(wanted, raw, table)
    moments = columns[time].present() if time else None
    profile = Profile(
        system="",
        dataset=raw.name,
        number=0,
        manifest="",
        rows=raw.rows.num_rows,
        put_aside=0,
        duplicates=seen.repeated,
        first_us=int(moments.min()) if moments is not None and len(moments) else None,
        last_us=int(moments.max()) if moments is not None and len(moments) else None,
        columns=seen.columns,
        findings=by_importance([*known, *seen.findings]),
        relations=related,
        at_us=now_us,
    )
    return profile, time


def time_of(raw: Raw, named: str) -> str:
    """The column of time: the one that is named, else the first there is; "" for whole numbers, which only order."""
    if named:
        return named if timing(raw, named).kind == "time" else ""
    return next((name for name, kind in raw.types.items() if kind in {"timestamp", "date"}), "")


def of_label(wanted: Wanted, raw: Raw, table: Table) -> tuple[list[Finding], tuple[Relation, ...]]:
    """What columns know of the label, and how each goes with it; nothing where none is named.

    In the order of the time, of whole numbers named as such, else of the rows.
    """
    if not wanted.label:
        return [], ()
    aimed = target(raw, wanted.label, wanted.positive)
    order = wanted.time or table.time
    outcomes = Outcomes(
        dataset=raw.name,
        label=wanted.label,
        columns={name: column for name, column in table.columns.items() if name not in {wanted.label, order}},
        y=outcome_of(table.columns[wanted.label], aimed),
        asked_us=table.columns[order].values if order else table.by_time(),
        are_moments=table.time is not None,
    )
    strengths = judged(outcomes)
    found = [*leak_findings(outcomes, strengths), *decision_findings(outcomes, strengths, table.zone)]
    return found, relations(outcomes, strengths)
