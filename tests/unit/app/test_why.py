"""The chain behind a thing: from an answer to rows and code; and what made a stage run again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.app.kept import BUNDLES, HOUR, RUNS, START, declared, fill
from tidemill.app import why
from tidemill.errors import SettingsError
from tidemill.stores.memory.journal import MemoryJournal
from tidemill.stores.memory.ledger import MemoryLedger
from tidemill.stores.memory.tables import MemoryTables


@pytest.fixture
def asked(tmp_path: Path) -> tuple[why.Record, str]:
    ledger, tables, journal = MemoryLedger(), MemoryTables(), MemoryJournal()
    id = fill(ledger, tables, journal)
    system = declared(tmp_path).declaration
    return why.Record(system=system, ledger=ledger, tables=tables, journal=journal), id


def test_an_answer_leads_to_version_run_training_set_watermark_and_code(asked: tuple[why.Record, str]) -> None:
    record, id = asked
    chain = why.of(id, record)
    assert chain.answer is not None
    assert (chain.answer.version, chain.answer.score, chain.answer.decision) == ("risk@1", 0.125, "approve")
    assert chain.answer.features == {"application.amount": 100.0, "application.state": None}
    assert chain.version is not None
    assert chain.version.bundle == BUNDLES[0]
    assert chain.run is not None
    assert chain.run.id == RUNS[0]
    assert chain.training_set is not None
    assert chain.training_set.immature == 17
    assert [(one.name, one.watermark_us) for one in chain.datasets] == [("loans@v1", START + 3 * HOUR)]
    assert chain.code == {"code:system": "0" * 64, "lock:numpy": "2.0"}
    assert chain.validation is not None
    assert [event.subject for event in chain.decisions] == ["risk@1"]


def test_a_version_a_model_and_a_run_lead_the_same_way(asked: tuple[why.Record, str]) -> None:
    record, _ = asked
    assert why.of("risk", record).version == why.of("risk@1", record).version
    by_run = why.of(RUNS[2], record)
    assert by_run.version == why.of("risk@3", record).version
    assert [one.stage for one in by_run.stages] == ["train"]
    assert by_run.firing is not None
    assert by_run.firing.evidence == {"rows": 103}


def test_a_dataset_version_leads_to_those_before_it_and_what_was_found(asked: tuple[why.Record, str]) -> None:
    chain = why.of("loans@v2", asked[0])
    assert [one.name for one in chain.datasets] == ["loans@v2", "loans@v1"]
    assert [one.number for one in chain.profiles] == [1]


def test_a_stage_names_the_parts_of_its_key_that_changed(asked: tuple[why.Record, str]) -> None:
    (change,) = why.of_stage("train", asked[0])
    assert [(one.part, one.before, one.after) for one in change.changes] == [("code:system", "1" * 64, "2" * 64)]
    assert (change.newest.run, change.before and change.before.run) == (RUNS[2], RUNS[1])


@pytest.mark.parametrize("name", ["risk@9", "run_nope", "w0.1-99999", "nothing at all", "rsk"])
def test_what_nobody_knows_is_said(asked: tuple[why.Record, str], name: str) -> None:
    with pytest.raises(SettingsError) as raised:
        why.of(name, asked[0])
    assert raised.value.code == "settings.nothing-known"


def test_a_dataset_is_named_as_everywhere(asked: tuple[why.Record, str]) -> None:
    record = asked[0]
    assert why.of("loans", record).subject == "loans@v2"
    assert why.of("loans@2026-11-30", record).subject == "loans@v2"
    assert why.of("loans@2026-11-01T12:30", record).subject == "loans@v1"
    for name, code in (("loans@v9", "dataset-version-unknown"), ("lons@v1", "dataset-unknown")):
        with pytest.raises(SettingsError, match=code):
            why.of(name, record)


def test_of_data_that_was_taken_away_the_ledger_still_tells(asked: tuple[why.Record, str]) -> None:
    record, id = asked
    before = why.of(id, record).datasets
    record.tables.remove([record.tables.version("loans", 1)])
    assert why.of(id, record).datasets == before
    assert [one.name for one in before] == ["loans@v1"]


def test_the_nearest_name_is_offered(asked: tuple[why.Record, str]) -> None:
    with pytest.raises(SettingsError) as raised:
        why.of("rsk", asked[0])
    assert raised.value.fields["nearest"] == "risk"


def test_of_a_ranking_one_position_is_asked_for() -> None:
    logged = {
        "asked_at_us": 1, "model": "ranker", "version": "ranker@1", "arm": "champion", "policy": 1, "keys": {"c": 1},
        "looked_up": {"a": 1}, "computed": {}, "score": None, "decision": None, "flags": [],
        "shown": [{"item": "x", "position": 1, "score": 0.5, "looked_up": {"i": 2}, "computed": {"j": 3}}],
    }  # fmt: skip
    answer = why.answered("w.1-2:1", logged, 1)
    assert (answer.item, answer.position, answer.score) == ("x", 1, 0.5)
    assert answer.features == {"a": 1, "i": 2, "j": 3}
