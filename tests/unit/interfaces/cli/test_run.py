"""`tidemill run` and a person's hand: real runs of a small system, their exit codes and what they say."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from random import Random

import pytest

from tests.unit.interfaces.cli.conftest import Type

SYSTEM = """\
import tidemill as tm

lender = tm.System("lender", owner="risk@bank.example", zone="UTC")
loans = lender.source("loans", tm.files("loans.csv"), key="loan_id", time="applied_at")
application = lender.request("application", loans, columns=["amount"])
lost = lender.label("lost", asked=loans, outcome="lost = 1")


@lender.model(
    label=lost, features=[application], split=tm.by_time(valid=0.2, test=0.3, refit="none"),
    gates=[tm.at_most("log_loss", {bound})],
)
def risk(train: tm.Data, valid: tm.Data) -> object:
    {body}
"""
FITS = "return float(train.y.mean())"
GATES = 'gates=[tm.at_most("log_loss", 1)],'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIDEMILL_USER", "min.park")
    draw = Random(7)
    with (tmp_path / "loans.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["loan_id", "applied_at", "amount", "lost"])
        for n in range(400):
            moment = f"2026-01-{n // 20 + 1:02d} {n % 20:02d}:00:00"
            rows.writerow([n, moment, round(draw.uniform(1, 100), 2), int(draw.random() < 0.3)])
    declare(tmp_path)
    return tmp_path


def declare(folder: Path, *, bound: float = 5.0, body: str = FITS) -> None:
    (folder / "system.py").write_text(SYSTEM.format(bound=bound, body=body), encoding="utf-8")


def test_a_run_ends_with_verdict_gates_and_what_comes_next(typed: Type, project: Path) -> None:
    result = typed("run", columns=100)
    assert result.exit_code == 0, result.stderr
    said = " ".join(result.stdout.split())
    for part in (
        "risk@1 is champion",
        "log_loss <= 5",
        "✓ passed",
        "The whole interval keeps the bound",
        "tidemill up",
    ):
        assert part in said
    assert [line.split()[1:3] for line in result.stderr.splitlines() if line.startswith("✓")] == [
        ["extract", "loans"], ["explore", "loans"], ["prepare", "risk"], ["train", "risk"], ["evaluate", "risk"],
        ["validate", "risk"], ["serve", "risk"],
    ]  # fmt: skip
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_without_gates_a_run_says_so(typed: Type, project: Path) -> None:
    (project / "system.py").write_text(SYSTEM.format(bound=1, body=FITS).replace(GATES, ""))
    said = typed("run").stdout
    assert "✓ risk@1 passed: its model declares no gates." in said
    assert "Gates" not in said
    assert "The gate said" not in typed("why", "risk@1").stdout


def test_a_refit_is_a_check_like_any_other(typed: Type, project: Path) -> None:
    system = SYSTEM.format(bound=1, body=FITS).replace(GATES, "").replace(', refit="none"', "")
    (project / "system.py").write_text(system)
    said, _, checks = " ".join(typed("run").stdout.split()).partition(" Gates ")
    assert "✓ risk@2 passed its gate: refit roc_auc >= 0.5" in said
    assert checks.count("refit roc_auc >= 0.5") == 1


def test_what_is_unchanged_is_taken_from_the_run_before(typed: Type, project: Path) -> None:
    typed("run")
    again = typed("run")
    assert again.exit_code == 0
    assert "↺ train risk" in again.stderr
    assert "↺ evaluate risk" in again.stderr or "✓ evaluate" not in again.stderr


def test_a_version_that_its_gate_refuses_ends_with_3_and_its_numbers(typed: Type, project: Path) -> None:
    declare(project, bound=0.1)
    result = typed("run")
    assert result.exit_code == 3
    said = " ".join(result.stdout.split())
    for part in ("risk@1 refused", "✗ failed", "The whole interval lies beyond the bound", "tidemill why risk@1"):
        assert part in said
    (model,) = json.loads(typed("status", "--json").stdout)["models"]
    assert model["champion"] is None


def test_a_training_function_that_raises_ends_with_1_and_its_line(typed: Type, project: Path) -> None:
    declare(project, body="raise ValueError('no rows like these')")
    result = typed("run")
    assert result.exit_code == 1
    said = " ".join(result.stdout.split())
    for part in ("risk failed", "no rows like these", "system.py:14", "train risk", "model.function-raised", "log.txt"):
        assert part in said
    declare(project)
    assert typed("run").exit_code == 0


def test_a_declaration_with_mistakes_does_not_begin(typed: Type, project: Path) -> None:
    (project / "system.py").write_text(SYSTEM.format(bound=1, body=FITS).replace('["amount"]', '["amout"]'))
    result = typed("run")
    assert result.exit_code == 1
    assert "Did you mean `amount`?" in result.stdout
    assert json.loads(typed("runs", "--json").stdout) == []


def test_a_system_without_models_has_nothing_to_run(typed: Type, project: Path) -> None:
    (project / "system.py").write_text(SYSTEM.partition("@lender.model")[0], encoding="utf-8")
    result = typed("run")
    assert result.exit_code in {1, 2}
    assert "settings.no-models" in result.stderr
    assert "`lender` declares no model." in " ".join(result.stderr.split())


def test_a_run_as_json_is_the_facts_it_left(typed: Type, project: Path) -> None:
    (ran,) = json.loads(typed("run", "--json").stdout)
    assert ran["run"]["state"] == "passed"
    assert ran["version"]["ordinal"] == 1
    assert ran["validation"]["verdicts"][0]["outcome"] == "passed"


def test_what_a_library_prints_in_training_is_in_the_log_and_not_among_the_facts(
    typed: Type, project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """LightGBM, imported at the top of the file, writes past Python."""
    system = SYSTEM.format(bound=5.0, body="return lgb.LGBMClassifier(n_estimators=2, n_jobs=1).fit(train.X, train.y)")
    (project / "system.py").write_text(f"import lightgbm as lgb\n{system}", encoding="utf-8")
    (ran,) = json.loads(typed("run", "--json").stdout)
    assert ran["run"]["state"] == "passed"
    assert capfd.readouterr().out == ""
    assert "tidemill.training: [LightGBM] [Info]" in (project / ".tidemill" / "runs" / "log.txt").read_text()


def test_a_person_promotes_and_takes_back_with_name_and_reason(typed: Type, project: Path) -> None:
    assert typed("run").exit_code == 0
    declare(project, body="return 0.35")
    assert typed("run").exit_code == 0
    back = typed("rollback", "risk", "--reason", "on second thought")
    assert back.exit_code == 0, back.stderr
    assert "● risk@1" in typed("status").stdout
    promoted = typed("promote", "risk@2", "--reason", "it was right")
    assert promoted.exit_code == 0, promoted.stderr
    assert "min.park" in promoted.stdout
    assert "● risk@2" in typed("status").stdout
    decided = typed("why", "risk@2").stdout
    assert decided.index("on second thought") < decided.index("it was right")


def test_pause_and_resume_are_told_with_who_and_why(typed: Type, project: Path) -> None:
    assert typed("pause", "--reason", "price feed").exit_code == 0
    paused = typed("status").stdout
    assert "min.park" in paused
    assert "price feed" in paused
    assert typed("resume", "--reason", "feed is back").exit_code == 0
    assert "▲" not in typed("status").stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("promote", "risk@9", "-r", "x"), "run.no-release"),
        (("promote", "risk", "-r", "x"), "settings.version-unread"),
        (("promote", "rsk@1", "-r", "x"), "settings.model-unknown"),
        (("rollback", "risk", "-r", "x"), "settings.nobody-answers"),
        (("pause",), "settings.command-misused"),
        (("pause", "-r", " "), "settings.no-reason"),
        (("run", "rsk"), "settings.model-unknown"),
    ],
)
def test_what_a_hand_cannot_do_is_said(typed: Type, project: Path, words: tuple[str, ...], code: str) -> None:
    result = typed(*words)
    assert result.exit_code in {1, 2}
    assert code in result.stderr


def test_a_replay_draws_three_curves_and_says_what_the_gates_did(typed: Type, project: Path) -> None:
    text = (project / "system.py").read_text()
    (project / "system.py").write_text(text + "\n\nlender.retrain(risk, tm.new_rows(lost, 60))\n")
    result = typed("replay", "--from", "2026-01-08", "--period", "day", columns=90)
    assert result.exit_code == 0, result.stderr
    for part in ("static", "retrained", "loop", "log_loss by day", "Turns", "let in"):
        assert part in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 90
    (replayed,) = json.loads(typed("replay", "--from", "2026-01-08", "--json").stdout)
    assert {turn["decision"] for turn in replayed["turns"]} <= {"first", "promoted", "untested"}


def test_a_hypothesis_is_marked_as_one(typed: Type, project: Path) -> None:
    result = typed("replay", "--from", "2026-01-15", "--labels", "at-once")
    assert "Hypothetical" in result.stdout
