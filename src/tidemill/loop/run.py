"""One pass of the pipeline for one model: each stage once, in order, resumed where it was interrupted."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from threading import Event as Signal
from typing import Any, Literal

from tidemill.errors import BusyError, RunError, StoreError, TidemillError
from tidemill.facts.event import Event
from tidemill.facts.ids import run_id
from tidemill.facts.run import Run
from tidemill.facts.signal import Firing
from tidemill.loop import act
from tidemill.loop.descent import Descent
from tidemill.loop.hold import Hold, acquire
from tidemill.loop.intake import follow
from tidemill.loop.mill import Mill
from tidemill.loop.plan import not_active
from tidemill.loop.street import STREET, Street
from tidemill.loop.trigger import MANUAL, answered
from tidemill.ports.context import Context

LOG = logging.getLogger(__name__)
ENDED = frozenset({"passed", "refused", "failed"})
DEATHS = 3
"""So many processes may die of one run before it counts as failed."""
LINES = 200
WAIT = "wait"
LOOK_S = 0.2
"""How often one that waits for another's run looks whether it has ended, in seconds of the machine."""


def run_model(
    mill: Mill,
    model: str,
    ctx: Context,
    *,
    cause: str = MANUAL,
    busy: Literal["attach", "refuse"] = "attach",
    street: Street = STREET,
) -> Run:
    """The run as it ended: passed, refused by a gate, or failed with the error's code and fields.

    A run that died is marked interrupted as soon as its lease has expired; one that is not too old and whose
    declaration is the same is taken up again: stages that it finished are not repeated. While another process runs the
    model, `attach` waits for it and gives its result, if it ran the same declaration; `refuse` raises BusyError
    `run-going`. StoreError `lease-lost` when this process was taken for dead and another goes on. A version that passed
    is handed to `act`: it begins its way into traffic. Firings that wait for a run are answered by this one.
    """
    name, declaration = lease_name(mill.system.name, model), mill.code.of(mill.system)
    while (hold := acquire(ctx.ledger, name, mill.pace)) is None:
        if busy == "refuse":
            going = running(mill.system.name, model, ctx)
            raise BusyError("run-going", model=model, run=going[-1].id if going else "")
        other = attached(mill.system.name, model, ctx)
        if other is not None and other.declaration == declaration:
            return settled(mill, other, ctx, street)
    with hold:
        run = begun(mill, model, cause, declaration, hold, ctx)
        ended = gone_down(mill, run, hold, ctx, street)
    mill.code.save()
    return settled(mill, ended, ctx, street)


def settled(mill: Mill, ended: Run, ctx: Context, street: Street) -> Run:
    """The run, once its version, if it passed, is as far on its way into traffic as its numbers allow."""
    if ended.state == "passed":
        follow(mill.system, ctx, street)
        try:
            act.settle(mill, ended.model, ctx, street)
        except BusyError as error:
            if error.code != "busy.online-not-there":
                raise
            LOG.info("%s goes on its way with the loop: %s", ended.version, error)
    return ended


def lease_name(system: str, model: str) -> str:
    """The lease of a model's runs: one at a time."""
    return f"run/{system}/{model}"


def running(system: str, model: str, ctx: Context) -> tuple[Run, ...]:
    """Runs that began and have not ended, oldest first; dead ones too."""
    return ctx.ledger.find(Run, system=system, model=model, state="running")


def attached(system: str, model: str, ctx: Context) -> Run | None:
    """The run of another process as it ended; None when its lease is free and it has not ended: it died.

    Progress is told as of a stage named WAIT.
    """
    before, ended = last_of(system, model, ctx), None
    ctx.progress(f"{WAIT}/{model}/begun", 0, 1)
    while ended is None and ctx.ledger.holder(lease_name(system, model)) is not None:
        Signal().wait(LOOK_S)
        ended = newly_ended(before, last_of(system, model, ctx))
    ctx.progress(f"{WAIT}/{model}/done", 1, 1)
    return newly_ended(before, last_of(system, model, ctx))


def newly_ended(before: Run | None, now: Run | None) -> Run | None:
    """The run as it is now, if it has ended since."""
    return now if now is not None and now != before and now.state in ENDED else None


def last_of(system: str, model: str, ctx: Context) -> Run | None:
    """The model's last run."""
    return next(iter(ctx.ledger.find(Run, newest=1, system=system, model=model)), None)


def begun(mill: Mill, model: str, cause: str, declaration: str, hold: Hold, ctx: Context) -> Run:
    """The run that goes on now, in the ledger: the last one if it was interrupted and is still wanted, or a new one."""
    interrupt(mill.system.name, model, hold, ctx)
    now_us = ctx.clock.now_us()
    last = last_of(mill.system.name, model, ctx)
    if (
        last is not None
        and last.state == "interrupted"
        and last.declaration == declaration
        and now_us - last.at_us <= mill.pace.resume_us
    ):
        run = replace(last, state="running", ended_us=None)
        ctx.ledger.commit(run, events=[told("event.run-resumed", run, now_us, cause=run.cause)], lease=hold.lease)
        return run
    run = Run(
        id=run_id(now_us, os.urandom(10)),
        system=mill.system.name,
        model=model,
        state="running",
        cause=cause,
        declaration=declaration,
        at_us=now_us,
    )
    notes = [
        told("run.not-active", run, now_us, word=word, given=given)
        for word, given in not_active(mill.system.model(model), mill.system)
    ]
    waiting = ctx.ledger.find(Firing, system=run.system, model=model, run="")
    events = [told("event.run-begun", run, now_us, cause=cause), *notes]
    ctx.ledger.commit(run, *answered(waiting, run.id), events=events, lease=hold.lease)
    return run


def interrupt(system: str, model: str, hold: Hold, ctx: Context) -> tuple[Run, ...]:
    """Marks runs that began and whose process is gone, as our holding the lease shows."""
    now_us = ctx.clock.now_us()
    dead = tuple(gone(run, now_us, ctx) for run in running(system, model, ctx))
    if dead:
        events = [told(f"event.run-{run.state}", run, now_us, **named(run)) for run in dead]
        ctx.ledger.commit(*dead, events=events, lease=hold.lease)
    return dead


def gone(run: Run, now_us: int, ctx: Context) -> Run:
    """A run whose process is gone: interrupted, or failed when it has died as often before."""
    lines = ctx.ledger.events(newest=LINES, subject=run.id)
    deaths = 1 + sum(event.code == "event.run-interrupted" for event in lines)
    if deaths < DEATHS:
        return replace(run, state="interrupted", ended_us=now_us)
    error = RunError("died-repeatedly", times=deaths)
    return replace(run, state="failed", error=plain_error(error, "", run.model), ended_us=now_us)


def named(run: Run) -> dict[str, str]:
    """What the line about a failed run says of its error."""
    return {name: str(run.error[name]) for name in ("code", "stage", "subject") if name in run.error}


def adopt(mill: Mill, ctx: Context) -> tuple[Run, ...]:
    """Marks the dead runs of every model as interrupted, and gives them."""
    found: list[Run] = []
    for model in mill.system.models:
        if running(mill.system.name, model.name, ctx):
            hold = acquire(ctx.ledger, lease_name(mill.system.name, model.name), mill.pace)
            if hold is not None:
                with hold:
                    found += interrupt(mill.system.name, model.name, hold, ctx)
    return tuple(found)


def stopped(mill: Mill, ctx: Context) -> tuple[Run, ...]:
    """Runs of the loop that were stopped with it and may be taken up again: no person's, who may have meant it."""
    since_us = ctx.clock.now_us() - mill.pace.resume_us
    last = (last_of(mill.system.name, model.name, ctx) for model in mill.system.models)
    return tuple(
        run for run in last if run and run.state == "interrupted" and run.cause != MANUAL and run.at_us >= since_us
    )


def gone_down(mill: Mill, run: Run, hold: Hold, ctx: Context, street: Street) -> Run:
    """The run as it ended, committed; whatever a stage raises ends in its error, and the champion is untouched."""
    descent = Descent(mill=mill, run=run, hold=hold, ctx=ctx, street=street)
    try:
        return descent.go()
    except KeyboardInterrupt:
        interrupt(run.system, run.model, hold, ctx)
        raise
    except Exception as error:
        if isinstance(error, StoreError) and error.code == "store.lease-lost":
            raise
        LOG.exception("run %s: %s of %s failed", run.id, descent.stage, descent.subject)
        raised = error if isinstance(error, TidemillError) else work_raised(error)
        failed = replace(
            run,
            state="failed",
            error=plain_error(raised, descent.stage, descent.subject),
            ended_us=ctx.clock.now_us(),
        )
        event = told("event.run-failed", run, ctx.clock.now_us(), **named(failed))
        ctx.ledger.commit(failed, events=[event], lease=hold.lease)
        return failed


def work_raised(error: Exception) -> RunError:
    """An error that is none of ours, in our words."""
    return RunError("work-raised", error=type(error).__name__, words=" ".join(str(error).split()))


def plain_error(error: TidemillError, stage: str, subject: str) -> dict[str, Any]:
    """Code and fields as a run keeps them."""
    fields = {
        name: value if isinstance(value, str | int | float | bool | tuple | list) or value is None else str(value)
        for name, value in error.fields.items()
    }
    return {**fields, "code": error.code, "stage": stage, "subject": subject}


def told(event: str, run: Run, now_us: int, **fields: str) -> Event:
    """A line of the diary about a run."""
    about = {"run": run.id, "model": run.model, **fields}
    return Event(at_us=now_us, system=run.system, code=event, subject=run.id, fields=about)
