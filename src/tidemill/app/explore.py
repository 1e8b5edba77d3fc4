"""Explores what a person points at: a source of a system, or files that no system knows."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from tidemill.app.attempt.table import load
from tidemill.app.context import open_context
from tidemill.app.find import Found
from tidemill.app.settings import Settings
from tidemill.app.wiring import clock, make
from tidemill.facts.data import DatasetVersion, Profile
from tidemill.loop.look import look, look_at
from tidemill.measure.survey.survey import survey
from tidemill.measure.survey.table import Table
from tidemill.ports.context import Progress
from tidemill.spec.source import Source


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


def of_files(path: Path, *, zone: str, progress: Progress) -> tuple[Profile, str]:
    """The profile of CSV or Parquet files, and the column of time that orders them ("" for none); nothing is kept.

    SourceError as the reader says; DataError `empty-source`.
    """
    progress("rows", 0, None)
    raw = load(path, make("compute.duckdb"))
    columns = {name: raw.column(name) for name in raw.types}
    time = next((name for name, kind in raw.types.items() if kind == "timestamp"), "")
    now_us = clock("system").now_us()
    name = path.stem or path.name
    seen = survey(Table(name=name, columns=columns, types=raw.types, time=time or None, zone=zone, now_us=now_us))
    moments = columns[time].present() if time else ()
    profile = Profile(
        system="",
        dataset=name,
        number=0,
        manifest="",
        rows=raw.rows.num_rows,
        put_aside=0,
        duplicates=seen.repeated,
        first_us=int(min(moments)) if len(moments) else None,
        last_us=int(max(moments)) if len(moments) else None,
        columns=seen.columns,
        findings=seen.findings,
        at_us=now_us,
    )
    return profile, time
