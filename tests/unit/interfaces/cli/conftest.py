"""A project in a folder of its own, its record filled, and a way to type commands in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.unit.app import kept
from tidemill.app.context import open_journal, open_ledger, open_tables
from tidemill.app.settings import settings
from tidemill.interfaces.cli.main import mill

Type = Callable[..., Result]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Type:
    """Runs a command line as if typed into a terminal of `columns` letters."""
    for name in ("TIDEMILL_ENV", "TIDEMILL_HOME", "TIDEMILL_CLOCK", "TIDEMILL_AUTOMATION"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str, columns: int = 120) -> Result:
        monkeypatch.setenv("COLUMNS", str(columns))
        result = CliRunner().invoke(mill, list(words))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Its folder and the id of the one answer in its log."""

    folder: Path
    answer: str


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Three turns of the loop, on the embedded stores; the current folder."""
    monkeypatch.chdir(tmp_path)
    found = kept.declared(tmp_path)
    chosen = settings(tmp_path, found.folder)
    ledger = open_ledger(chosen)
    answer = kept.fill(ledger, open_tables(chosen), open_journal(chosen))
    ledger.close()
    return Project(folder=tmp_path, answer=answer)
