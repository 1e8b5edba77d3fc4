"""What the record says of a system: who answers, how versions did, what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.app.kept import BUNDLES, CHECK, HOUR, RUNS, START, declared, fill
from tidemill.app import dataset, inspect
from tidemill.facts.data import Value
from tidemill.facts.event import Event
from tidemill.spec.declaration import Declaration
from tidemill.stores.memory.journal import MemoryJournal
from tidemill.stores.memory.ledger import MemoryLedger
from tidemill.stores.memory.tables import MemoryTables


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Declaration, MemoryLedger, MemoryTables]:
    ledger, tables = MemoryLedger(), MemoryTables()
    fill(ledger, tables, MemoryJournal())
    return declared(tmp_path).declaration, ledger, tables


def test_says_who_answers_who_wants_to_and_how_the_last_run_ended(
    kept: tuple[Declaration, MemoryLedger, MemoryTables],
) -> None:
    found = inspect.status(*kept, now_us=START)
    (model,) = found.models
    assert model.champion is not None
    assert model.challenger is not None
    assert (model.champion.name, model.challenger.name) == ("risk@1", "risk@2")
    assert model.run is not None
    assert (model.run.id, model.run.state) == (RUNS[2], "refused")
    assert [alert.fingerprint for alert in found.alerts] == ["x"]


def test_says_what_answers_where_the_champion_cannot_be_loaded(
    kept: tuple[Declaration, MemoryLedger, MemoryTables],
) -> None:
    def told(code: str, **fields: Value) -> None:
        given = {"model": "risk", "version": "risk@1", **fields}
        event = Event(at_us=START, system="lender", code=code, subject="risk@1", by="w0", fields=given)
        kept[1].commit(events=[event])

    def refused() -> Event | None:
        return inspect.status(*kept, now_us=START).models[0].refused

    assert refused() is None
    told("event.bundle-refused", error="model.proof-late", answers="risk@0")
    found = refused()
    assert found is not None
    assert found.fields["answers"] == "risk@0"
    told("event.bundle-loaded")
    assert refused() is None


def test_of_each_monitor_the_newest_reading_counts(kept: tuple[Declaration, MemoryLedger, MemoryTables]) -> None:
    (model,) = inspect.status(*kept, now_us=START).models
    assert [(one.monitor, one.outcome, one.until_us) for one in model.readings] == [
        (CHECK, "failed", START + 40 * HOUR)
    ]


def test_versions_come_newest_first_with_gate_release_and_their_own_figures(
    kept: tuple[Declaration, MemoryLedger, MemoryTables],
) -> None:
    found = inspect.versions(kept[1], "lender", newest=2)
    assert [one.version.bundle for one in found] == [BUNDLES[2], BUNDLES[1]]
    assert [one.release and one.release.state for one in found] == ["refused", "canary"]
    assert [one.validation and one.validation.outcome for one in found] == ["failed", "passed"]
    assert [[score.against for score in one.scores] for one in found] == [[""], [""]]


def test_datasets_stand_with_their_findings_and_history(kept: tuple[Declaration, MemoryLedger, MemoryTables]) -> None:
    system, ledger, tables = kept
    assert [(one.version.name, one.findings) for one in dataset.datasets(system, ledger, tables)] == [
        ("loans@v2", None)
    ]
    last = tables.version("loans", 2)
    assert [(one.version.name, one.findings) for one in dataset.history(last, ledger, tables, newest=5)] == [
        ("loans@v2", None),
        ("loans@v1", 1),
    ]


def test_another_systems_record_is_not_mixed_in(kept: tuple[Declaration, MemoryLedger, MemoryTables]) -> None:
    ledger = kept[1]
    assert inspect.runs(ledger, "other", newest=5) == ()
    assert inspect.releases(ledger, "other", newest=5) == ()
    assert inspect.alerts(ledger, "other") == ()
    assert inspect.diary(ledger, "other", newest=5) == ()
