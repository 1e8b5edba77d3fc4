"""One pass of the eight stages for one model, and everything that it left on record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

from tidemill.app.context import open_context, open_mill
from tidemill.app.find import Found
from tidemill.app.inspect import last, tested
from tidemill.app.scratch import sweep
from tidemill.app.settings import Settings
from tidemill.facts.data import Finding, Profile, TrainingSet
from tidemill.facts.event import Event
from tidemill.facts.model import Evaluation, ModelVersion, Validation
from tidemill.facts.release import Release
from tidemill.facts.run import Run
from tidemill.loop.horizon import datasets
from tidemill.loop.plan import Step, not_active, plan
from tidemill.loop.run import run_model
from tidemill.loop.trigger import MANUAL
from tidemill.ports.context import Progress
from tidemill.ports.ledger import Ledger
from tidemill.spec.declaration import Declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A run as it ended, with what it found, made and decided.

    `decided`: the diary about the version, oldest first. `not_active`: words of the model that no run acts on yet.
    """

    run: Run
    profiles: tuple[Profile, ...]
    training_set: TrainingSet | None
    version: ModelVersion | None
    evaluation: Evaluation | None
    validation: Validation | None
    release: Release | None
    decided: tuple[Event, ...]
    not_active: tuple[tuple[str, str], ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What exploration and the training set's card say, most important first."""
        card = self.training_set.card if self.training_set else ()
        found = [*card, *(finding for profile in self.profiles for finding in profile.findings)]
        return tuple(sorted(found, key=lambda finding: -finding.importance))


def steps(system: Declaration, model: str) -> tuple[Step, ...]:
    """The stages that a run of the model will go through, in order."""
    return plan(system.model(model), system)


def run(settings: Settings, found: Found, model: str, progress: Progress, cause: str = MANUAL) -> Ran:
    """Runs the model now; what it left. A person waits for a run that goes on elsewhere, any other cause is `busy`.

    A stage that fails ends the run and is told in `run.error`. SettingsError, StoreError, BusyError before it begins.
    """
    with ExitStack() as closing:
        ctx = open_context(settings, progress=progress)
        closing.callback(ctx.ledger.close)
        closing.callback(ctx.online.close)
        sweep(settings.home)
        busy: Literal["attach", "refuse"] = "attach" if cause == MANUAL else "refuse"
        ended = run_model(open_mill(settings, found), model, ctx, cause=cause, busy=busy)
        return left(ended, found.declaration, ctx.ledger)


def left(run: Run, system: Declaration, ledger: Ledger) -> Ran:
    """What the run has left on record; a refit was judged as the version that was tested."""
    declared, name = system.model(run.model), system.name
    version = version_of(run, ledger)
    bundle = "" if version is None else tested(ledger, version).bundle
    return Ran(
        run=run,
        profiles=tuple(explored(datasets(declared, system), name, ledger)),
        training_set=None if version is None else ledger.get(TrainingSet, name, run.model, version.training_set),
        version=version,
        evaluation=last(ledger.find(Evaluation, system=name, bundle=bundle)),
        validation=last(ledger.find(Validation, system=name, bundle=bundle)),
        release=None if version is None else ledger.get(Release, name, run.model, version.ordinal),
        decided=() if version is None else ledger.events(subject=version.name),
        not_active=not_active(declared, system),
    )


def version_of(run: Run, ledger: Ledger) -> ModelVersion | None:
    """The version that the run ended with."""
    ordinal = (run.version or "").rpartition("@")[2]
    return ledger.get(ModelVersion, run.system, run.model, int(ordinal)) if ordinal.isdigit() else None


def explored(names: Iterable[str], system: str, ledger: Ledger) -> Iterator[Profile]:
    """The newest profile of each of these datasets."""
    for dataset in names:
        yield from ledger.find(Profile, newest=1, system=system, dataset=dataset)
