"""`tidemill try`: one table, its time and its label in; what a model is worth and a system file out."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic_ns
from typing import TYPE_CHECKING

from tidemill.app.attempt import table, verdict, write
from tidemill.app.attempt.choice import Seen, chosen
from tidemill.app.attempt.figures import Figures, figured, stretches
from tidemill.app.attempt.fitting import recipe
from tidemill.app.attempt.look import Look
from tidemill.app.attempt.plan import planned
from tidemill.app.attempt.record import Attempt, Wanted
from tidemill.app.context import silent
from tidemill.app.find import find
from tidemill.app.init import written
from tidemill.app.wiring import make
from tidemill.errors import DataError, SettingsError
from tidemill.facts.data import Finding
from tidemill.measure.survey.leaks import Outcomes, judged, leak_findings
from tidemill.measure.survey.relations import decision_findings
from tidemill.measure.survey.survey import by_importance, survey
from tidemill.measure.survey.table import Table
from tidemill.spec.needs import request_columns

if TYPE_CHECKING:
    from tidemill.ports.compute import Compute
    from tidemill.ports.context import Progress
    from tidemill.spec.declaration import Declaration

MOST = 60_000
"""Rows above which only every second, third, ... one is used: a first look must not take an hour."""
SYSTEM = "system.py"
"""The file that is written."""


def attempt(wanted: Wanted, *, progress: Progress = silent) -> Attempt:
    """The whole first look; the system file is in `wanted.folder` at the end.

    SourceError as the reader says; DataError `column-missing`, `empty-source`, `not-an-order`, `label-...`,
    `too-few-to-try`, `too-few-of-a-kind`, `nothing-to-learn-from`; SettingsError `file-there` when there is a system
    file already. Progress: `read`, `look`, `trainings`.
    """
    started = monotonic_ns()
    if (wanted.folder / SYSTEM).exists():
        raise SettingsError("file-there", files=[SYSTEM], folder=str(wanted.folder))
    compute: Compute = make("compute.duckdb")
    look = looked(wanted, compute, progress)
    cooked = recipe(first(wanted, look), look.raw, compute, leaks=look.chosen.leaks, each=look.each, seed=wanted.seed)
    figures = figured(cooked, seed=wanted.seed, progress=progress)
    plan = planned(figures, look.each, seed=wanted.seed)
    rows = look.raw.rows.num_rows
    text = write.system_text(wanted, look.timing, look.target, look.chosen, rows=rows, plan=plan)
    (file,) = written({SYSTEM: text}, wanted.folder)
    said = tuple(verdict.said(look, figures, plan))
    took_s = (monotonic_ns() - started) / 1_000_000_000
    return summed(wanted, look, figures, said, file, took_s=took_s)


def looked(wanted: Wanted, compute: Compute, progress: Progress) -> Look:
    """Reads the table, understands time and label, surveys it, and chooses the honest columns."""
    progress("read", 0, None)
    raw = table.load(wanted.file, compute)
    timing = table.timing(raw, wanted.time)
    target = table.target(raw, wanted.label, wanted.positive)
    progress("look", 0, 2)
    columns = {name: raw.column(name) for name in raw.types}
    surveyed = survey(
        Table(
            name="rows", columns=columns, types=raw.types, zone=wanted.zone,
            time=timing.column if timing.kind == "time" else None,
        )
    )  # fmt: skip
    progress("look", 1, 2)
    outcomes = Outcomes(
        dataset="rows",
        label=wanted.label,
        columns={name: column for name, column in columns.items() if name != wanted.time},
        y=table.outcome_of(columns[wanted.label], target),
        asked_us=columns[wanted.time].values,
        made_of=(wanted.label,),
        are_moments=timing.kind == "time",
    )
    strengths = judged(outcomes)
    leaks = tuple(one for one in leak_findings(outcomes, strengths) if one.code != "finding.outcome-column")
    progress("look", 2, 2)
    picked = chosen(raw, timing, target, Seen(profiles=surveyed.columns, findings=(*leaks, *surveyed.findings)))
    if not picked.features:
        raise DataError("nothing-to-learn-from", label=wanted.label, columns=len(columns))
    return Look(
        raw=raw, timing=timing, target=target, chosen=picked, strengths=strengths,
        findings=by_importance([*decision_findings(outcomes, strengths, wanted.zone), *surveyed.findings]),
        each=-(-raw.rows.num_rows // MOST),
    )  # fmt: skip


def first(wanted: Wanted, look: Look) -> Declaration:
    """The declaration before anything was measured: what it says of views and recipe is what the last one will."""
    text = write.system_text(wanted, look.timing, look.target, look.chosen, rows=look.raw.rows.num_rows)
    with TemporaryDirectory() as folder:
        (Path(folder) / "attempt.py").write_text(text, encoding="utf-8")
        return find("attempt.py", Path(folder)).declaration


def summed(
    wanted: Wanted, look: Look, figures: Figures, said: tuple[Finding, ...], file: Path, *, took_s: float
) -> Attempt:
    """The record of it all."""
    declaration = find(file.name, file.parent).declaration
    model = declaration.models[0]
    asked = figures.cooked.asked_us
    return Attempt(
        name=declaration.name,
        wanted=wanted,
        rows=look.raw.rows.num_rows,
        columns=len(look.raw.types),
        each=look.each,
        first_us=int(asked[0]),
        last_us=int(asked[-1]),
        timing=look.timing,
        target=look.target,
        share=float(figures.cooked.y.mean()),
        chosen=look.chosen,
        findings=look.findings,
        strengths=look.strengths,
        said=tuple(sorted(said, key=lambda one: -one.importance)),
        metric=figures.judge.metric,
        honesty=figures.honesty,
        ways=figures.ways,
        best=figures.ways.index(figures.best),
        enough=figures.ways.index(figures.enough),
        again=figures.ways.index(figures.again),
        ages=figures.ages,
        stretches=tuple(stretches(figures, look.each)),
        block_rows=figures.block_rows * look.each,
        trainings=figures.trainings,
        model=model.name,
        system_file=file,
        request=json.dumps({"instances": [newest(look, request_columns(model))]}, ensure_ascii=False, default=str),
        took_s=took_s,
    )


def newest(look: Look, names: tuple[str, ...]) -> dict[str, object]:
    """The last row as a caller would send it."""
    row = look.raw.rows.slice(look.raw.rows.num_rows - 1, 1)
    return {name: row[name].to_pylist()[0] for name in names}
