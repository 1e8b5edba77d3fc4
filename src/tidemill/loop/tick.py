"""One turn of the loop: what came in, what it says, what follows, and who is told. Safe to take at any time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from tidemill.errors import BusyError, StoreError, TidemillError
from tidemill.facts.data import DatasetVersion
from tidemill.facts.run import Run
from tidemill.facts.signal import Firing, Notice, Reading
from tidemill.loop import act, canary, intake, rollback
from tidemill.loop.decision import Decision
from tidemill.loop.deliver import Post, deliver
from tidemill.loop.due import Triggers, advised
from tidemill.loop.hold import Hold, acquire
from tidemill.loop.mill import Mill
from tidemill.loop.run import ENDED, adopt, run_model, stopped
from tidemill.loop.schedule import latest
from tidemill.loop.street import STREET, Street
from tidemill.loop.trigger import MANUAL
from tidemill.loop.verify import said, verified
from tidemill.loop.warn import Warnings
from tidemill.loop.watch import Watch
from tidemill.ports.context import Context
from tidemill.spec.source import Source

LOG = logging.getLogger(__name__)

Start = Callable[[str, str], None]
"""Starts a run of a model for a cause, here and now or elsewhere; what becomes of it is in the ledger."""

HEARD = 20
"""So many of a model's last runs are looked through for those that ended since the last turn."""


@dataclass(slots=True, kw_only=True)
class Turn:
    """What happened in one turn. `is_busy`: another process turns the loop. `troubles`: what failed, by step.

    `runs`: those that ended since the turn before, a person's too.
    """

    is_busy: bool = False
    interrupted: tuple[Run, ...] = ()
    versions: list[DatasetVersion] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    fired: list[Firing] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    notices: tuple[Notice, ...] = ()
    troubles: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Wheel:
    """Turns the loop of one system. What it remembers between turns only saves work: a new wheel turns as well.

    `start`: how a run is started; None: here and now, so that a turn takes as long as its runs.
    """

    mill: Mill
    ctx: Context
    post: Post
    start: Start | None = None
    street: Street = STREET
    triggers: Triggers = field(init=False)
    polled_us: dict[str, int] = field(default_factory=dict, init=False)
    heard: dict[str, set[str]] = field(default_factory=dict, init=False)
    brought_up_us: int | None = field(default=None, init=False)
    views_wait: bool = field(default=False, init=False)
    proved_us: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.triggers = Triggers(mill=self.mill, ctx=self.ctx)

    def turn(self) -> Turn:
        """One turn, under the lease `loop/<system>`: while another process turns, this one does nothing.

        A step that fails is told, logged and taken again in the next turn; the others are taken. StoreError
        `lease-lost` when this process was taken for dead and another turns.
        """
        hold = acquire(self.ctx.ledger, f"loop/{self.mill.system.name}", self.mill.pace)
        if hold is None:
            return Turn(is_busy=True)
        with hold:
            return Turning(wheel=self, hold=hold).take()

    def take_in(self) -> tuple[DatasetVersion, ...]:
        """Between two turns: lands what was pushed, and brings views up that have to be. Versions that came of it.

        What fails is taken again soon; a turn that finds it so tells of it.
        """
        system, ctx, found = self.mill.system, self.ctx, list[DatasetVersion]()
        try:
            sources = [one for one in system.roots if one.name in self.polled_us and intake.was_pushed(one, ctx)]
            wanted = bool(sources) or self.views_wait
            hold = acquire(ctx.ledger, f"loop/{system.name}", self.mill.pace) if wanted else None
            if hold is not None:
                with hold:
                    landed = (intake.poll_pushed(system, source, ctx, self.street) for source in sources)
                    found += [version for version in landed if version is not None]
                    self.views_wait = True
                    intake.bring_views_up(system, ctx, self.street)
                    self.views_wait = False
        except TidemillError as error:
            LOG.warning("what was pushed to %s waits for the next turn: %s", system.name, error)
        return tuple(found)


@dataclass(slots=True, kw_only=True)
class Turning:
    """A turn under way."""

    wheel: Wheel
    hold: Hold
    turn: Turn = field(default_factory=Turn, init=False)
    missed: dict[str, Decision | None] = field(default_factory=dict, init=False)
    warnings: Warnings = field(init=False)

    def __post_init__(self) -> None:
        wheel = self.wheel
        self.warnings = Warnings(mill=wheel.mill, ctx=wheel.ctx, lease=self.hold.lease)

    def take(self) -> Turn:
        """All steps, in order."""
        system = self.wheel.mill.system
        for model in system.models:
            if model.name not in self.wheel.heard:
                self._ended(model.name)
        self._step("resume", self._resume)
        for source in system.roots:
            self._step(f"extract {source.name}", partial(self._extract, source))
        self._step("log", self._land)
        self._step("look-up", self._bring_up)
        for model in system.models:
            self._step(f"monitor {model.name}", partial(self._watch, model.name))
            self._step(f"release {model.name}", partial(self._move, model.name))
            self._step(f"trigger {model.name}", partial(self._fire, model.name))
            self.turn.runs += self._ended(model.name)
        self._step("prove", self._prove)
        self._step("notify", self._deliver)
        return self.turn

    def _step(self, name: str, step: Callable[[], None]) -> None:
        self.hold.demand()
        try:
            step()
        except Exception as error:
            if isinstance(error, StoreError) and error.code == "store.lease-lost":
                raise
            LOG.exception("loop of %s: step %s failed", self.wheel.mill.system.name, name)
            self.turn.troubles[name] = error.code if isinstance(error, TidemillError) else type(error).__name__
            self.warnings.step_failed(name, error)
        else:
            self.warnings.step_done(name)

    def _resume(self) -> None:
        wheel = self.wheel
        self.turn.interrupted = adopt(wheel.mill, wheel.ctx)
        died = [run for run in self.turn.interrupted if run.state == "interrupted"]
        causes = {run.model: run.cause for run in (*died, *stopped(wheel.mill, wheel.ctx))}
        for model, cause in causes.items():
            if cause == MANUAL or wheel.mill.automation == "act":
                self._run(model, cause)

    def _extract(self, source: Source) -> None:
        wheel, now_us = self.wheel, self.wheel.ctx.clock.now_us()
        last_us = wheel.polled_us.get(source.name)
        if last_us is None or now_us - last_us >= wheel.mill.pace.poll_us:
            self._came(intake.poll(wheel.mill.system, source, wheel.ctx, wheel.street))
            wheel.polled_us[source.name] = now_us
        elif intake.was_pushed(source, wheel.ctx):
            self._came(intake.poll_pushed(wheel.mill.system, source, wheel.ctx, wheel.street))

    def _came(self, new: DatasetVersion | None) -> None:
        if new is not None:
            self.turn.versions.append(new)
            self.warnings.of_rows(new)

    def _land(self) -> None:
        intake.land_log(self.wheel.mill.system, self.wheel.ctx, self.wheel.street)

    def _bring_up(self) -> None:
        wheel, now_us = self.wheel, self.wheel.ctx.clock.now_us()
        if self._is_behind(now_us):
            wheel.views_wait = True
            intake.bring_up(wheel.mill.system, wheel.ctx, wheel.street)
            wheel.brought_up_us, wheel.views_wait = now_us, False

    def _is_behind(self, now_us: int) -> bool:
        since, system = self.wheel.brought_up_us, self.wheel.mill.system
        if since is None or any(version.at_us >= since for version in intake.newest(system, self.wheel.ctx)):
            return True
        lists = {endpoint.candidates.every for endpoint in system.endpoints}
        return any((latest(every, system.zone, now_us) or 0) > since for every in lists)

    def _watch(self, model: str) -> None:
        wheel = self.wheel
        versions = intake.all_newest(wheel.mill.system, wheel.ctx)
        situation = act.situation_of(wheel.mill, model, wheel.ctx)
        watch = Watch(mill=wheel.mill, situation=situation, versions=versions, ctx=wheel.ctx, street=wheel.street)
        if found := watch.look():
            wheel.ctx.ledger.commit(*found, lease=self.hold.lease)
            self.turn.readings += found

    def _move(self, model: str) -> None:
        wheel = self.wheel
        missed = act.decide(wheel.mill, model, rollback.decide, wheel.ctx, street=wheel.street)
        moved = act.decide(wheel.mill, model, canary.decide, wheel.ctx, street=wheel.street)
        self.turn.decisions += [decision for decision in (missed, moved) if decision is not None]
        self.warnings.of_readings(model, missed)
        self.warnings.of_arms(model)
        self.missed[model] = missed

    def _fire(self, model: str) -> None:
        wheel, missed = self.wheel, self.missed.get(model)
        due = wheel.triggers.due(model, missed.retrain if missed else None)
        self.warnings.of_triggers(due, model)
        if due.hold is not None:
            self.turn.decisions.append(act.noted(due.hold, wheel.mill.system.name, wheel.ctx))
        if wheel.mill.automation == "advise":
            for firing in due.fired:
                act.advise(advised(firing), wheel.mill.system.name, wheel.ctx, self.hold.lease)
        else:
            wheel.triggers.keep(due, self.hold.lease)
            self.turn.fired += due.fired
            if due.start:
                self._run(model, due.start[-1].trigger)
        self.warnings.of_run(model)

    def _run(self, model: str, cause: str) -> None:
        wheel = self.wheel
        try:
            if wheel.start is not None:
                wheel.start(model, cause)
            else:
                run_model(wheel.mill, model, wheel.ctx, cause=cause, busy="refuse", street=wheel.street)
        except BusyError as error:
            LOG.info("run of %s not started: %s", model, error)

    def _ended(self, model: str) -> list[Run]:
        """Runs that ended since this was asked before, oldest first."""
        wheel = self.wheel
        last = wheel.ctx.ledger.find(Run, newest=HEARD, system=wheel.mill.system.name, model=model)
        ended = [run for run in reversed(last) if run.state in ENDED]
        known = wheel.heard.get(model, set())
        wheel.heard[model] = {run.id for run in ended}
        return [run for run in ended if run.id not in known]

    def _prove(self) -> None:
        """Once a day a sample of what was answered since the last time is computed anew."""
        wheel, now_us = self.wheel, self.wheel.ctx.clock.now_us()
        system, pace = wheel.mill.system, wheel.mill.pace
        if wheel.proved_us is None:
            last = wheel.ctx.ledger.events(newest=1, subject=f"features/{system.name}")
            wheel.proved_us = last[0].at_us if last else now_us
        if not pace.proofs or now_us - wheel.proved_us < pace.prove_us:
            return
        found = verified(system, wheel.ctx, sample=pace.proofs, since_us=wheel.proved_us)
        wheel.proved_us = now_us
        if found.sampled:
            wheel.ctx.ledger.commit(events=[said(found)], lease=self.hold.lease)
            self.warnings.of_proof(found)

    def _deliver(self) -> None:
        wheel = self.wheel
        self.turn.notices = deliver(wheel.mill.system.name, wheel.post, wheel.mill.pace, wheel.ctx)
