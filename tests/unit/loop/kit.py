"""A small system, its facts, and stages that are simple and real: what the tests of the loop hold in their hands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa

import tidemill as tm
from tidemill.errors import ModelError
from tidemill.facts.codec import canonical
from tidemill.facts.data import DatasetVersion, Profile, SplitPart, TrainingSet
from tidemill.facts.model import Evaluation, ModelVersion, Outcome, Score, Validation, Verdict
from tidemill.facts.release import Policy, Release, State
from tidemill.facts.signal import Reading
from tidemill.loop.fingerprint import Code
from tidemill.loop.mill import Mill
from tidemill.loop.pace import DAY, HOUR, Pace
from tidemill.loop.situation import Situation
from tidemill.loop.street import Street
from tidemill.ports.context import Context
from tidemill.ports.ledger import Ledger
from tidemill.ports.tables import BATCH, KNOWN_AT, OP, ROW, Draft
from tidemill.spec.check import Check, NotWorse
from tidemill.spec.declaration import Declaration
from tidemill.stores.memory.blobs import MemoryBlobs
from tidemill.stores.memory.journal import MemoryJournal
from tidemill.stores.memory.ledger import MemoryLedger
from tidemill.stores.memory.tables import MemoryTables
from tidemill.testing.fakes import VirtualClock

NOON = VirtualClock.at("2026-11-02T12:00:00").now_us()
UTC_US = pa.timestamp("us", tz="UTC")
FLOOR, BESIDE, P99 = tm.at_least("roc_auc", 0.7), NotWorse(metric="roc_auc", margin=0.01), tm.at_most("p99_ms", 100)
ERRORS, DRIFT, GAP = tm.at_most("error_rate", 0.01), tm.no_drift(), tm.at_most("rate_gap", 0.2)


CODE = Code(Path(__file__).parent)
BRISK = Pace(lease_s=5.0, beat_s=1.0)


def fit(train: tm.Data, valid: tm.Data, depth: int = 3) -> object:
    return train, valid, depth


def declared(
    *, notify: tuple[tuple[str, Any], ...] = (), monitors: Any = (), triggers: Any = (), **model: Any
) -> Declaration:
    """Loans with one model, `risk`."""
    system = tm.System("bank", owner="risk@bank.example", zone="Europe/Berlin")
    loans = system.source("loans", tm.files("loans.csv"), key="loan_id", time="applied_at")
    form = system.request("form", loans, columns=["amount"])
    bad = system.label("bad", asked=loans, outcome="status = 'bad'")
    given: dict[str, Any] = {
        "label": bad,
        "features": [form],
        "split": tm.by_time(valid=0.1, test=0.1, refit="none"),
        "gates": [FLOOR, BESIDE, P99],
        "release": tm.canary("10%", "50%", require=[ERRORS, BESIDE], deadline="14d"),
        "name": "risk",
    }
    risk = system.model(**given | model)(fit)
    if monitors:
        system.monitor(risk, *monitors)
    if triggers:
        system.retrain(risk, *triggers)
    for url, severity in notify:
        system.notify(url, severity=severity)
    return system.declared()


def release(ordinal: int, state: State = "validated", **changes: Any) -> Release:
    return replace(
        Release(
            system="bank",
            model="risk",
            ordinal=ordinal,
            bundle=f"b{ordinal}",
            state=state,
            share={"champion": 1.0, "canary": 0.1}.get(state, 0.0),
            step_since_us=NOON,
            fields={"gate": "passed", "open": ()},
            at_us=NOON,
        ),
        **changes,
    )


def reading(version: str, monitor: str, outcome: Outcome, **changes: Any) -> Reading:
    given: dict[str, Any] = {
        "since_us": NOON,
        "until_us": NOON + HOUR,
        "value": 0.5,
        "bound": 0.7,
        "low": 0.4,
        "high": 0.6,
        "reason": {"passed": "shown", "failed": "beyond-bound", "undecided": "not-shown"}[outcome],
        "n": 1_000,
        "at_us": NOON + HOUR,
    }
    return Reading(system="bank", model="risk", version=version, monitor=monitor, outcome=outcome, **given | changes)


def situation(*releases: Release, readings: tuple[Reading, ...] = (), **changes: Any) -> Situation:
    model = changes.pop("model", None) or declared(**changes.pop("declare", {})).model("risk")
    given: dict[str, Any] = {"now_us": NOON + 2 * HOUR, "pace": Pace(), "watched": ()}
    return Situation(system="bank", model=model, releases=releases, readings=readings, **given | changes)


def validation(*outcomes: Outcome, **changes: Any) -> Validation:
    verdicts = tuple(
        Verdict(
            check=text,
            value=0.65,
            bound=0.7,
            outcome=outcome,
            reason="beyond-bound" if outcome == "failed" else "shown" if outcome == "passed" else "too-few",
            low=0.6,
            high=0.68,
            n=400,
            fields={"needed": 3_000} if outcome == "undecided" else {},
        )
        for text, outcome in zip(
            ("roc_auc >= 0.7", "not_worse roc_auc margin 0.01", "p99_ms <= 100"), outcomes, strict=False
        )
    )
    return replace(
        Validation(
            system="bank", model="risk", bundle="b1", training_set="t", champion="", verdicts=verdicts, at_us=NOON
        ),
        **changes,
    )


def version(ordinal: int, **changes: Any) -> ModelVersion:
    return replace(
        ModelVersion(
            system="bank",
            model="risk",
            ordinal=ordinal,
            bundle=f"b{ordinal}",
            run="run_1",
            training_set="t",
            role="tested",
            trained_until_us=NOON,
            train_rows=900,
            at_us=NOON,
        ),
        **changes,
    )


@dataclass(slots=True, kw_only=True)
class Stand:
    """A system with memory stores and simple stages. `calls`: stages that worked, in order; `rows`: of the source.

    `gates`: outcomes of the next validations; `fails`: stage -> error that it raises once; `reads`: (version or "",
    monitor) -> outcome.
    """

    system: Declaration = field(default_factory=declared)
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(NOON))
    ledger: Ledger = field(default_factory=MemoryLedger)
    tables: Any = field(default_factory=MemoryTables)
    blobs: Any = field(default_factory=MemoryBlobs)
    calls: list[str] = field(default_factory=list)
    rows: int = 100
    gates: tuple[Outcome, ...] = ("passed",)
    fails: dict[str, BaseException] = field(default_factory=dict)
    reads: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    refit_auc: float = 0.9
    pace: Pace = BRISK
    automation: Any = "act"
    progress: list[tuple[str, int]] = field(default_factory=list)

    @property
    def mill(self) -> Mill:
        return Mill(system=self.system, code=CODE, pace=self.pace, automation=self.automation)

    @property
    def ctx(self) -> Context:
        ports = SimpleNamespace()
        return Context(
            ledger=self.ledger,
            blobs=self.blobs,
            tables=self.tables,
            online=cast("Any", ports),
            journal=MemoryJournal(),
            compute=cast("Any", ports),
            trainer=cast("Any", ports),
            flavors={},
            search=cast("Any", ports),
            target=cast("Any", ports),
            clock=self.clock,
            open_source=cast("Callable[..., Any]", ports),
            progress=lambda what, done, total: self.progress.append((what, done)),
        )

    @property
    def street(self) -> Street:
        return Street(
            extract=self.extract,
            explore=self.explore,
            prepare=self.prepare,
            train=self.train,
            evaluate=self.evaluate,
            validate=self.validate,
            serve=self.serve,
            monitor=self.monitor,
            land=self.land,
            push=self.push,
        )

    def work(self, stage: str) -> None:
        self.calls.append(stage)
        if stage in self.fails:
            raise self.fails.pop(stage)

    def extract(self, given: Any, ctx: Context) -> tuple[DatasetVersion, ...]:
        self.work("extract")
        previous = given.previous
        have = previous.rows if previous else 0
        if previous is not None and self.rows == have:
            return (previous,)
        return (self.landed("loans", self.rows - have, previous, ctx),)

    def landed(self, dataset: str, rows: int, previous: DatasetVersion | None, ctx: Context) -> DatasetVersion:
        now = ctx.clock.now_us()
        table = pa.table(
            {
                "applied_at": pa.array([now] * rows, pa.int64()).cast(UTC_US),
                KNOWN_AT: pa.array([now] * rows, pa.int64()).cast(UTC_US),
                OP: ["I"] * rows,
                BATCH: pa.array([0] * rows, pa.int64()),
                ROW: pa.array(range(rows), pa.int64()),
            }
        )
        file = ctx.tables.stage(dataset, table, time="applied_at")
        draft = Draft(
            system="bank", dataset=dataset, files=(file,), rejected=(), cursor=f'{{"source": {now}}}',
            watermark_us=now, columns=(), content=file.digest, at_us=now,
        )  # fmt: skip
        return ctx.tables.commit(draft, previous)

    def explore(self, given: Any, ctx: Context) -> tuple[Profile, ...]:
        self.work("explore")
        found = given.version
        return (
            Profile(
                system="bank", dataset=found.dataset, number=found.number, manifest=found.manifest, rows=found.rows,
                put_aside=0, duplicates=0, first_us=None, last_us=None, columns=(), findings=(), at_us=given.now_us,
            ),
        )  # fmt: skip

    def prepare(self, given: Any, ctx: Context) -> tuple[TrainingSet, ...]:
        self.work("prepare")
        blob = ctx.blobs.put(canonical([one.manifest for one in given.versions]))
        parts = tuple(
            SplitPart(name=name, rows=30, positives=3, first_us=0, last_us=0) for name in ("train", "valid", "test")
        )
        return (
            TrainingSet(
                system="bank", model=given.model, label="bad", digest=blob, blob=blob, frame=blob, recipe="r",
                features=(), parts=parts, until_us=given.watermark_us, immature=0,
                versions=tuple(one.name for one in given.versions), at_us=given.now_us,
            ),
        )  # fmt: skip

    def train(self, given: Any, ctx: Context) -> tuple[ModelVersion, ...]:
        self.work("refit" if given.tested else "train")
        made_of = [given.training_set.blob, given.tested is None, given.seed]
        bundle = ctx.blobs.put(canonical({"v": 1, "files": {"model": ctx.blobs.put(canonical(made_of))}}))
        return (
            ModelVersion(
                system="bank", model=given.model, ordinal=given.ordinal, bundle=bundle, run=given.run,
                training_set=given.training_set.digest, role="refit" if given.tested else "tested",
                tested=given.tested.name if given.tested else None, trained_until_us=given.training_set.until_us,
                train_rows=30, at_us=given.now_us,
            ),
        )  # fmt: skip

    def evaluate(self, given: Any, ctx: Context) -> tuple[Evaluation, ...]:
        self.work("evaluate")
        auc = self.refit_auc if given.version.role == "refit" else 0.8
        scores = (Score(metric="roc_auc", part="test", value=auc, low=auc - 0.02, high=auc + 0.02, n=30),)
        return (
            Evaluation(
                system="bank", model=given.model, bundle=given.version.bundle, training_set=given.training_set.digest,
                champion=given.champion.bundle if given.champion else "", scores=scores, at_us=given.now_us,
            ),
        )  # fmt: skip

    def validate(self, given: Any, ctx: Context) -> tuple[Validation, ...]:
        self.work("validate")
        found = validation(*self.gates)
        return (
            replace(
                found, bundle=given.version.bundle, training_set=given.training_set.digest,
                champion=given.champion.bundle if given.champion else "", at_us=given.now_us,
            ),
        )  # fmt: skip

    def serve(self, given: Any, ctx: Context) -> tuple[Policy, ...]:
        if "serve" in self.fails:
            raise self.fails.pop("serve")
        return (given.policy,)

    def monitor(self, given: Any, ctx: Context) -> tuple[Reading, ...]:
        self.calls.append(f"monitor {given.version.name}")
        found = []
        for check in given.checks:
            text = check_text_of(check)
            outcome = self.reads.get((given.version.name, text), self.reads.get(("", text), "undecided"))
            found.append(
                reading(
                    given.version.name, text, outcome, since_us=given.since_us, until_us=given.until_us,
                    at_us=given.now_us, n=0 if outcome == "undecided" else 1_000,
                )
            )  # fmt: skip
        return tuple(found)

    def land(self, dataset: str, system: str, now_us: int, ctx: Context) -> DatasetVersion | None:
        if dataset != "_predictions":
            return None
        return self.landed(dataset, 1, ctx.tables.newest(dataset), ctx)

    def push(self, given: Any, ctx: Context) -> tuple[str, ...]:
        self.calls.append("push")
        return ()


def check_text_of(check: Check) -> str:
    from tidemill.spec.check import check_text

    return check_text(check)


def broken() -> ModelError:
    return ModelError("golden-mismatch", version="risk@2", row=3, expected=0.5, got=0.6)


__all__ = ["DAY", "HOUR", "NOON"]
