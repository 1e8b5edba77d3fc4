"""The way of one run down the street: from sources to a version that its gates let through, or refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from tidemill.facts.codec import canonical, digest
from tidemill.facts.data import DatasetVersion, Profile, TrainingSet, Value
from tidemill.facts.event import Event
from tidemill.facts.fact import Fact
from tidemill.facts.model import Evaluation, ModelVersion, Validation
from tidemill.facts.release import Release
from tidemill.facts.run import Run, RunState, StageRun
from tidemill.lifecycle.evaluate import given as evaluating
from tidemill.lifecycle.explore import given as exploring
from tidemill.lifecycle.prepare import given as preparing
from tidemill.lifecycle.train import given as training
from tidemill.lifecycle.validate import stage as validating
from tidemill.loop import alert, contract, gate, horizon, parts
from tidemill.loop.hold import Hold
from tidemill.loop.intake import extracted, follow
from tidemill.loop.kept import lost
from tidemill.loop.look import looked_at_before
from tidemill.loop.mill import Mill
from tidemill.loop.plan import is_refitted, refit_of
from tidemill.loop.stage import Work, perform
from tidemill.loop.street import Street
from tidemill.ports.context import Context
from tidemill.spec.label import Candidates
from tidemill.spec.model import ByTime, Model
from tidemill.spec.source import Source

F = TypeVar("F", bound=Fact)


@dataclass(slots=True, kw_only=True)
class Descent:
    """One run under way. `stage` and `subject`: where it is."""

    mill: Mill
    run: Run
    hold: Hold
    ctx: Context
    street: Street
    stage: str = field(default="", init=False)
    subject: str = field(default="", init=False)

    @property
    def model(self) -> Model:
        """What is declared of the model."""
        return self.mill.system.model(self.run.model)

    def go(self) -> Run:
        """The run as it ended, committed together with what its gates decided."""
        system = self.mill.system
        names = horizon.datasets(self.model, system)
        versions = tuple(self._extracted(system.source(name)) for name in names)
        contract.demand([self._explored(each, versions) for each in versions])
        training_set = self._prepared(versions)
        version = self._trained(training_set, None)
        if (known := self._released(version)) is not None and self._is_kept(known, version, training_set):
            return self._ended("passed", known.name, "event.nothing-new", (), {"version": known.name})
        champion = self._champion()
        evaluation = self._evaluated(version, training_set, champion, self._beside())
        validation = self._validated(version, training_set, evaluation, champion)
        if validation.outcome != "failed" and is_refitted(self.model):
            tested, before = version, evaluation
            version = self._trained(training_set, tested)
            after = self._evaluated(version, training_set, tested, ())
            verdicts = (*validation.verdicts, gate.refit_verdict(before, after))
            validation = replace(validation, verdicts=verdicts)
        return self._judged(self._unjudged(version), validation)

    def _extracted(self, source: Source) -> DatasetVersion:
        def work(ctx: Context) -> tuple[DatasetVersion, ...]:
            return (extracted(self.mill.system, source, ctx, self.street),)

        return self._one("extract", source.dataset, parts.extract(source, self.run.id), self.street.extract, work)

    def _explored(self, version: DatasetVersion, versions: tuple[DatasetVersion, ...]) -> Profile:
        system, dataset = self.mill.system, version.dataset
        source = system.source(dataset)
        labels = [
            label
            for label in system.labels
            if not isinstance(label.asked, Candidates) and label.asked.dataset == dataset
        ]
        bring = {name for label in labels for name in horizon.outcome_datasets(label)} - {dataset}
        others = tuple(other for other in versions if other.dataset in bring)
        previous, promised = looked_at_before(version, self.ctx), system.contract(dataset)
        accepted = contract.accepted(version, promised, self.ctx.ledger)

        def work(ctx: Context) -> tuple[Profile, ...]:
            given = exploring.Given(
                system=system,
                source=source,
                version=version,
                previous=previous,
                others=others,
                accepted=accepted,
                now_us=self.run.at_us,
            )
            return self.street.explore(given, ctx)

        made_of = parts.explore(source, version, previous, others, labels)
        made_of |= contract.made_of(promised, accepted, version, self.run.at_us)
        return self._one("explore", dataset, made_of, self.street.explore, work)

    def _prepared(self, versions: tuple[DatasetVersion, ...]) -> TrainingSet:
        model, zone = self.model, self.mill.system.zone
        watermark_us = horizon.watermark_us(model.label, versions, self.run.at_us)
        moments = horizon.asked_moments(model, versions, zone, watermark_us)

        def work(ctx: Context) -> tuple[TrainingSet, ...]:
            given = preparing.Given(
                system=self.mill.system,
                model=model.name,
                versions=versions,
                moments=moments,
                watermark_us=watermark_us,
                now_us=self.run.at_us,
                before=self._last_set(),
                code=digest(self.mill.code.house(self.street.prepare)),
            )
            return self.street.prepare(given, ctx)

        made_of = parts.prepare(model, zone, versions, moments, watermark_us)
        return self._one("prepare", model.name, made_of, self.street.prepare, work)

    def _last_set(self) -> TrainingSet | None:
        every = self.ctx.ledger.find(TrainingSet, system=self.run.system, model=self.run.model)
        return max(every, key=lambda one: one.at_us, default=None)

    def _trained(self, training_set: TrainingSet, tested: ModelVersion | None) -> ModelVersion:
        model, seed = self.model, self.mill.seed

        def work(ctx: Context) -> tuple[ModelVersion, ...]:
            given = training.Given(
                system=self.mill.system,
                model=model.name,
                training_set=training_set,
                run=self.run.id,
                ordinal=self._next_ordinal(),
                seed=seed,
                now_us=self.run.at_us,
                tested=tested,
            )
            return self.street.train(given, ctx)

        made_of = parts.train(model, training_set, tested, seed) | self.mill.code.team(model.function)
        subject = refit_of(model.name) if tested else model.name
        return self._one("train", subject, made_of, self.street.train, work)

    def _evaluated(
        self,
        version: ModelVersion,
        training_set: TrainingSet,
        champion: ModelVersion | None,
        beside: tuple[str, ...],
    ) -> Evaluation:
        model, seed = self.model, self.mill.seed

        def work(ctx: Context) -> tuple[Evaluation, ...]:
            given = evaluating.Given(
                system=self.mill.system,
                model=model.name,
                version=version,
                training_set=training_set,
                champion=champion,
                beside=beside,
                seed=seed,
                now_us=self.run.at_us,
            )
            return self.street.evaluate(given, ctx)

        made_of = parts.evaluate(model, version, training_set, champion, beside, seed)
        subject = refit_of(model.name) if version.role == "refit" else model.name
        return self._one("evaluate", subject, made_of, self.street.evaluate, work)

    def _validated(
        self,
        version: ModelVersion,
        training_set: TrainingSet,
        evaluation: Evaluation,
        champion: ModelVersion | None,
    ) -> Validation:
        model, seed, trial_s = self.model, self.mill.seed, self.mill.pace.trial_s

        def work(ctx: Context) -> tuple[Validation, ...]:
            follow(self.mill.system, ctx, self.street)  # a trial whose look-ups find nothing would be too fast
            given = validating.Given(
                system=self.mill.system,
                model=model.name,
                version=version,
                training_set=training_set,
                evaluation=evaluation,
                champion=champion,
                trial_s=trial_s,
                seed=seed,
                now_us=self.run.at_us,
            )
            return self.street.validate(given, ctx)

        made_of = parts.validate(model, evaluation, seed, trial_s)
        return self._one("validate", model.name, made_of, self.street.validate, work)

    def _judged(self, version: ModelVersion, validation: Validation) -> Run:
        decision = gate.decide(validation, version, self.ctx.clock.now_us())
        told = alert.of_decision(decision, version.system, self.mill.system.notifies, self.ctx.clock.now_us())
        if validation.outcome == "failed":
            shut: tuple[Fact, ...] = (validation, *decision.releases, *told)
            return self._ended("refused", version.name, decision.code, shut, decision.fields)
        self._at("serve", self.model.name)
        made_of = {"input:run": self.run.id, "input:version": version.bundle}
        (release,) = decision.releases
        served = StageRun(
            key=digest({"system": version.system, "stage": "serve", "subject": version.model, "parts": made_of}),
            run=self.run.id,
            system=version.system,
            stage="serve",
            subject=version.model,
            parts=made_of,
            facts=(canonical(release).decode(),),
            took_ms=0,
            at_us=self.ctx.clock.now_us(),
        )
        return self._ended("passed", version.name, decision.code, (validation, release, served, *told), decision.fields)

    def _ended(
        self, state: RunState, version: str, code: str, facts: tuple[Fact, ...], fields: Mapping[str, Value]
    ) -> Run:
        now_us = self.ctx.clock.now_us()
        run = replace(self.run, state=state, version=version, ended_us=now_us)
        event = Event(
            at_us=now_us,
            system=run.system,
            code=code,
            subject=version,
            fields={"model": run.model, **fields, "run": run.id},
        )
        self.ctx.ledger.commit(*facts, run, events=[event], lease=self.hold.lease)
        return run

    def _one(
        self,
        stage: str,
        subject: str,
        made_of: parts.Parts,
        function: Callable[..., object],
        work: Callable[[Context], tuple[F, ...]],
    ) -> F:
        self._at(stage, subject)
        made_of = made_of | self.mill.code.house(function)
        todo = Work(stage=stage, subject=subject, parts=made_of, function=work)
        return cast("F", perform(todo, self.run, self.hold.lease, self.ctx)[0])

    def _at(self, stage: str, subject: str) -> None:
        self.hold.demand()
        self.stage, self.subject = stage, subject

    def _beside(self) -> tuple[str, ...]:
        by_time = isinstance(self.model.split, ByTime)
        return tuple(name for name in self.mill.beside if by_time or name != "random_split")

    def _champion(self) -> ModelVersion | None:
        """The version that answers; None when there is none that could be compared with: its files may be lost."""
        found = self.ctx.ledger.find(Release, system=self.run.system, model=self.run.model, state="champion")
        version = (
            self.ctx.ledger.get(ModelVersion, self.run.system, self.run.model, found[0].ordinal) if found else None
        )
        if version is None or (why := lost([version], self.ctx.blobs)) is None:
            return version
        fields = {"model": version.model, "version": version.name, "error": why.code}
        event = Event(
            at_us=self.run.at_us, system=version.system, code="event.champion-lost", subject=version.name, fields=fields
        )
        self.ctx.ledger.commit(events=[event], lease=self.hold.lease)
        return None

    def _is_kept(self, known: Release, version: ModelVersion, training_set: TrainingSet) -> bool:
        """Whether what was released can be read back, once its refit was made anew if its files were lost."""
        if known.bundle != version.bundle and is_refitted(self.model):
            self._trained(training_set, version)
        every = self.ctx.ledger.find(ModelVersion, system=version.system, model=version.model, bundle=known.bundle)
        return lost(every[:1], self.ctx.blobs) is None

    def _released(self, version: ModelVersion) -> Release | None:
        """The release that this very version, or its refit, has had and that was not refused."""
        every = self.ctx.ledger.find(ModelVersion, system=version.system, model=version.model)
        same = {one.ordinal for one in every if version.bundle == one.bundle or version.name == one.tested}
        releases = self.ctx.ledger.find(Release, system=version.system, model=version.model)
        return next((one for one in releases if one.ordinal in same and one.state != "refused"), None)

    def _unjudged(self, version: ModelVersion) -> ModelVersion:
        """The version under a number that has no release yet: one that was refused may pass other gates later."""
        if self.ctx.ledger.get(Release, version.system, version.model, version.ordinal) is None:
            return version
        again = replace(version, ordinal=self._next_ordinal(), run=self.run.id)
        self.ctx.ledger.commit(again, lease=self.hold.lease)
        return again

    def _next_ordinal(self) -> int:
        every = self.ctx.ledger.find(ModelVersion, system=self.run.system, model=self.run.model)
        return max((version.ordinal for version in every), default=0) + 1
