"""`tidemill explore`, `try` and `init`: a file without a system, a source of one, and projects from both."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import pytest

from tests.unit.interfaces.cli.conftest import Type
from tests.unit.interfaces.cli.test_run import project
from tidemill.app.find import find

__all__ = ["project"]
"""The fixture of the small system."""


def spoil(folder: Path) -> None:
    """One amount that cannot be true."""
    file = folder / "loans.csv"
    lines = file.read_text().splitlines()
    id, at, _, lost = lines[200].split(",")
    lines[200] = f"{id},{at},1000000.0,{lost}"
    file.write_text("\n".join(lines) + "\n")


def test_a_file_needs_no_system(typed: Type, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(project)
    (project / "system.py").unlink()
    result = typed("explore", "loans.csv", columns=90)
    assert result.exit_code == 0, result.stderr
    assert "400 rows" in result.stdout
    assert "1,000,000" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 90
    assert not (project / ".tidemill").exists()


def in_database(folder: Path) -> None:
    """The loans as a table of a database, beside another one."""
    link = sqlite3.connect(folder / "bank.db")
    rows = [line.split(",") for line in (folder / "loans.csv").read_text().splitlines()[1:]]
    link.execute("create table loans (loan_id integer, applied_at timestamp, amount real, lost integer)")
    link.executemany("insert into loans values (?, ?, ?, ?)", rows)
    link.execute("create table people (id integer)")
    link.commit()
    link.close()


def test_a_database_needs_no_system_either(typed: Type, project: Path) -> None:
    in_database(project)
    (project / "system.py").unlink()
    unnamed = typed("explore", "sqlite:///bank.db")
    assert unnamed.exit_code == 1
    assert "It has loans, people." in unnamed.stderr
    assert "source.table-unnamed" in unnamed.stderr
    wrong = typed("explore", "sqlite:///bank.db", "--table", "loan")
    assert "The nearest name is loans." in wrong.stderr
    table = json.loads(typed("explore", "sqlite:///bank.db", "--table", "loans", "--json").stdout)
    assert (table["dataset"], table["rows"]) == ("loans", 400)
    query = "select * from loans where loan_id < 100"
    assert json.loads(typed("explore", "sqlite:///bank.db", "--query", query, "--json").stdout)["rows"] < 400
    assert not (project / ".tidemill").exists()


def test_a_label_is_told_by_each_column_in_the_terminal_and_on_the_page(typed: Type, project: Path) -> None:
    result = typed("explore", "loans.csv", "--time", "applied_at", "--label", "lost", "--html", "page.html")
    assert result.exit_code == 0, result.stderr
    assert "known outcomes; AUC of each column alone" in result.stdout
    page = (project / "page.html").read_text(encoding="utf-8")
    assert "How columns go with lost" in page
    assert "lost by amount" in page
    facts = json.loads(typed("explore", "loans.csv", "--time", "applied_at", "--label", "lost", "--json").stdout)
    amount = next(one for one in facts["relations"] if one["column"] == "amount")
    assert sum(share["rows"] for share in amount["shares"]) == amount["rows"] == 400


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("loans", "--label", "lost"), "--label"),
        (("loans", "--table", "t", "--time", "at"), "--table and --time"),
        (("loans.csv", "--table", "loans"), "of a database's URL"),
        (("sqlite:///bank.db", "--table", "loans", "--query", "select 1"), "either --table or --query"),
    ],
)
def test_words_that_do_not_go_together_are_said(typed: Type, project: Path, words: tuple[str, ...], said: str) -> None:
    result = typed("explore", *words)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_a_source_lands_and_its_profile_is_kept(typed: Type, project: Path) -> None:
    spoil(project)
    result = typed("explore", "loans")
    assert result.exit_code == 0, result.stderr
    assert "loans@v1" in result.stdout
    assert "1,000,000" in result.stdout
    (dataset,) = json.loads(typed("datasets", "--json").stdout)
    assert dataset["version"]["rows"] == 400
    assert dataset["findings"] >= 1


def test_a_source_whose_declaration_has_a_mistake_does_not_land(typed: Type, project: Path) -> None:
    file = project / "system.py"
    good = file.read_text(encoding="utf-8")
    file.write_text(good.replace(', zone="UTC"', ""), encoding="utf-8")
    result = typed("explore", "loans")
    assert (result.exit_code, typed("check").exit_code) == (1, 1)
    assert "declaration.zone-missing" in result.stdout
    assert json.loads(typed("datasets", "--json").stdout) == []
    file.write_text(good.replace('"amount"', '"amounts"'), encoding="utf-8")
    assert typed("check").exit_code == 1
    assert typed("explore", "loans").exit_code == 0, "it is the source that is looked at, not who reads it"


def test_a_source_whose_rows_have_no_key_at_all_is_shown_plainly_and_runs_into_one_error(
    typed: Type, project: Path
) -> None:
    rows = list(csv.reader((project / "loans.csv").read_text(encoding="utf-8").splitlines()))
    place = rows[0].index("loan_id")
    lines = [rows[0], *([*row[:place], "", *row[place + 1 :]] for row in rows[1:3])]
    (project / "loans.csv").write_text("".join(",".join(line) + "\n" for line in lines), encoding="utf-8")
    assert typed("explore", "loans").exit_code == 0
    shown = typed("datasets")
    assert shown.exit_code == 0
    (line,) = [line for line in shown.stdout.splitlines() if "loans@v1" in line]
    assert line.split()[:5] == ["loans@v1", "0", "–", "0", "2"]
    ended = typed("run")
    assert ended.exit_code == 1
    assert "data.no-asks" in ended.stdout
    refused = typed("contract", "loans")
    assert refused.exit_code == 1
    assert "data.nothing-landed" in refused.stderr
    for words in (["status"], ["runs"], ["features"], ["why", "loans@v1"], ["datasets", "loans"]):
        assert typed(*words).exit_code == 0


def test_a_version_is_looked_at_as_it_was(typed: Type, project: Path) -> None:
    typed("explore", "loans")
    spoil(project)
    assert json.loads(typed("explore", "loans", "--json").stdout)["number"] == 2
    before = json.loads(typed("explore", "loans@v1", "--json").stdout)
    assert (before["number"], before["rows"]) == (1, 400)
    assert "1,000,000" not in typed("explore", "loans@v1").stdout
    assert json.loads(typed("datasets", "loans", "--json").stdout)[0]["version"]["number"] == 2
    changed = json.loads(typed("datasets", "diff", "loans@v1", "loans@v2", "--json").stdout)
    assert (changed["added"], changed["changed"], changed["columns"]) == (0, 1, {"amount": 1})


def test_the_page_and_the_facts_are_had_too(typed: Type, project: Path) -> None:
    profile = json.loads(typed("explore", "loans.csv", "--html", "page.html", "--json").stdout)
    assert {column["name"] for column in profile["columns"]} == {"loan_id", "applied_at", "amount", "lost"}
    page = (project / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!")
    assert "applied_at" in page


def test_where_the_page_goes_is_looked_at_before_the_rows(
    typed: Type, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object, **__: object) -> None:
        pytest.fail("the rows were read first")

    monkeypatch.setattr("tidemill.interfaces.cli.explore.of_rows", read)
    monkeypatch.setattr("tidemill.interfaces.cli.explore.of_source", read)
    for what in ("loans.csv", "loans"):
        for place in ("nowhere/page.html", "loans.csv/page.html"):
            result = typed("explore", what, "--html", place)
            assert result.exit_code == 2
            assert "settings.page-unwritten" in result.stderr
            assert place in result.stderr
    assert not (project / "nowhere").exists()


@pytest.mark.parametrize(
    ("what", "code"), [("lons", "settings.source-unknown"), ("nope.csv", "source."), ("system.py", "source.")]
)
def test_what_cannot_be_explored_is_said(typed: Type, project: Path, what: str, code: str) -> None:
    result = typed("explore", what)
    assert result.exit_code in {1, 2}
    assert code in result.stderr


def test_a_project_from_a_table_checks_and_names_the_next_steps(typed: Type, project: Path) -> None:
    words = ("init", "table", "loans.csv", "--time", "applied_at", "--label", "lost", "--into", "mine")
    result = typed(*words)
    assert result.exit_code == 0, result.stderr
    assert {path.name for path in (project / "mine").iterdir()} == {"system.py", "tidemill.toml", "README.md"}
    assert typed("check", "mine/system.py").exit_code == 0
    assert "cd mine" in result.stdout
    again = typed(*words)
    assert again.exit_code == 2
    assert "settings.file-there" in again.stderr


def test_a_project_of_a_shop(typed: Type, project: Path) -> None:
    result = typed("init", "shop")
    assert result.exit_code == 0
    assert "python make_database.py" in result.stdout
    assert find(None, project / "shop").declaration.name == "shop"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("init", "shoop"), "settings.case-unknown"),
        (("init", "table", "loans.csv"), "settings.command-misused"),
        (("init", "table", "loans.csv", "--time", "when", "--label", "lost"), "data.column-missing"),
        (("init", "table", "loans.csv", "--time", "applied_at", "--label", "lots"), "data.column-missing"),
    ],
)
def test_what_no_project_can_be_written_from_is_said(
    typed: Type, project: Path, words: tuple[str, ...], code: str
) -> None:
    result = typed(*words)
    assert result.exit_code in {1, 2}
    assert code in result.stderr


def test_without_a_case_its_cases_are_shown(typed: Type) -> None:
    result = typed("init")
    assert result.exit_code == 2
    assert "shop" in result.stderr
    assert "table" in result.stderr


def test_a_table_is_tried_and_leaves_a_report_and_a_system(typed: Type, project: Path) -> None:
    result = typed("try", "loans.csv", "--time", "applied_at", "--label", "lost", "--into", "tried", columns=90)
    assert result.exit_code == 0, result.stderr
    assert (project / "tried" / "report.html").read_text(encoding="utf-8").startswith("<!")
    assert typed("check", "tried/system.py").exit_code == 0
    assert "tried/system.py" in result.stdout
