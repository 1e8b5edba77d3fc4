"""A system at work in a folder of its own: its data landed, versions trained and promoted, a real worker asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tests.street import COMPUTE
from tidemill.app.context import open_context, open_mill
from tidemill.app.find import find
from tidemill.app.settings import Settings
from tidemill.engines.clocks.scaled import ScaledClock
from tidemill.facts.data import DatasetVersion
from tidemill.facts.model import ModelVersion
from tidemill.facts.release import Release
from tidemill.features.offline.asks import at_moment, popular
from tidemill.features.offline.columns import matrix
from tidemill.features.offline.lake import Lake, lake_of
from tidemill.features.offline.parity import recomputed
from tidemill.features.online import space
from tidemill.interfaces.client import Client
from tidemill.lifecycle.monitor.parity import Parity, asks_of, held_of, parity
from tidemill.lifecycle.prepare import given as preparing
from tidemill.lifecycle.train import given as training
from tidemill.loop import act, horizon, intake
from tidemill.loop.street import STREET
from tidemill.predict.bundle import Bundle, open_bundle
from tidemill.predict.predictor import Predictor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNSEEN = "never seen 처음"


class Works:
    """The system of a file, beginning at `now_us` of its own clock, which runs as fast as ours."""

    def __init__(self, file: Path, home: Path, now_us: int) -> None:
        self.clock, self.home, self.file = str(ScaledClock.starting(now_us, 1.0)), home, file
        settings = Settings(folder=home.parent, home=home, environment="default", clock=self.clock)
        found = find(str(file))
        self.system = found.declaration
        self.mill, self.ctx = open_mill(settings, found), open_context(settings)
        self.bundles: dict[str, str] = {}
        self.listed: dict[int, tuple[DatasetVersion, ...]] = {}

    def now_us(self) -> int:
        return self.ctx.clock.now_us()

    def declare(self, old: str, new: str) -> None:
        """The file says it otherwise from now on."""
        text = self.file.read_text()
        assert old in text
        self.file.write_text(text.replace(old, new))
        self.system = find(str(self.file)).declaration

    def land(self) -> None:
        """What the sources have, what was pushed and what was answered lands."""
        for source in self.system.roots:
            intake.poll(self.system, source, self.ctx, STREET)
        intake.land_log(self.system, self.ctx, STREET)

    def bring_up(self) -> None:
        """Look-ups and lists are brought up to what has landed."""
        intake.bring_up(self.system, self.ctx, STREET)
        for endpoint in self.system.endpoints:
            listed_us = int(self.ctx.online.mark(f"candidates/{endpoint.candidates.name}"))
            self.listed[listed_us] = intake.newest(self.system, self.ctx)

    def promote(self, model: str) -> None:
        """A version on all mature rows, which a person lets answer."""
        declared, system, now_us = self.system.model(model), self.system, self.now_us()
        versions = intake.newest(system, self.ctx)
        watermark_us = horizon.watermark_us(declared.label, versions, now_us)
        prepared = preparing.Given(
            system=system,
            model=model,
            versions=versions,
            moments=horizon.asked_moments(declared, versions, system.zone, watermark_us),
            watermark_us=watermark_us,
            now_us=now_us,
        )
        (rows,) = STREET.prepare(prepared, self.ctx)
        given = training.Given(
            system=system, model=model, training_set=rows, run="by-hand", ordinal=1, seed=0, now_us=now_us,
            rows="forward",
        )  # fmt: skip
        version: ModelVersion = STREET.train(given, self.ctx)[0]
        release = Release(
            system=system.name, model=model, ordinal=1, bundle=version.bundle, state="validated",
            step_since_us=now_us, at_us=now_us,
        )  # fmt: skip
        self.ctx.ledger.commit(version, release)
        act.promoted(self.mill, model, 1, self.ctx, who="a person", why="to be asked")
        self.bundles[model] = version.bundle

    @contextmanager
    def worker(self) -> Iterator[Client]:
        """A serving process of its own, and a client of it."""
        argv = [
            sys.executable, "-m", "tidemill.interfaces.worker", "--home", str(self.home), "--system", self.system.name,
            "--clock", self.clock, "--announce", "--parent", str(os.getpid()),
        ]  # fmt: skip
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            line = process.stdout.readline().strip()
            assert line, "the worker did not start"
            try:
                with Client(f"http://{line}") as client:
                    yield client
            finally:
                process.terminate()
                assert process.wait(30) == 0

    def bundle(self, model: str) -> Bundle:
        return open_bundle(self.bundles[model], self.ctx.blobs)

    def lake(self, versions: Sequence[DatasetVersion] = ()) -> Lake:
        """All that has landed, or these versions."""
        chosen = versions or intake.newest(self.system, self.ctx)
        return lake_of(self.system.zone, chosen, self.ctx.tables, self.ctx.compute)

    def held(self, model: str, dataset: str) -> list[int]:
        """How many landed rows of the dataset each view holds that the model's version reads it by."""
        views = [view for view in self.bundle(model).signature.lookups if view.source.dataset == dataset]
        return [int(json.loads(self.ctx.online.mark(space(view)))["row"]) for view in views]

    def log(self) -> pa.Table:
        """The landed answers."""
        version = self.ctx.tables.newest(intake.PREDICTIONS)
        assert version is not None
        return self.ctx.tables.read(version.files)

    def parity(self, model: str, log: pa.Table | None = None, lake: Lake | None = None) -> Parity:
        """The model's answers beside what landed rows give."""
        bundle = self.bundle(model)
        flavor = self.ctx.flavors[bundle.signature.flavor]
        return parity(self.log() if log is None else log, bundle, flavor, lake or self.lake())

    def ranked(self, said: Mapping[str, Any]) -> list[tuple[object, float]]:
        """What a ranking has to show: the candidates of its moment scored from landed rows, best first."""
        (endpoint,) = self.system.endpoints
        bundle, log = self.bundle(endpoint.model), self.log()
        shown = log.filter(pc.equal(log["id"], said["items"][0]["id"]))
        items = self.offered(said["cold"], said["candidates_at"], json.loads(shown["keys"][0].as_py()))
        rows = pa.concat_tables([shown] * len(items))
        rows = rows.set_column(rows.column_names.index("item"), "item", pa.array(map(json.dumps, items), pa.string()))
        asks = asks_of(rows, bundle.signature)
        table = recomputed(asks, held_of(rows, bundle.signature), bundle.signature.views, self.lake())
        with closing(Predictor(bundle, self.ctx.flavors[bundle.signature.flavor])) as predictor:
            scores = predictor.score(matrix(table, bundle.signature.features)).tolist()
        return sorted(zip(items, scores, strict=True), key=lambda pair: -pair[1])[: len(said["items"])]

    def offered(self, cold: bool, listed_at: str, entity: Mapping[str, object]) -> list[Any]:
        """The items of the entity's list of that moment, or of everybody's."""
        (candidates,) = (endpoint.candidates for endpoint in self.system.endpoints)
        listed_us = us(listed_at)
        lake = self.lake(self.listed[listed_us])
        if cold:
            return popular(candidates, self.system.sources, listed_us, lake)
        pairs = at_moment(candidates, self.system.sources, listed_us, lake).to_pylist()
        return [pair[candidates.item] for pair in pairs if all(pair[name] == entity[name] for name in entity)]

    def close(self) -> None:
        """Frees what the works hold."""
        self.ctx.online.close()
        self.ctx.ledger.close()


def us(text: str, zone: str = "UTC") -> int:
    """Microseconds of an ISO time; one without an offset is on the zone's clock."""
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    return (aware - EPOCH) // timedelta(microseconds=1)


def copied(query: str, target: Path) -> None:
    """The rows of a query as one Parquet file in the place of what was there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    pq.write_table(COMPUTE.query(query, {}), part)
    part.replace(target)


def instances(query: str) -> list[dict[str, Any]]:
    """Rows of a query as a caller sends them."""
    rows: list[dict[str, Any]] = COMPUTE.query(query, {}).to_pylist()
    return [
        {name: cell.isoformat() if isinstance(cell, datetime) else cell for name, cell in row.items()} for row in rows
    ]


def spoiled(
    rows: Sequence[Mapping[str, Any]], fields: Sequence[Mapping[str, Any]], random: Random
) -> list[dict[str, Any]]:
    """The rows as callers send them: now and then a null, a text that nobody has seen, a whole number as text."""
    kinds = {field["name"]: field["type"] for field in fields}
    return [{name: sent(cell, kinds[name], random) for name, cell in row.items() if name in kinds} for row in rows]


def sent(cell: Any, kind: str, random: Random) -> Any:
    """One cell."""
    chance = random.random()
    if kind == "timestamp":
        return cell
    if chance < 0.08:
        return None
    if chance < 0.16 and kind == "text":
        return UNSEEN
    return str(cell) if chance > 0.7 and kind == "int" and cell is not None else cell
