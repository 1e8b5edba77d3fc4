"""A contract is written from good rows, reviewed and kept: a feed that breaks it trains nothing, who answers stays."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree

import pytest

from tests.story.test_notices import Hook, hook
from tests.story.typed import Project, Row, rows
from tidemill.app.find import find
from tidemill.app.settings import settings
from tidemill.app.turn import open_wheel

__all__ = ["hook"]
"""A webhook that keeps what it is told."""

GOOD = 300


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project that ran once and has a contract of what it saw."""
    made = Project(tmp_path_factory.mktemp("first") / "project")
    assert made.typed("run").code == 0
    assert made.typed("contract", "loans").code == 0
    return made.folder


@pytest.fixture
def project(first: Path, tmp_path: Path) -> Project:
    copytree(first, tmp_path / "project")
    return Project(tmp_path / "project")


def later(project: Project, good: int = 0, **wrong: object) -> list[Row]:
    """Forty rows more, each but the first `good` of them with what is wrong."""
    every = rows(GOOD + 40)
    project.table([*every[: GOOD + good], *({**row, **wrong} for row in every[GOOD + good :])])
    return every


def says(project: Project, before: str, after: str) -> None:
    """The contract says it otherwise."""
    file = project.folder / "contracts" / "loans.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_a_contract_is_written_once_and_then_shown_with_how_it_was_kept(project: Project) -> None:
    text = (project.folder / "contracts" / "loans.toml").read_text(encoding="utf-8")
    assert 'unique = { of = ["loan_id"], else = "stop" }' in text
    assert 'values = { among = ["CA", "FL", "TX"], most = 0.001, else = "warn" }' in text
    assert 'type = { is = "int", else = "stop" }' in text
    shown = project.typed("contract", "loans")
    assert shown.code == 0
    assert "made from loans@v1; no rows were judged by it yet" in shown
    assert (project.folder / "contracts" / "loans.toml").read_text(encoding="utf-8") == text
    later(project)
    assert project.typed("run").code == 0
    assert "loans@v2 was judged by it" in project.typed("contract")
    assert "loans@v2 would change nothing" in project.typed("contract", "--diff")


def test_a_column_that_comes_empty_stops_the_run_before_training_and_why_names_it(project: Project) -> None:
    champion = project.champion()
    later(project, amount="")
    ended = project.typed("run")
    assert ended.code == 1
    for said in (
        "data.contract-broken",
        "loans@v2 breaks the contract of loans",
        "amount: type",
        "contracts/loans.toml",
    ):
        assert said in ended
    run = json.loads(project.typed("runs", "--json").out)[0]
    why = project.typed("why", run["id"])
    assert "loans@v2 breaks the contract of loans: `amount: type` is empty, promised is `int`" in why
    assert "train" not in [
        stage["stage"] for stage in json.loads(project.typed("why", run["id"], "--json").out)["stages"]
    ]
    assert project.champion() == champion
    found = project.typed("why", "loans@v2")
    assert "loans breaks its contract: `amount: type` is empty" in found
    later(project, amount="70")
    assert project.typed("run").code == 0, "corrected rows heal it"


def test_a_warning_is_told_and_a_person_may_say_what_it_is(project: Project) -> None:
    later(project, state="XX")
    ended = project.typed("run")
    assert ended.code == 0
    assert "loans breaks its contract: `state: values` is 1, promised is `in CA, FL, TX`; 40 of 40 new rows" in ended
    changed = project.typed("contract", "--diff")
    assert "state: values" in changed
    says(project, '"TX"], most = 0.001, else = "warn"', '"TX"], most = 0.001, else = "stop"')
    assert "data.contract-broken" in project.typed("run"), "the same rows are judged by what the file says now"
    says(project, '"TX"]', '"TX", "XX"]')
    assert project.typed("run").code == 0


def test_rows_are_put_aside_as_the_contract_says(project: Project) -> None:
    says(project, "put_aside = { most = 0.05", "put_aside = { most = 1")
    says(project, '"TX"], most = 0.001, else = "warn"', '"TX"], else = "put-aside"')
    later(project, state="XX")
    assert project.typed("run").code == 0
    version = json.loads(project.typed("datasets", "loans", "--json").out)[0]["version"]
    assert (version["rows"], version["put_aside"]) == (GOOD, 40)


@pytest.mark.parametrize(
    ("wrong", "good", "rule", "value"),
    [({"amount": ""}, 0, "amount: type", "empty"), ({"state": "XX"}, 20, "put_aside", 0.5)],
)
def test_people_are_told_by_an_alert_which_rule_stopped_the_run_and_when_it_is_healed(
    project: Project, hook: Hook, wrong: Row, good: int, rule: str, value: object
) -> None:
    says(project, '"TX"], most = 0.001, else = "warn"', '"TX"], else = "put-aside"')
    told = f'loan.retrain(risk, tm.new_rows(bad, 20))\nloan.notify("http://127.0.0.1:{hook.server_port}/alerts")\n'
    project.write((project.folder / "system.py").read_text(encoding="utf-8") + told)
    champion = project.champion()
    later(project, good=good, **wrong)
    turns(project)
    (one,) = [each for each in hook.documents if each["notice"]["code"] == "event.run-failed"]
    fields = one["notice"]["fields"]
    assert (fields["code"], fields["rule"], fields["value"]) == ("data.contract-broken", rule, value)
    assert f"`{rule}` of loans is {value}, promised is `{fields['bound']}`." in one["text"]
    assert f"`{rule}` of loans is" in project.typed("alerts")
    assert project.champion() == champion
    hook.documents.clear()
    turns(project)
    assert hook.documents == [], "what goes on is said once"
    later(project)
    assert project.typed("run").code == 0
    turns(project)
    assert {each["notice"]["code"] for each in hook.documents} == {"event.resolved"}


def test_rows_that_are_all_put_aside_start_no_run_but_an_alert(project: Project, hook: Hook) -> None:
    says(project, '"TX"], most = 0.001, else = "warn"', '"TX"], else = "put-aside"')
    told = f'loan.retrain(risk, tm.new_rows(bad, 20))\nloan.notify("http://127.0.0.1:{hook.server_port}/alerts")\n'
    project.write((project.folder / "system.py").read_text(encoding="utf-8") + told)
    later(project, state="XX")
    turns(project)
    (one,) = hook.documents
    assert "40 of 40 new rows of loans were put aside (100%); its contract allows 5.0%." in one["text"]
    assert len(json.loads(project.typed("runs", "--json").out)) == 1
    later(project)
    turns(project)
    assert [each["notice"]["code"] for each in hook.documents[1:]] == ["event.resolved"]


def turns(project: Project) -> None:
    """Two turns of the loop: what one leaves to be told, the next one posts at the latest."""
    wheel = open_wheel(settings(project.folder, project.folder), find(None, project.folder))
    try:
        for _ in range(2):
            wheel.turn()
    finally:
        wheel.ctx.ledger.close()
        wheel.ctx.online.close()


def test_a_contract_with_mistakes_is_applied_by_nobody_and_check_says_all_of_them(project: Project) -> None:
    says(project, "[column.amount]", "[column.ammount]")
    says(project, 'else = "warn"', 'else = "wrn"')
    later(project)
    for command in ("check", "run"):
        ended = project.typed(command)
        assert ended.code == 1
        for said in ("3 mistakes", "Did you mean `amount`?", "Did you mean `warn`?", "contracts/loans.toml:12"):
            assert said in ended
    assert project.typed("status").code == 0
    for words in (["explore", "loans"], ["contract", "loans"], ["contract", "--diff"]):
        assert "contract.file-unread" in project.typed(*words)


def test_a_contract_of_no_source_is_no_silence(project: Project) -> None:
    (project.folder / "contracts" / "loans.toml").rename(project.folder / "contracts" / "loan.toml")
    ended = project.typed("run")
    assert "contract.of-no-source" in ended
    assert "Did you mean `loans`?" in ended


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["contract", "lons"], "settings.source-unknown", 2),
        (["contract", "lons", "--diff"], "settings.source-unknown", 2),
        (["contract", "loans@v9", "--diff"], "settings.dataset-version-unknown", 2),
    ],
)
def test_what_is_not_there_is_named(project: Project, words: list[str], code: str, exit_code: int) -> None:
    ended = project.typed(*words)
    assert code in ended
    assert ended.code == exit_code


def test_without_rows_or_a_contract_there_is_a_way_on(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    assert "settings.dataset-unknown" in project.typed("contract", "loans")
    assert "tidemill contract loans" in project.typed("contract")
    project.typed("run")
    assert "settings.no-contract" in project.typed("contract", "loans", "--diff")
