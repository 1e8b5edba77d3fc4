"""The command line as a whole: its list, its refusals, its exit codes, and what it loads to say so."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import click
import pytest

from tests.unit.interfaces.cli.conftest import Type
from tidemill.errors import BusyError, DataError, SettingsError, StoreError
from tidemill.interfaces.cli import fault
from tidemill.interfaces.cli.main import COMMANDS, mill

HEAVY = {"numpy", "pandas", "duckdb", "pyarrow", "rich", "sqlglot", "sqlalchemy", "lmdb", "msgspec"}


def test_help_lists_every_command_and_loads_nothing_heavy() -> None:
    program = (
        "import sys\nfrom tidemill.interfaces.cli.main import mill\n"
        "try:\n    mill(['--help'])\nfinally:\n    print(*sorted(sys.modules), file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(run.stderr.split()) & HEAVY == set()
    assert [line.split()[0] for line in run.stdout.partition("Commands:\n")[2].splitlines()[: len(COMMANDS)]] == list(
        COMMANDS
    )


def test_without_a_word_it_shows_its_help(typed: Type) -> None:
    result = typed()
    assert result.exit_code == 0
    assert "Commands:" in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_loaded_and_says_what_it_does(typed: Type, name: str) -> None:
    result = typed(name, "--help")
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) > 4


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    command = mill.get_command(click.Context(mill), name)
    assert command is not None
    assert [o.name for o in command.params if isinstance(o, click.Option) and not o.help] == []


@pytest.mark.parametrize(
    ("words", "nearest"),
    [(("chek",), "check"), (("runs", "--modle", "x"), "--model"), (("runs", "--file", "nope.py"), "")],
)
def test_what_is_not_there_ends_with_2_and_the_nearest_name(typed: Type, words: tuple[str, ...], nearest: str) -> None:
    result = typed(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"Did you mean `{nearest}`?" in result.stderr or not nearest
    assert "do " in result.stderr
    assert "settings." in result.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BusyError("ledger-locked", path="x", waited_s=1), 4),
        (SettingsError("no-system", file="x"), 2),
        (DataError("no-asks", label="l", model="m"), 1),
        (StoreError("disk-full", path="x", reason="r"), 1),
    ],
)
def test_each_family_of_errors_has_its_exit_code(error: BusyError, code: int) -> None:
    assert fault.exit_code(error) == code


def test_an_error_is_said_as_sentence_place_way_out_and_code(capsys: pytest.CaptureFixture[str]) -> None:
    fault.show(DataError("query-failed", words="no such column", where="events@v3"), as_json=False)
    said = capsys.readouterr().err
    assert said.splitlines()[0] == "✗ A query could not be answered. The engine says: no such column"
    assert "where  events@v3" in said
    assert "do     Correct the SQL" in said
    assert "code   data.query-failed" in said


def test_a_place_that_the_sentence_names_is_not_said_twice() -> None:
    assert fault.told("store.disk-full", {"path": "lake/x", "reason": "r", "where": "lake/x"}).where == ""


def test_with_json_an_error_is_json_too(typed: Type) -> None:
    result = typed("runs", "--file", "nope.py", "--json")
    assert result.exit_code == 2
    error = json.loads(result.stderr)["error"]
    assert error["code"] == "settings.no-system-file"
    assert error["fields"]["file"] == "nope.py"
    assert error["says"]
    assert error["do"]


def test_lines_of_an_error_fit_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    fault.show(StoreError("fact-conflict", kind="model_version", key="ranker@7"), as_json=False)
    assert max(map(len, capsys.readouterr().err.splitlines())) <= 60


def test_ctrl_c_ends_with_130_and_a_word(monkeypatch: pytest.MonkeyPatch, typed: Type) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tidemill.interfaces.cli.runs.opened", interrupted)
    result = typed("runs")
    assert result.exit_code == 130
    assert "Stopped" in result.stderr


@pytest.mark.parametrize(("given", "after"), [("", "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_threads_that_wait_sleep_unless_somebody_wants_otherwise(
    typed: Type, monkeypatch: pytest.MonkeyPatch, given: str, after: str
) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", given)
    if not given:
        monkeypatch.delenv("OMP_WAIT_POLICY")
    typed("--help")
    assert os.environ["OMP_WAIT_POLICY"] == after
