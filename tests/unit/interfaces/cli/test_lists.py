"""Lists and chains of the record: as tables that fit, and as JSON with everything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.app.kept import BUNDLES, RUNS, START, declared
from tests.unit.interfaces.cli.conftest import Project, Type
from tidemill.app.context import open_ledger
from tidemill.app.settings import settings
from tidemill.facts.data import Value
from tidemill.facts.event import Event

LISTS = (
    ("status",), ("runs",), ("models",), ("releases",), ("alerts",), ("alerts", "--all"), ("datasets",),
    ("datasets", "loans"), ("datasets", "loans@v1"), ("datasets", "diff", "loans@v1", "loans"),
    ("why", "risk"), ("why", "risk@3"), ("why", RUNS[1]), ("why", "loans@v1"), ("why", "train"),
)  # fmt: skip


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
@pytest.mark.parametrize("columns", [80, 120])
def test_every_table_fits_the_terminal(typed: Type, project: Project, words: tuple[str, ...], columns: int) -> None:
    result = typed(*words, columns=columns)
    assert result.exit_code == 0, result.output
    assert max(len(line) for line in result.stdout.splitlines()) <= columns
    assert "…" not in result.stdout


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_every_list_is_json_on_demand(typed: Type, project: Project, words: tuple[str, ...]) -> None:
    result = typed(*words, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)


def test_status_says_who_answers_who_wants_to_and_what_is_wrong(typed: Type, project: Project) -> None:
    said = typed("status").stdout
    for part in ("● risk@1", "◐ risk@2, 5%", "✗ refused", "✗ failed", "0.660 (0.630 to 0.690)", "loans@v2", "critical"):
        assert part in said


def test_status_says_what_answers_where_the_champion_cannot_be_loaded(typed: Type, project: Project) -> None:
    ledger = open_ledger(settings(project.folder, declared(project.folder).folder))
    for answers, shown in (("risk@0", "▲ risk@0"), (None, "nobody")):
        fields: dict[str, Value] = {
            "model": "risk", "version": "risk@1", "error": "model.proof-late", "answers": answers,
        }  # fmt: skip
        code = "event.bundle-refused"
        ledger.commit(events=[Event(at_us=START, system="lender", code=code, subject="risk@1", fields=fields)])
        said = typed("status").stdout
        assert shown in said
        assert "● risk@1" not in said
        assert "risk@1 could not be loaded to answer (model.proof-late)" in said
    ledger.close()


def test_models_show_figures_with_their_intervals(typed: Type, project: Project) -> None:
    said = typed("models").stdout
    assert "roc_auc 0.610 (0.590 to 0.630)" in said
    assert said.index("risk@3") < said.index("risk@1")


def test_an_answer_is_followed_down_to_its_code(typed: Type, project: Project) -> None:
    said = typed("why", project.answer).stdout
    for part in (
        "0.125",
        "approve",
        "unknown:state",
        "risk@1",
        RUNS[0],
        "loans@v1",
        BUNDLES[0][:12],
        "numpy 2.0",
        "17",
    ):
        assert part in said


def test_why_shows_what_a_training_set_proved_and_what_its_figures_stand_on(typed: Type, project: Project) -> None:
    said = " ".join(typed("why", "risk@3").stdout.split())
    assert "✓ train<test: No outcome of one part was known later than the next part begins: 1 hour lie between." in said
    assert "17 of 1,700 asks (1.0%) are left out: their outcome is not known yet." in said


def test_a_stage_says_which_part_of_its_key_changed(typed: Type, project: Project) -> None:
    said = typed("why", "train").stdout
    assert "code:system" in said
    assert "lock:numpy" not in said


def test_the_beginning_of_a_runs_id_is_enough(typed: Type, project: Project) -> None:
    assert RUNS[2] in typed("why", RUNS[2][:17]).stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("why", "rsk"), "settings.nothing-known"),
        (("runs", "-m", "rsk"), "settings.model-unknown"),
        (("datasets", "lons"), "settings.dataset-unknown"),
        (("datasets", "loans@v7"), "settings.dataset-version-unknown"),
        (("datasets", "loans@2026-10-01"), "settings.dataset-not-then"),
        (("datasets", "diff", "loans", "loans@7"), "settings.dataset-ref-unread"),
        (("datasets", "diff", "lons"), "settings.dataset-unknown"),
        (("datasets", "prune", "--keep", "a month"), "settings.keep-unread"),
        (("explore", "loans@v7"), "settings.dataset-version-unknown"),
        (("status", "--env", "prod"), "settings.environment-unknown"),
    ],
)
def test_what_is_not_there_is_said_with_the_way_out(
    typed: Type, project: Project, words: tuple[str, ...], code: str
) -> None:
    result = typed(*words)
    assert result.exit_code == 2
    assert code in result.stderr


@pytest.mark.parametrize("name", ["runs", "models", "releases", "alerts", "datasets"])
def test_an_empty_list_says_what_fills_it(
    typed: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "system.py").write_text('import tidemill as tm\n\nempty = tm.System("empty", owner="o")\n')
    result = typed(name)
    assert result.exit_code == 0
    assert "tidemill" in result.stdout
    assert json.loads(typed(name, "--json").stdout) == []
