"""Why something is as it is: from an answer, a version, a run or a dataset back to its rows and its code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from tidemill.app.dataset import history, named
from tidemill.app.inspect import last, tested
from tidemill.errors import SettingsError
from tidemill.facts.data import DatasetVersion, Profile, TrainingSet
from tidemill.facts.event import Event
from tidemill.facts.ids import dataset_ref
from tidemill.facts.model import Evaluation, ModelVersion, Validation
from tidemill.facts.release import Release
from tidemill.facts.run import STAGES, Run, StageRun
from tidemill.facts.signal import Firing
from tidemill.loop.why import Change, why
from tidemill.ports.journal import Journal
from tidemill.ports.ledger import Ledger
from tidemill.ports.tables import Tables
from tidemill.spec.declaration import Declaration

VERSION = re.compile(r"(\w+)@(\d+)")
BEFORE = 3
"""So many versions of a dataset are shown, from the one asked about back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer as the prediction log has it. `item`: of a ranking, what was shown at the position asked for."""

    id: str
    at_us: int
    model: str
    version: str
    arm: str
    policy: int
    keys: Mapping[str, object]
    features: Mapping[str, object]
    score: float | None
    decision: str | None
    flags: tuple[str, ...]
    item: object = None
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What stands behind one thing, from the answer back to the sources; what does not belong to it is empty.

    `version` answered; a refit was judged as the version `tested`. `firing` started the run. `code`: digests of the
    modules that the training function stands on, and versions of the libraries. `decisions`: the diary about it.
    """

    subject: str
    answer: Answered | None = None
    version: ModelVersion | None = None
    tested: ModelVersion | None = None
    release: Release | None = None
    validation: Validation | None = None
    evaluation: Evaluation | None = None
    run: Run | None = None
    firing: Firing | None = None
    stages: tuple[StageRun, ...] = ()
    training_set: TrainingSet | None = None
    datasets: tuple[DatasetVersion, ...] = ()
    profiles: tuple[Profile, ...] = ()
    code: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageChange:
    """A stage's last run on one subject beside the one before it, and the parts of the key that differ."""

    stage: str
    subject: str
    newest: StageRun
    before: StageRun | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the questions are asked of: one system's ledger, lake and journal."""

    system: Declaration
    ledger: Ledger
    tables: Tables
    journal: Journal


def of_stage(stage: str, record: Record) -> tuple[StageChange, ...]:
    """Each subject that the stage ever ran on: what made its last run happen. SettingsError `nothing-known`."""
    found: dict[str, list[StageRun]] = {}
    for one in record.ledger.find(StageRun, system=record.system.name, stage=stage):
        found.setdefault(one.subject, []).append(one)
    if not found:
        raise SettingsError("nothing-known", name=stage)
    return tuple(
        StageChange(
            stage=stage, subject=subject, newest=runs[-1], before=before(runs), changes=why(runs[-1], before(runs))
        )
        for subject, runs in found.items()
    )


def before(runs: list[StageRun]) -> StageRun | None:
    """The run before the last one."""
    return runs[-2] if len(runs) > 1 else None


def of(name: str, record: Record) -> Chain:
    """The chain behind a dataset (`events@v12`), a version or release (`ranker@7`), a run, a model, an answer.

    A dataset is named as `app.dataset.named` says, with its errors. Of a model it is the chain of its champion.
    SettingsError `nothing-known` for anything else.
    """
    if match := VERSION.fullmatch(name):
        return of_version(match[1], int(match[2]), record)
    if name.startswith("run_"):
        return of_run(name, record)
    if name in {model.name for model in record.system.models}:
        return of_champion(name, record)
    if "@" in name or record.tables.numbers(name):
        return of_dataset(named(name, record.tables, record.system.zone), record)
    return of_answer(name, record)


def unknown(name: str, record: Record) -> SettingsError:
    """Nothing goes by that name; the nearest that does."""
    known = [*STAGES, *(model.name for model in record.system.models)]
    near = get_close_matches(name, known, n=1)
    return SettingsError("nothing-known", name=name, nearest=near[0] if near else "")


def of_answer(name: str, record: Record) -> Chain:
    """From an answer to its version, and so on."""
    id, _, position = name.partition(":")
    payload = record.journal.find("predictions", id)
    if payload is None:
        raise unknown(name, record)
    answer = answered(name, json.loads(payload), int(position) if position else None)
    model, _, ordinal = answer.version.partition("@")
    return behind(name, model, int(ordinal), record, answer)


def answered(name: str, logged: Mapping[str, Any], position: int | None) -> Answered:
    """The frame of the log as a record; of a ranking the item at that position."""
    shown: Mapping[str, Any] = next((one for one in logged["shown"] if one["position"] == position), {})
    parts = [logged["looked_up"], logged["computed"], shown.get("looked_up", {}), shown.get("computed", {})]
    return Answered(
        id=name,
        at_us=logged["asked_at_us"],
        model=logged["model"],
        version=logged["version"],
        arm=logged["arm"],
        policy=logged["policy"],
        keys=logged["keys"],
        features={key: value for part in parts for key, value in part.items()},
        score=shown.get("score", logged["score"]),
        decision=logged["decision"],
        flags=tuple(logged["flags"]),
        item=shown.get("item"),
        position=position,
    )


def of_champion(model: str, record: Record) -> Chain:
    """The chain behind the version that answers for the model now."""
    found = record.ledger.find(Release, system=record.system.name, model=model, state="champion")
    if not found:
        raise SettingsError("nothing-known", name=model)
    return of_version(model, found[-1].ordinal, record)


def of_version(model: str, ordinal: int, record: Record) -> Chain:
    """The chain behind one version."""
    return behind(f"{model}@{ordinal}", model, ordinal, record, None)


def behind(subject: str, model: str, ordinal: int, record: Record, answer: Answered | None) -> Chain:
    """Version, judgement, run, training set, datasets, code and decisions."""
    ledger, system = record.ledger, record.system.name
    version = ledger.get(ModelVersion, system, model, ordinal)
    if version is None:
        raise unknown(f"{model}@{ordinal}", record)
    judged = tested(ledger, version)
    run = ledger.get(Run, version.run)
    training_set = ledger.get(TrainingSet, system, model, version.training_set)
    return Chain(
        subject=subject,
        answer=answer,
        version=version,
        tested=None if judged is version else judged,
        release=ledger.get(Release, system, model, ordinal),
        validation=last(ledger.find(Validation, system=system, bundle=judged.bundle)),
        evaluation=last(ledger.find(Evaluation, system=system, bundle=judged.bundle)),
        run=run,
        firing=last(ledger.find(Firing, system=system, run=version.run)),
        training_set=training_set,
        datasets=tuple(datasets(training_set, record)),
        code=code_of(version, record),
        decisions=ledger.events(subject=version.name),
    )


def datasets(training_set: TrainingSet | None, record: Record) -> Iterator[DatasetVersion]:
    """The dataset versions that a training set was made from; of one that was pruned, what the ledger remembers."""
    for name in training_set.versions if training_set else ():
        ref = dataset_ref(name)
        number = ref.number or 0
        if number in record.tables.numbers(ref.dataset):
            yield record.tables.version(ref.dataset, number)
        elif (known := record.ledger.get(DatasetVersion, record.system.name, ref.dataset, number)) is not None:
            yield known


def code_of(version: ModelVersion, record: Record) -> dict[str, str]:
    """Modules and libraries that the training stood on, from the key of the stage that gave the version."""
    found = record.ledger.find(StageRun, system=version.system, stage="train", run=version.run)
    parts = {name: value for one in found for name, value in one.parts.items() if version.bundle in "".join(one.facts)}
    return {name: value for name, value in parts.items() if name.partition(":")[0] in {"code", "lock", "function"}}


def of_run(id: str, record: Record) -> Chain:
    """What started a run, what it did, and what came out."""
    run = record.ledger.get(Run, id) or begun(id, record)
    if run is None or run.system != record.system.name:
        raise unknown(id, record)
    stages = record.ledger.find(StageRun, run=run.id)
    firing = last(record.ledger.find(Firing, system=run.system, run=run.id))
    if run.version is None:
        return Chain(subject=id, run=run, firing=firing, stages=stages)
    model, _, ordinal = run.version.partition("@")
    chain = behind(id, model, int(ordinal), record, None)
    return replace(chain, run=run, firing=firing, stages=stages)


def begun(start: str, record: Record) -> Run | None:
    """The one run whose id begins so; None where there is none, or several."""
    found = [run for run in record.ledger.find(Run, system=record.system.name) if run.id.startswith(start)]
    return found[0] if len(found) == 1 else None


def of_dataset(version: DatasetVersion, record: Record) -> Chain:
    """A dataset version and the ones before it, and what exploration said of it."""
    states = history(version, record.ledger, record.tables, newest=BEFORE)
    versions = tuple(state.version for state in states)
    profiles = (record.ledger.get(Profile, one.system, one.dataset, one.manifest) for one in versions)
    return Chain(subject=version.name, datasets=versions, profiles=tuple(one for one in profiles if one is not None))
