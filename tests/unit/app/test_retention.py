"""Which dataset versions may go: never what answers, is made, is young or is compared with next."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from tests.unit.loop.kit import version as model_version
from tidemill.app import retention
from tidemill.app.retention import planned, pruned, stale
from tidemill.facts.data import Profile, TrainingSet
from tidemill.facts.model import Evaluation, ModelVersion
from tidemill.facts.release import Release, State
from tidemill.facts.run import Run
from tidemill.ports.tables import Waste
from tidemill.stores.memory.blobs import MemoryBlobs
from tidemill.stores.memory.ledger import MemoryLedger
from tidemill.stores.memory.tables import MemoryTables
from tidemill.testing.tables import draft

DAY = 86_400_000_000
NOW = 100 * DAY
COUNT = 40


def training_set(digest: str, versions: tuple[str, ...]) -> TrainingSet:
    return TrainingSet(
        system="bank", model="risk", label="bad", digest=digest, blob="", frame="", recipe="", features=(), parts=(),
        until_us=0, immature=0, versions=versions, at_us=0,
    )  # fmt: skip


class Kept:
    """A dataset with a version a day, the last one today; days count back from now."""

    def __init__(self) -> None:
        self.ledger, self.tables, self.blobs = MemoryLedger(), MemoryTables(), MemoryBlobs()
        self.all = retention.Kept(ledger=self.ledger, tables=self.tables, blobs=self.blobs)
        version = None
        for n in range(1, COUNT + 1):
            file = self.tables.stage("events", pa.table({"n": [n]}), time="")
            version = self.tables.commit(replace(draft(file), at_us=NOW - (COUNT - n) * DAY), version)

    def model(self, ordinal: int, number: int, state: State | None = None, **changes: object) -> None:
        """A version of the model `risk` trained on that version of the data 90 days ago, maybe released."""
        digest = f"set {ordinal}"
        made = model_version(ordinal, training_set=digest, at_us=NOW - 90 * DAY)
        self.ledger.commit(made, training_set(digest, (f"events@v{number}",)))
        if state is not None:
            release = Release(
                system=made.system, model=made.model, ordinal=ordinal, bundle=made.bundle, state=state,
                step_since_us=0, at_us=0,
            )  # fmt: skip
            self.ledger.commit(replace(release, **changes))  # type: ignore[arg-type]  # fields by name

    def stay(self, keep_days: float) -> set[int]:
        """Numbers of the versions that would stay."""
        plan = planned(self.all, keep_us=round(keep_days * DAY), now_us=NOW)
        gone = {int(name.rpartition("v")[2]) for each in plan.datasets for name in each.gone}
        (each,) = plan.datasets
        assert each.stay == COUNT - len(gone)
        return set(range(1, COUNT + 1)) - gone


@pytest.fixture
def kept() -> Kept:
    return Kept()


def test_what_can_be_named_within_the_time_stays(kept: Kept) -> None:
    assert kept.stay(10) == set(range(30, 41))
    assert kept.stay(9.5) == set(range(30, 41))
    assert kept.stay(400) == set(range(1, 41))
    assert kept.stay(1e-9) == {39, 40}


@pytest.mark.parametrize("state", ["champion", "canary", "shadow", "validated"])
def test_what_made_a_version_in_traffic_stays(kept: Kept, state: State) -> None:
    kept.model(1, 5, state)
    assert kept.stay(1) == {5, 39, 40}


@pytest.mark.parametrize("state", ["refused", "superseded", "rolled_back"])
def test_what_made_a_version_out_of_traffic_may_go(kept: Kept, state: State) -> None:
    kept.model(1, 5, state)
    assert kept.stay(1) == {39, 40}


def test_what_a_roll_back_would_answer_with_stays(kept: Kept) -> None:
    kept.model(1, 3, "superseded")
    kept.model(2, 5, "superseded")
    kept.model(3, 8, "champion", previous=2)
    assert kept.stay(1) == {5, 8, 39, 40}


def test_a_young_version_needs_its_data_and_a_refit_that_of_the_tested_one(kept: Kept) -> None:
    kept.model(1, 3)
    made = kept.ledger.get(ModelVersion, "bank", "risk", 1)
    assert made is not None
    kept.ledger.commit(
        replace(made, ordinal=2, role="refit", tested="risk@1", training_set="set 2", at_us=NOW - DAY),
        training_set("set 2", ("events@v7",)),
    )
    assert kept.stay(2) == {3, 7, 38, 39, 40}
    assert kept.stay(0.5) == {39, 40}


def test_a_run_under_way_goes_on_with_what_was_newest_when_it_began(kept: Kept) -> None:
    run = Run(id="r", system="s", model="m", state="running", cause="", declaration="", at_us=NOW - 6 * DAY + 1)
    kept.ledger.commit(run)
    assert kept.stay(1) == set(range(34, 41))
    kept.ledger.commit(replace(run, state="interrupted"))
    assert kept.stay(1) == {39, 40}


def test_the_last_two_that_were_explored_stay_to_be_compared_with(kept: Kept) -> None:
    for number in (2, 9, 20):
        version = kept.tables.version("events", number)
        kept.ledger.commit(Profile(
            system="shop", dataset="events", number=number, manifest=version.manifest, rows=1, put_aside=0,
            duplicates=0, first_us=None, last_us=None, columns=(), findings=(), at_us=0,
        ))  # fmt: skip
    assert kept.stay(1) == {9, 20, 39, 40}


def test_pruning_does_what_was_planned_and_says_so_in_the_diary(kept: Kept) -> None:
    kept.model(1, 20, "champion")
    plan = planned(kept.all, keep_us=DAY, now_us=NOW)
    assert kept.tables.numbers("events") == tuple(range(1, 41))
    assert kept.ledger.events() == ()
    done = pruned(kept.all, keep_us=DAY, now_us=NOW, system="lender", who="ann")
    assert done == plan
    assert plan.waste.files > 0
    assert kept.tables.numbers("events") == (20, 39, 40)
    for number in (20, 39, 40):
        read = kept.tables.read(kept.tables.version("events", number).files)
        assert read["n"].to_pylist() == list(range(1, number + 1))
    (event,) = kept.ledger.events()
    assert (event.code, event.by, event.fields["versions"]) == ("event.pruned", "ann", 37)
    again = pruned(kept.all, keep_us=DAY, now_us=NOW, system="lender", who="ann")
    assert (again.versions, again.waste) == (0, Waste(files=0, bytes=0))
    assert len(kept.ledger.events()) == 1


def test_parts_of_training_sets_stay_as_long_as_a_wanted_version_a_young_or_the_last_set_has_them(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "SETTLED_S", 0.0)
    blobs = {name: kept.blobs.put(name.encode()) for name in ("shared", "old", "answers", "last", "judged", "frame")}
    kept.model(1, 20)
    kept.model(2, 20, "champion")
    parts = {1: ("shared", "old", "judged"), 2: ("shared", "answers"), 3: ("shared", "last")}
    for ordinal, names in parts.items():
        made = training_set(f"set {ordinal}", ("events@v20",))
        slices = tuple(blobs[name] for name in names)
        kept.ledger.commit(replace(made, slices=slices, frame=blobs["frame"] if ordinal == 1 else "", at_us=ordinal))
    kept.ledger.commit(Evaluation(
        system="bank", model="risk", bundle="b", training_set="set 1", champion="", scores=(), blob=blobs["judged"],
        at_us=0,
    ))  # fmt: skip
    assert stale(kept.ledger, 0) == frozenset()
    assert stale(kept.ledger, NOW) == {blobs["old"], blobs["frame"]}
    plan = planned(kept.all, keep_us=DAY, now_us=NOW)
    done = pruned(kept.all, keep_us=DAY, now_us=NOW, system="bank", who="ann")
    assert done == plan
    assert {name for name, digest in blobs.items() if kept.blobs.has(digest)} == {"shared", "answers", "last", "judged"}
