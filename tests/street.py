"""The eight stages on backends that a test holds in its hands: rows are given, moments are said, facts come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

import tidemill as tm
from tidemill.engines.compute.duckdb import DuckdbCompute
from tidemill.engines.flavors.constant import ConstantFlavor
from tidemill.engines.flavors.lightgbm import LightgbmFlavor
from tidemill.engines.flavors.sklearn import SklearnFlavor
from tidemill.engines.search.midpoint import Midpoint
from tidemill.engines.trainers.inline import InlineTrainer
from tidemill.errors import ServeError
from tidemill.facts.data import DatasetVersion, TrainingSet
from tidemill.facts.model import Evaluation, ModelVersion, Validation
from tidemill.features.offline.lake import Lake, lake_of
from tidemill.features.offline.slices import as_table, chosen
from tidemill.lifecycle.evaluate import given as evaluating
from tidemill.lifecycle.evaluate import stage as evaluate
from tidemill.lifecycle.extract import push
from tidemill.lifecycle.extract import stage as extract
from tidemill.lifecycle.prepare import given as preparing
from tidemill.lifecycle.prepare import stage as prepare
from tidemill.lifecycle.train import given as training
from tidemill.lifecycle.train import stage as train
from tidemill.lifecycle.validate import stage as validate
from tidemill.ports.context import Context
from tidemill.ports.source import Reader
from tidemill.ports.target import Measured
from tidemill.spec.declaration import Declaration
from tidemill.spec.source import Files, Table
from tidemill.stores.blobs.local import LocalBlobs
from tidemill.stores.journal.segments import SegmentJournal
from tidemill.stores.memory.blobs import MemoryBlobs
from tidemill.stores.memory.journal import MemoryJournal
from tidemill.stores.memory.ledger import MemoryLedger
from tidemill.stores.memory.online import MemoryOnline
from tidemill.stores.memory.source import MemoryReader
from tidemill.stores.memory.tables import MemoryTables
from tidemill.stores.online.lmdb import LmdbOnline
from tidemill.stores.tables.parquet import ParquetTables
from tidemill.testing.fakes import VirtualClock

SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COMPUTE = DuckdbCompute(memory="1GiB")
"""One engine for all tests: each query has a connection of its own."""


def us(text: str) -> int:
    """Microseconds of that moment of ISO 8601; without an offset it is UTC."""
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1)


def table(rows: Sequence[Mapping[str, Any]], **kinds: pa.DataType) -> pa.Table:
    """Rows as Arrow, in the order of the first row's columns; `kinds` where Python's types do not tell."""
    names = list(dict.fromkeys(name for row in rows for name in row)) or list(kinds)
    return pa.table({name: pa.array([row.get(name) for row in rows], kinds.get(name)) for name in names})


@dataclass(slots=True, kw_only=True)
class FakeTarget:
    """Says what it is told to have measured, or does not start."""

    measured: Measured = field(default_factory=lambda: Measured(latencies_ms=(1.0,) * 500, memory_mib=50.0, errors=0))
    fails: str = ""
    bodies: list[bytes] = field(default_factory=list)

    def try_out(self, bundle: str, requests: Sequence[bytes], *, seconds: float) -> Measured:
        self.bodies[:] = requests
        if self.fails:
            raise ServeError("did-not-start", bundle=bundle, words=self.fails)
        return self.measured


class Street:
    """One system. `rows` of each source by its `tm.files(path)`; without a home everything is in memory."""

    def __init__(
        self, system: tm.System | Declaration, rows: Mapping[str, pa.Table] | None = None, *, home: Path | None = None
    ) -> None:
        self.system = system if isinstance(system, Declaration) else system.declared()
        self.readers = {path: MemoryReader(given) for path, given in (rows or {}).items()}
        self.target = FakeTarget()
        self.clock = VirtualClock.at("2030-01-01")
        flavors = {one.name: one for one in (LightgbmFlavor(), SklearnFlavor(), ConstantFlavor())}
        self.ctx = Context(
            ledger=MemoryLedger(),
            blobs=LocalBlobs(home / "blobs") if home else MemoryBlobs(),
            tables=ParquetTables(home / "lake") if home else MemoryTables(),
            online=LmdbOnline(home / "online") if home else MemoryOnline(),
            journal=SegmentJournal(home / "journal") if home else MemoryJournal(),
            compute=COMPUTE,
            trainer=InlineTrainer(tuple(flavors.values())),
            flavors=flavors,
            search=Midpoint(),
            target=self.target,
            clock=self.clock,
            open_source=self.reader,
            progress=lambda what, done, total: None,
        )

    def reader(self, table: Table) -> Reader:
        """The rows that were given for a file."""
        assert isinstance(table, Files)
        return self.readers[table.path]

    def extract(self, name: str, at: str | int = "2030-01-01") -> DatasetVersion:
        """The source's version after reading what it has now."""
        given = extract.Given(
            system=self.system.name,
            zone=self.system.zone,
            source=self.system.source(name),
            previous=self.ctx.tables.newest(name),
            now_us=us(at) if isinstance(at, str) else at,
        )
        return extract.run(given, self.ctx)[0]

    def extract_all(self, at: str | int = "2030-01-01") -> tuple[DatasetVersion, ...]:
        """Every source's."""
        return tuple(self.extract(source.name, at) for source in self.system.roots)

    @property
    def versions(self) -> tuple[DatasetVersion, ...]:
        """The newest of each source."""
        found = (self.ctx.tables.newest(source.name) for source in self.system.roots)
        return tuple(version for version in found if version is not None)

    @property
    def lake(self) -> Lake:
        """All that landed."""
        return lake_of(self.system.zone, self.versions, self.ctx.tables, self.ctx.compute)

    def landed(self, name: str) -> pa.Table:
        """The dataset's landed rows, oldest first, every version of each."""
        version = self.ctx.tables.newest(name)
        assert version is not None
        return self.ctx.tables.read(version.files)

    def push(self, at: str | int = "2030-01-01") -> tuple[str, ...]:
        """Brings what is looked up to what has landed."""
        now_us = us(at) if isinstance(at, str) else at
        return push.run(push.Given(system=self.system, versions=self.versions, now_us=now_us), self.ctx)

    def prepare(self, model: str, **changes: Any) -> TrainingSet:
        """The model's training set as of everything."""
        newest = min(version.watermark_us for version in self.versions)
        usual: dict[str, Any] = {"moments": (), "watermark_us": newest, "now_us": us("2030-01-01")}
        given = preparing.Given(system=self.system, model=model, versions=self.versions, **usual | changes)
        return prepare.run(given, self.ctx)[0]

    def train(self, facts: TrainingSet, ordinal: int = 1, **changes: Any) -> ModelVersion:
        """A version trained on it."""
        given = training.Given(
            system=self.system, model=facts.model, training_set=facts, run="run_1", ordinal=ordinal, seed=0,
            now_us=facts.at_us,
        )  # fmt: skip
        return train.run(replace(given, **changes), self.ctx)[0]

    def evaluate(self, version: ModelVersion, facts: TrainingSet, **changes: Any) -> Evaluation:
        """Its figures."""
        given = evaluating.Given(
            system=self.system, model=facts.model, version=version, training_set=facts, champion=None,
            beside=("baseline", "rolling"), seed=0, now_us=facts.at_us,
        )  # fmt: skip
        return evaluate.run(replace(given, **changes), self.ctx)[0]

    def validate(
        self, version: ModelVersion, facts: TrainingSet, evaluation: Evaluation, champion: ModelVersion | None = None
    ) -> Validation:
        """Its gates' verdicts."""
        given = validate.Given(
            system=self.system, model=facts.model, version=version, training_set=facts, evaluation=evaluation,
            champion=champion, trial_s=0.1, seed=0, now_us=facts.at_us,
        )  # fmt: skip
        return validate.run(given, self.ctx)[0]

    def chosen(self, facts: TrainingSet) -> pa.Table:
        """The asks of a training set's parts."""
        return chosen(facts, self.ctx.blobs)

    def table(self, blob: str) -> pa.Table:
        """The table that a fact points to."""
        return as_table(self.ctx.blobs, blob)
