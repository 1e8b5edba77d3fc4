"""Executes one stage of a run: takes a finished one with the same key, or works and commits its facts at once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from time import monotonic_ns

from tidemill.errors import StoreError
from tidemill.facts.codec import canonical, digest
from tidemill.facts.event import Event
from tidemill.facts.fact import Fact
from tidemill.facts.kinds import reader
from tidemill.facts.run import Run, StageRun
from tidemill.loop.kept import lost
from tidemill.ports.context import Context
from tidemill.ports.ledger import Lease

LOG = logging.getLogger(__name__)
LOST = "input:lost"
"""The part of a key that names the work whose result was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One stage on one subject. `parts`: what its key is made of, by name. `function`: does it."""

    stage: str
    subject: str
    parts: Mapping[str, str]
    function: Callable[[Context], tuple[Fact, ...]]


def perform(work: Work, run: Run, lease: Lease, ctx: Context) -> tuple[Fact, ...]:
    """The facts of the stage, committed with its key and a line of the diary in one transaction under the lease.

    A stage that any run finished with the same key is not done again: its facts are read back and stand as newest; so
    are those of another run that finished the same work while this one did it. One whose files are lost meanwhile is
    done again, under a key of its own: the same work mostly gives the same bytes, and mends them.
    StoreError `lease-lost`, and nothing is written, when the run is no longer ours; what the stage raises.
    """
    key = digest({"system": run.system, "stage": work.stage, "subject": work.subject, "parts": work.parts})
    before = ctx.ledger.get(StageRun, key)
    if before is not None:
        facts: tuple[Fact, ...] = tuple(reader.read(text.encode()) for text in before.facts)
        if (why := lost(facts, ctx.blobs)) is not None:
            LOG.warning("%s of %s is done again: %s", work.stage, work.subject, why)
            return perform(replace(work, parts={**work.parts, LOST: key}), run, lease, ctx)
        ctx.ledger.commit(*facts, events=[said("event.stage-reused", work, run, ctx, 0)], lease=lease)
        progress(ctx, work, "reused")
        return facts
    progress(ctx, work, "begun")
    started = monotonic_ns()
    facts = work.function(heard(ctx, work))
    took_ms = (monotonic_ns() - started) // 1_000_000
    done = StageRun(
        key=key,
        run=run.id,
        system=run.system,
        stage=work.stage,
        subject=work.subject,
        parts=work.parts,
        facts=tuple(canonical(fact).decode() for fact in facts),
        took_ms=took_ms,
        at_us=ctx.clock.now_us(),
    )
    try:
        ctx.ledger.commit(*facts, done, events=[said("event.stage-done", work, run, ctx, took_ms)], lease=lease)
    except StoreError as error:
        if error.code != "store.fact-conflict" or ctx.ledger.get(StageRun, key) is None:
            raise
        return perform(work, run, lease, ctx)
    progress(ctx, work, "done")
    return facts


def heard(ctx: Context, work: Work) -> Context:
    """The ports, with a progress that says which stage speaks: `prepare/ranker/rows`."""

    def told(what: str, done: int, total: int | None) -> None:
        ctx.progress(f"{work.stage}/{work.subject}/{what}", done, total)

    return replace(ctx, progress=told)


def progress(ctx: Context, work: Work, what: str) -> None:
    """Says where the stage is: `begun` (0 of 1), `done` or `reused` (1 of 1)."""
    ctx.progress(f"{work.stage}/{work.subject}/{what}", int(what != "begun"), 1)


def said(code: str, work: Work, run: Run, ctx: Context, took_ms: int) -> Event:
    """The diary's line about a stage."""
    return Event(
        at_us=ctx.clock.now_us(),
        system=run.system,
        code=code,
        subject=run.id,
        fields={"stage": work.stage, "subject": work.subject, "model": run.model, "took_ms": took_ms},
    )
