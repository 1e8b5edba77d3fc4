"""A run: each stage once, resumed where it was interrupted, refused or failed without touching the champion."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

import tidemill as tm
from tests.unit.loop.kit import DAY, HOUR, NOON, Stand, declared
from tidemill.errors import BusyError, ModelError, SourceError, StoreError
from tidemill.facts.data import DatasetVersion, Profile
from tidemill.facts.model import Evaluation, ModelVersion, Validation
from tidemill.facts.release import Policy, Release
from tidemill.facts.run import Run, StageRun
from tidemill.facts.signal import Firing
from tidemill.loop import act
from tidemill.loop.hold import acquire
from tidemill.loop.pace import Pace
from tidemill.loop.run import adopt, lease_name, run_model
from tidemill.loop.why import why
from tidemill.ports.ledger import Lease
from tidemill.predict.bundle import files_of
from tidemill.stores.ledger.sqlite import SqliteLedger
from tidemill.stores.memory.ledger import MemoryLedger
from tidemill.stores.tables.parquet import ParquetTables

ALL = ["extract", "explore", "prepare", "train", "evaluate", "validate"]


def run(stand: Stand, **given: Any) -> Run:
    return run_model(stand.mill, "risk", stand.ctx, street=stand.street, **given)


def codes(stand: Stand) -> list[str]:
    return [event.code for event in stand.ledger.events()]


def releases(stand: Stand) -> dict[int, str]:
    return {one.ordinal: one.state for one in stand.ledger.find(Release)}


def test_the_first_run_ends_with_a_champion() -> None:
    stand = Stand()
    ended = run(stand)
    assert (ended.state, ended.version, ended.cause) == ("passed", "risk@1", "manual")
    assert stand.calls == [*ALL[:-1], "push", "validate", "push"], "what a trial looks up is there before it"
    assert releases(stand) == {1: "champion"}
    policy = stand.ledger.get(Policy, "bank", "risk")
    assert policy is not None
    assert policy.champion is not None
    assert (policy.seq, policy.champion.ordinal) == (1, 1)
    done = {stage.stage: stage for stage in stand.ledger.find(StageRun, run=ended.id)}
    assert list(done) == [*ALL, "serve"]
    assert {"code:kit", "function", "parameter:depth", "parameter:seed", "input:training_set"} <= done[
        "train"
    ].parts.keys()
    assert done["train"].parts["parameter:seed"] == "0"
    assert [what for what, _ in stand.progress[:2]] == ["extract/loans/begun", "extract/loans/done"]
    for kind in (DatasetVersion, Profile, Evaluation, Validation, ModelVersion):
        assert len(stand.ledger.find(kind)) == 1
    assert codes(stand)[0] == "event.run-begun"
    assert codes(stand)[-2:] == ["verdict.passed", "verdict.first"]


def test_what_did_not_change_is_not_done_again() -> None:
    stand = Stand()
    run(stand)
    stand.calls.clear()
    stand.clock.advance(hours=1)
    again = run(stand)
    assert (again.state, again.version) == ("passed", "risk@1")
    assert stand.calls == ["extract", "push"], "a source has to be read to know"
    assert codes(stand)[-1] == "event.nothing-new"
    assert releases(stand) == {1: "champion"}


def test_new_rows_are_a_new_version_that_begins_its_way() -> None:
    stand = Stand()
    run(stand)
    stand.rows = 150
    stand.clock.advance(days=1)
    second = run(stand)
    assert second.version == "risk@2"
    assert releases(stand) == {1: "champion", 2: "canary"}
    validated = stand.ledger.find(Validation)[-1]
    assert validated.champion == stand.ledger.find(ModelVersion)[0].bundle, "compared with the champion"
    old, new = stand.ledger.find(StageRun, stage="train")
    assert [change.part for change in why(new, old)] == ["input:training_set"]


def lose(stand: Stand, version: ModelVersion) -> str:
    """Takes the version's model file away; its digest."""
    digest = files_of(version.bundle, stand.blobs)["model"]
    del stand.blobs._blobs[digest]
    return digest


@pytest.mark.parametrize("refit", ["none", "forward"])
def test_a_result_whose_file_was_lost_is_made_anew(refit: Any) -> None:
    stand = Stand(system=declared(split=tm.by_time(valid=0.1, test=0.1, refit=refit)))
    released = run(stand).version
    stand.calls.clear()
    digest = lose(stand, stand.ledger.find(ModelVersion)[-1])
    again = run(stand)
    assert (again.state, again.version) == ("passed", released)
    assert stand.calls == ["extract", "train" if refit == "none" else "refit", "push"]
    assert stand.blobs.has(digest), "the same work gave the same bytes"
    assert releases(stand) == {1 if refit == "none" else 2: "champion"}
    stand.calls.clear()
    run(stand)
    assert stand.calls == ["extract", "push"], "what is whole again is not made a second time"


def test_a_champion_whose_files_are_lost_stops_no_run() -> None:
    stand = Stand()
    run(stand)
    lose(stand, stand.ledger.find(ModelVersion)[0])
    stand.rows = 150
    ended = run(stand)
    assert (ended.state, ended.version) == ("passed", "risk@2")
    assert stand.ledger.find(Evaluation)[-1].champion == "", "nothing to compare with"
    (line,) = [event for event in stand.ledger.events() if event.code == "event.champion-lost"]
    assert (line.subject, line.fields["error"]) == ("risk@1", "store.blob-missing")


def test_changed_gates_judge_again_without_training() -> None:
    stand = Stand(gates=("failed",))
    assert run(stand).state == "refused"
    stand.calls.clear()
    stand.gates = ("passed",)
    stand.system = declared(gates=[tm.at_least("roc_auc", 0.6)])
    ended = run(stand)
    assert stand.calls == ["extract", "evaluate", "push", "validate", "push"]
    assert (ended.state, ended.version) == ("passed", "risk@2"), "the same model under a number that was not refused"
    assert releases(stand) == {1: "refused", 2: "champion"}
    bundles = {version.bundle for version in stand.ledger.find(ModelVersion)}
    assert len(bundles) == 1


def test_a_refused_version_says_why_and_the_champion_stays() -> None:
    stand = Stand()
    run(stand)
    stand.rows, stand.gates = 200, ("passed", "failed")
    ended = run(stand)
    assert (ended.state, ended.version) == ("refused", "risk@2")
    assert releases(stand) == {1: "champion", 2: "refused"}
    (event,) = (event for event in stand.ledger.events() if event.code == "verdict.refused")
    assert (event.subject, event.fields["value"], event.fields["run"]) == ("risk@2", 0.65, ended.id)


def test_an_undecided_version_waits_in_shadow() -> None:
    stand = Stand()
    run(stand)
    stand.rows, stand.gates = 200, ("passed", "undecided")
    assert run(stand).state == "passed"
    assert releases(stand) == {1: "champion", 2: "shadow"}


@pytest.mark.parametrize("stage", ALL)
def test_a_stage_that_raises_ends_the_run_with_its_error(stage: str) -> None:
    stand = Stand()
    run(stand)
    stand.rows = 200
    stand.system = declared(gates=[tm.at_least("roc_auc", 0.6)])
    stand.fails[stage] = ModelError("function-raised", function="fit", words="no rows", rows=3)
    ended = run(stand)
    assert ended.state == "failed"
    assert ended.error["code"] == "model.function-raised"
    assert (ended.error["stage"], ended.error["rows"], ended.error["words"]) == (stage, 3, "no rows")
    assert releases(stand) == {1: "champion"}
    assert codes(stand)[-1] == "event.run-failed"
    stand.calls.clear()
    assert run(stand).state == "passed", "the next run goes on from there"
    assert "extract" in stand.calls


def test_an_error_that_is_none_of_ours_is_said_in_our_words() -> None:
    stand = Stand(fails={"train": ZeroDivisionError("division by zero")})
    ended = run(stand)
    assert (ended.error["code"], ended.error["error"]) == ("run.work-raised", "ZeroDivisionError")


def test_a_stopped_run_is_interrupted_and_goes_on() -> None:
    stand = Stand(fails={"train": KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt):
        run(stand)
    (stopped,) = stand.ledger.find(Run)
    assert stopped.state == "interrupted"
    stand.calls.clear()
    stand.clock.advance(hours=1)
    ended = run(stand)
    assert (ended.id, ended.state) == (stopped.id, "passed")
    assert stand.calls == ["train", "evaluate", "push", "validate", "push"], "what was finished is not repeated"
    assert [code for code in codes(stand) if "run-" in code] == [
        "event.run-begun", "event.run-interrupted", "event.run-resumed",
    ]  # fmt: skip


def dead(stand: Stand) -> Run:
    """A run whose process was killed in the middle: running in the ledger, its lease expired."""
    stand.fails["evaluate"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run(stand)
    (stopped,) = stand.ledger.find(Run)
    running = replace(stopped, state="running", ended_us=None)
    stand.ledger.commit(running)
    stand.calls.clear()
    return running


def test_a_dead_run_is_adopted_and_resumed() -> None:
    stand = Stand()
    killed = dead(stand)
    assert [one.state for one in adopt(stand.mill, stand.ctx)] == ["interrupted"]
    assert adopt(stand.mill, stand.ctx) == ()
    assert run(stand).id == killed.id
    assert stand.calls == ["evaluate", "push", "validate", "push"]


def test_a_run_that_is_alive_is_left_alone() -> None:
    stand = Stand()
    dead(stand)
    hold = acquire(stand.ledger, lease_name("bank", "risk"), Pace())
    assert hold is not None
    with hold:
        assert adopt(stand.mill, stand.ctx) == ()


@pytest.mark.parametrize("changes", [{"gates": [tm.at_least("roc_auc", 0.5)]}, None])
def test_an_old_run_or_one_of_another_declaration_is_not_taken_up(changes: dict[str, Any] | None) -> None:
    stand = Stand()
    killed = dead(stand)
    if changes:
        stand.system = declared(**changes)
    else:
        stand.clock.advance(days=2)
    ended = run(stand)
    assert ended.id != killed.id
    assert "train" not in stand.calls, "what it finished still counts"


def test_a_run_whose_processes_die_again_and_again_has_failed() -> None:
    stand = Stand()
    killed = dead(stand)
    for _ in range(2):
        adopt(stand.mill, stand.ctx)
        stand.ledger.commit(killed)
    (last,) = adopt(stand.mill, stand.ctx)
    assert (last.state, last.error["code"]) == ("failed", "run.died-repeatedly")
    assert run(stand).id != killed.id


class Watched(MemoryLedger):
    """Tells when somebody asks who holds a lease: a second run that waits does."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = Event()

    def holder(self, name: str) -> Lease | None:
        self.asked.set()
        return super().holder(name)


def test_a_second_run_waits_for_the_first_or_is_refused() -> None:
    ledger = Watched()
    stand = Stand(ledger=ledger, pace=Pace(lease_s=30.0, beat_s=5.0))
    begun, go_on = Event(), Event()
    street = stand.street

    def slowly(given: Any, ctx: Any) -> Any:
        begun.set()
        assert go_on.wait(20)
        return stand.train(given, ctx)

    slow = replace(street, train=slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run_model, stand.mill, "risk", stand.ctx, street=slow)
        assert begun.wait(20)
        with pytest.raises(BusyError) as refused:
            run(stand, busy="refuse")
        assert refused.value.code == "busy.run-going"
        second = pool.submit(run_model, stand.mill, "risk", stand.ctx, street=street)
        assert ledger.asked.wait(20)
        go_on.set()
        assert first.result(20) == second.result(20)
    assert refused.value.fields["run"] == first.result().id
    assert stand.calls.count("train") == 1


def test_a_run_of_another_declaration_is_waited_for_and_not_taken_for_ours() -> None:
    ledger = Watched()
    stand = Stand(ledger=ledger, pace=Pace(lease_s=30.0, beat_s=5.0))
    begun, go_on = Event(), Event()
    street = stand.street

    def slowly(given: Any, ctx: Any) -> Any:
        begun.set()
        assert go_on.wait(20)
        return stand.train(given, ctx)

    edited = replace(stand.mill, system=declared(gates=[tm.at_least("roc_auc", 0.9)]))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run_model, stand.mill, "risk", stand.ctx, street=replace(street, train=slowly))
        assert begun.wait(20)
        second = pool.submit(run_model, edited, "risk", stand.ctx, street=street)
        assert ledger.asked.wait(20)
        go_on.set()
        assert first.result(20).id != second.result(20).id
    assert [run.declaration == first.result().declaration for run in stand.ledger.find(Run)] == [True, False]


def test_a_process_that_was_taken_for_dead_writes_nothing_more() -> None:
    stand = Stand()
    name = lease_name("bank", "risk")

    def overtaken(given: Any, ctx: Any) -> Any:
        held = stand.ledger.holder(name)
        assert held is not None
        stand.ledger.give_up(held)
        assert stand.ledger.acquire(name, owner="another", ttl_us=60_000_000) is not None
        return stand.train(given, ctx)

    with pytest.raises(StoreError) as raised:
        run_model(stand.mill, "risk", stand.ctx, street=replace(stand.street, train=overtaken))
    assert raised.value.code == "store.lease-lost"
    assert stand.ledger.find(ModelVersion) == ()
    (left,) = stand.ledger.find(Run)
    assert left.state == "running", "the one that has the lease now says what became of it"


def test_the_refit_is_released_after_the_tested_version_passed() -> None:
    stand = Stand(system=declared(split=tm.by_time(valid=0.1, test=0.1)))
    ended = run(stand)
    assert stand.calls == [*ALL[:-1], "push", "validate", "refit", "evaluate", "push"]
    assert ended.version == "risk@2"
    assert releases(stand) == {2: "champion"}
    tested, refit = stand.ledger.find(ModelVersion)
    assert (tested.role, refit.role, refit.tested) == ("tested", "refit", "risk@1")
    assert [stage.subject for stage in stand.ledger.find(StageRun, stage="train")] == ["risk", "risk/refit"]
    stand.calls.clear()
    assert run(stand).version == "risk@2"
    assert stand.calls == ["extract", "push"]


def test_a_refit_that_broke_is_refused() -> None:
    stand = Stand(system=declared(split=tm.by_time(valid=0.1, test=0.1)), refit_auc=0.5)
    ended = run(stand)
    assert (ended.state, releases(stand)) == ("refused", {2: "refused"})


@pytest.mark.parametrize(("auc", "outcome"), [(0.9, "passed"), (0.5, "failed")])
def test_what_is_said_of_the_gate_stands_in_the_record_the_refit_too(auc: float, outcome: str) -> None:
    stand = Stand(system=declared(split=tm.by_time(valid=0.1, test=0.1)), refit_auc=auc)
    for _ in range(2):
        run(stand)
        (kept,) = stand.ledger.find(Validation)
        assert [(one.check.partition(" ")[0], one.outcome) for one in kept.verdicts] == [
            ("roc_auc", "passed"), ("refit", outcome),
        ]  # fmt: skip
        assert kept.outcome == outcome


def test_waiting_firings_are_answered_by_the_run() -> None:
    stand = Stand()
    stand.ledger.commit(Firing(system="bank", model="risk", trigger="cron 0 3 * * *", window="1", at_us=NOON))
    ended = run(stand)
    assert [firing.run for firing in stand.ledger.find(Firing)] == [ended.id]


def test_words_that_are_not_active_are_said_at_the_beginning() -> None:
    stand = Stand(system=declared(trials=20))
    ended = run(stand)
    (note,) = (event for event in stand.ledger.events() if event.code == "run.not-active")
    assert (note.subject, note.fields["word"], note.fields["given"]) == (ended.id, "trials", "20")


def test_a_dataset_version_that_a_crash_kept_from_the_ledger_is_adopted() -> None:
    stand = Stand()
    stand.landed("loans", 100, None, stand.ctx)
    assert stand.ledger.find(DatasetVersion) == ()
    run(stand)
    assert [version.number for version in stand.ledger.find(DatasetVersion)] == [1]


def test_a_manifest_that_was_lost_is_written_again_from_the_ledger(tmp_path: Path) -> None:
    stand = Stand(tables=ParquetTables(tmp_path))
    run(stand)
    stand.rows = 150
    run(stand)
    (manifest,) = tmp_path.glob("manifests/loans/v00000002.json")
    whole = manifest.read_bytes()
    for damage in (lambda: manifest.write_text("nonsense"), manifest.unlink):
        manifest.chmod(0o644)
        damage()
        assert run(stand).state == "passed"
        assert manifest.read_bytes() == whole
    assert codes(stand).count("event.manifest-restored") == 2


def test_a_source_that_another_process_read_first_is_read_again() -> None:
    stand = Stand(fails={"extract": StoreError("version-taken", dataset="loans", number=1)})
    assert run(stand).state == "passed"
    assert stand.calls[:2] == ["extract", "extract"]


def test_look_ups_that_the_loop_has_are_left_to_it() -> None:
    stand = Stand()

    def busy(given: Any, ctx: Any) -> Any:
        raise BusyError("online-written-elsewhere", path="online")

    ended = run_model(stand.mill, "risk", stand.ctx, street=replace(stand.street, push=busy))
    assert (ended.state, releases(stand)) == ("passed", {1: "champion"})


def test_a_version_that_does_not_answer_as_packed_is_not_let_in() -> None:
    from tests.unit.loop.kit import broken

    stand = Stand(fails={"serve": broken()})
    assert run(stand).state == "passed"
    assert releases(stand) == {1: "refused"}
    assert codes(stand)[-1] == "verdict.not-let-in"
    assert stand.ledger.get(Policy, "bank", "risk") is None


def test_advice_moves_nothing_until_a_person_does() -> None:
    stand = Stand(automation="advise")
    run(stand)
    assert releases(stand) == {1: "validated"}
    for _ in range(3):
        act.settle(stand.mill, "risk", stand.ctx, stand.street)
    advice = [event for event in stand.ledger.events() if event.code == "event.advised"]
    assert [(one.fields["decision"], one.fields["version"]) for one in advice] == [("verdict.first", "risk@1")]
    act.promoted(stand.mill, "risk", 1, stand.ctx, who="min.park", why="looks good", street=stand.street)
    assert releases(stand) == {1: "champion"}
    last = stand.ledger.events(newest=1)[0]
    assert (last.code, last.by, last.fields["reason"]) == ("verdict.promoted-by", "min.park", "looks good")


def test_everything_is_read_back_from_a_real_ledger(tmp_path_factory: pytest.TempPathFactory) -> None:
    stand = Stand(ledger=SqliteLedger(tmp_path_factory.mktemp("ledger") / "ledger.db"))
    run(stand)
    stand.calls.clear()
    assert run(stand).version == "risk@1"
    assert stand.calls == ["extract", "push"]
    stand.ledger.close()


def test_a_source_that_cannot_be_reached_is_told(caplog: pytest.LogCaptureFixture) -> None:
    stand = Stand()
    run(stand)
    stand.fails["extract"] = SourceError("unreachable", where="loans", words="no route")
    ended = run(stand)
    assert (ended.state, ended.error["code"], ended.error["subject"]) == ("failed", "source.unreachable", "loans")
    assert ended.id in caplog.text
    assert DAY > HOUR
