"""Which dataset versions are kept and which may go: what answers, is being made, or is young needs its data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tidemill.app.dataset import newest_by
from tidemill.facts.data import DatasetVersion, Profile, TrainingSet
from tidemill.facts.event import Event
from tidemill.facts.ids import dataset_ref
from tidemill.facts.model import Evaluation, ModelVersion
from tidemill.facts.release import LIVE, Policy, Release
from tidemill.facts.run import Run
from tidemill.loop.pace import Pace
from tidemill.ports.blobs import Blobs
from tidemill.ports.ledger import Ledger
from tidemill.ports.tables import Tables, Waste

IN_TRAFFIC = frozenset({"champion", "validated", *LIVE})
SETTLED_S = 86_400.0
"""A blob that was put within so many seconds of the machine's clock stays: a stage may be about to name it."""
EXPLORED = 2
"""The last versions that were explored: the next one is compared with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinned:
    """One dataset: the versions that go and how many stay; `needed`: older ones that stay, with what needs each."""

    dataset: str
    gone: tuple[str, ...]
    stay: int
    needed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """What goes, or went: versions, the data files that only these or a dead process had, parts of training sets."""

    datasets: tuple[Thinned, ...]
    waste: Waste

    @property
    def versions(self) -> int:
        """How many versions go."""
        return sum(len(each.gone) for each in self.datasets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where the facts are kept, the rows, and what training sets are made of."""

    ledger: Ledger
    tables: Tables
    blobs: Blobs


def planned(kept: Kept, *, keep_us: int, now_us: int) -> Pruning:
    """What would go; nothing does. StoreError `manifest-corrupt`: while a version cannot be read nothing may go."""
    thinned, gone = chosen(kept.ledger, kept.tables, keep_us=keep_us, now_us=now_us)
    sets = kept.blobs.waste(stale(kept.ledger, now_us - keep_us), idle_s=SETTLED_S)
    return Pruning(datasets=thinned, waste=both(kept.tables.waste(gone), sets))


def pruned(kept: Kept, *, keep_us: int, now_us: int, system: str, who: str) -> Pruning:
    """Takes away what `planned` says, and writes it in the diary."""
    ledger = kept.ledger
    thinned, gone = chosen(ledger, kept.tables, keep_us=keep_us, now_us=now_us)
    sets = kept.blobs.remove(stale(ledger, now_us - keep_us), idle_s=SETTLED_S)
    done = Pruning(datasets=thinned, waste=both(kept.tables.remove(gone), sets))
    if done.versions or done.waste.files:
        event = Event(
            at_us=now_us,
            system=system,
            code="event.pruned",
            subject=system,
            by=who,
            fields={"who": who, "versions": done.versions, "files": done.waste.files, "bytes": done.waste.bytes},
        )
        ledger.commit(events=[event])
    return done


def chosen(
    ledger: Ledger, tables: Tables, *, keep_us: int, now_us: int
) -> tuple[tuple[Thinned, ...], list[DatasetVersion]]:
    """Each dataset thinned, and the versions that go: older than what was the newest then, and needed by nothing.

    A run that is under way goes on with what was the newest when it began.
    """
    working = [run.at_us for run in ledger.find(Run) if goes_on(run, now_us)]
    since_us = min([now_us - keep_us, *working])
    reasons = needed(ledger, since_us)
    thinned, gone = [], list[DatasetVersion]()
    for dataset in tables.datasets():
        oldest = newest_by(dataset, since_us, tables)
        numbers = tables.numbers(dataset)
        old = [number for number in numbers if oldest is not None and number < oldest.number]
        explored = looked_at(dataset, ledger)
        why = {number: reasons.get((dataset, number)) or ("explored" if number in explored else "") for number in old}
        going = [tables.version(dataset, number) for number, reason in why.items() if not reason]
        gone += going
        thinned.append(
            Thinned(
                dataset=dataset,
                gone=tuple(one.name for one in going),
                stay=len(numbers) - len(going),
                needed=tuple((f"{dataset}@v{number}", reason) for number, reason in why.items() if reason),
            )
        )
    return tuple(thinned), gone


def goes_on(run: Run, now_us: int) -> bool:
    """Whether the run is at work, or may be taken up again."""
    return run.state == "running" or (run.state == "interrupted" and now_us - run.at_us <= Pace().resume_us)


def needed(ledger: Ledger, since_us: int) -> dict[tuple[str, int], str]:
    """(dataset, number) -> the model version that was made from it: in traffic, to be taken back to, or young."""
    found: dict[tuple[str, int], str] = {}
    for version in wanted(ledger, since_us):
        training_set = ledger.get(TrainingSet, version.system, version.model, version.training_set)
        for name in training_set.versions if training_set else ():
            ref = dataset_ref(name)
            found.setdefault((ref.dataset, ref.number or 0), version.name)
    return found


def wanted(ledger: Ledger, since_us: int) -> Iterator[ModelVersion]:
    """Versions whose data stays: in traffic, to be taken back to, or young, with those that were tested for them."""
    versions = {(one.system, one.model, one.ordinal): one for one in ledger.find(ModelVersion)}
    keys = {*in_traffic(ledger), *(key for key, one in versions.items() if one.at_us >= since_us)}
    return with_tested((versions[key] for key in sorted(keys) if key in versions), versions)


def stale(ledger: Ledger, since_us: int) -> frozenset[str]:
    """Blobs of training sets that are neither young, nor a model's last, nor those of a version that is wanted."""
    sets = {(one.system, one.model, one.digest): one for one in ledger.find(TrainingSet)}
    stay = {(one.system, one.model, one.training_set) for one in wanted(ledger, since_us)}
    stay |= {key for key, one in sets.items() if one.at_us >= since_us}
    last = {(one.system, one.model): one.digest for one in sorted(sets.values(), key=lambda one: one.at_us)}
    stay |= {(system, model, digest) for (system, model), digest in last.items()}
    held = {blob for key, one in sets.items() if key in stay for blob in blobs_of(one)}
    held |= {one.blob for one in ledger.find(Evaluation)}
    return frozenset(blob for one in sets.values() for blob in blobs_of(one)) - held


def blobs_of(one: TrainingSet) -> tuple[str, ...]:
    """All blobs that a training set is kept in."""
    return tuple(blob for blob in (one.blob, one.frame, *one.slices) if blob)


def both(files: Waste, blobs: Waste) -> Waste:
    """The two together."""
    return Waste(files=files.files + blobs.files, bytes=files.bytes + blobs.bytes)


def in_traffic(ledger: Ledger) -> Iterator[tuple[str, str, int]]:
    """Versions that answer, want to, or would again after a roll-back."""
    for release in ledger.find(Release):
        if release.state in IN_TRAFFIC:
            yield release.system, release.model, release.ordinal
            if release.previous is not None:
                yield release.system, release.model, release.previous
    for policy in ledger.find(Policy):
        for arm in (policy.champion, policy.challenger, policy.previous):
            if arm is not None:
                yield policy.system, policy.model, arm.ordinal


def with_tested(
    some: Iterable[ModelVersion], versions: dict[tuple[str, str, int], ModelVersion]
) -> Iterator[ModelVersion]:
    """The versions, and those whose recipe they repeat, for these were judged."""
    for version in some:
        yield version
        ordinal = (version.tested or "").rpartition("@")[2]
        if ordinal.isdigit() and (tested := versions.get((version.system, version.model, int(ordinal)))):
            yield tested


def looked_at(dataset: str, ledger: Ledger) -> frozenset[int]:
    """Numbers of the dataset's versions that were explored last."""
    numbers = sorted(profile.number for profile in ledger.find(Profile, dataset=dataset))
    return frozenset(numbers[-EXPLORED:])
