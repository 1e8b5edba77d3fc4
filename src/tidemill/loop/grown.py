"""Counts what has come since a model was last trained: new rows of a source, newly mature asks of a label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tidemill.facts.data import DatasetVersion, TrainingSet
from tidemill.facts.ids import dataset_ref
from tidemill.features.offline.asks import from_candidates, from_source
from tidemill.features.offline.lake import lake_of
from tidemill.features.offline.outcome import KNOWN, OUTCOME, with_outcomes
from tidemill.features.plan import clean
from tidemill.loop.horizon import outcome_datasets, watermark_us
from tidemill.loop.schedule import moments
from tidemill.loop.trigger import Grown
from tidemill.ports.context import Context
from tidemill.spec.check import NewRows
from tidemill.spec.declaration import Declaration
from tidemill.spec.label import Candidates, Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What came since when: the name it goes by, the training set of then, and the dataset versions of now."""

    name: str
    trained: TrainingSet
    versions: tuple[DatasetVersion, ...]
    now_us: int


def grown(trigger: NewRows, since: Since, system: Declaration, ctx: Context) -> Grown:
    """The count; where even the most that it could be is too few, that, without reading any row."""
    most = at_most(trigger, since, system, ctx)
    if most < trigger.rows:
        return Grown(since=since.name, rows=most)
    if trigger.kind == "source":
        return Grown(since=since.name, rows=new_rows(trigger.of, since, system, ctx))
    label = next(label for label in system.labels if label.name == trigger.of)
    return Grown(since=since.name, rows=newly_mature(label, since, system, ctx))


def at_most(trigger: NewRows, since: Since, system: Declaration, ctx: Context) -> int:
    """No more can have come: rows landed since then, and for a label those that were immature."""
    before = {version.dataset: version for version in versions_of(since.trained, ctx)}
    if trigger.kind == "source":
        dataset = system.source(trigger.of).dataset
        return sum(landed_since(version, before) for version in since.versions if version.dataset == dataset)
    label = next(label for label in system.labels if label.name == trigger.of)
    if isinstance(label.asked, Candidates):
        return trigger.rows
    asked = label.asked.dataset
    new = sum(landed_since(version, before) for version in since.versions if version.dataset == asked)
    return new + since.trained.immature


def landed_since(version: DatasetVersion, before: dict[str, DatasetVersion]) -> int:
    """Rows of a version beyond those of the version of then."""
    old = before.get(version.dataset)
    return version.rows - (old.rows if old else 0)


def new_rows(name: str, since: Since, system: Declaration, ctx: Context) -> int:
    """Rows of a source, or of the part of one that goes by that name, landed after the version of then."""
    source = system.source(name)
    old = {version.dataset: version for version in versions_of(since.trained, ctx)}.get(source.dataset)
    first = old.rows + old.put_aside if old else 0
    lake = lake_of(system.zone, since.versions, ctx.tables, ctx.compute)
    rows = clean(source, lake.dialect, landed_where=f"_row >= {first}")
    return count(lake.query(f"select count(*) as n from ({rows})"))


def newly_mature(label: Label, since: Since, system: Declaration, ctx: Context) -> int:
    """Asks whose outcome has become known since then and is not null."""
    lake = lake_of(system.zone, since.versions, ctx.tables, ctx.compute)
    then_us = watermark_us(label, versions_of(since.trained, ctx), since.trained.at_us)
    until_us = watermark_us(label, since.versions, since.now_us)
    asked = label.asked
    if isinstance(asked, Candidates):
        first = max(then_us, first_us(label, since.versions)) - label.delay_us
        times = moments(asked.every, system.zone, first, until_us)
        if not times:
            return 0
        asks = from_candidates(asked, system.sources, times, lake)
    else:
        asks = from_source(asked, lake)
    labelled = with_outcomes(asks, label, lake)
    lately = f"{KNOWN} > {then_us} and {KNOWN} <= {until_us}"
    text = f"select count(*) as n from labelled where {OUTCOME} is not null and {lately}"
    return count(lake.query(text, labelled=labelled))


def first_us(label: Label, versions: Iterable[DatasetVersion]) -> int:
    """The first moment of what brings the outcome."""
    bring = outcome_datasets(label)
    starts = [file.first_us for version in versions if version.dataset in bring for file in version.files]
    return min((start for start in starts if start is not None), default=0)


def versions_of(trained: TrainingSet, ctx: Context) -> tuple[DatasetVersion, ...]:
    """The dataset versions that a training set was made from."""
    refs = (dataset_ref(name) for name in trained.versions)
    return tuple(ctx.tables.version(ref.dataset, ref.number) for ref in refs if ref.number is not None)


def count(table: object) -> int:
    """The one number of a count."""
    return int(table["n"][0].as_py())  # type: ignore[index]  # an Arrow table, which this room does not import
