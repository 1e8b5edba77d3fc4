"""The import contracts hold, and each of them bites: a planted violation is reported under its name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.needs import ROOT

PLANTED = [
    ("every arrow runs down", {"measure/planted.py": "import tidemill.tell"}),
    ("every arrow runs down", {"facts/planted.py": "import tidemill.ports"}),
    ("every arrow runs down", {"attic.py": "x = 1"}),
    (
        "no circles anywhere",
        {
            "features/planted.py": "import tidemill.features.seed",
            "features/seed.py": "import tidemill.features.planted",
        },
    ),
    ("stages never call each other", {"lifecycle/train/planted.py": "import tidemill.lifecycle.extract"}),
    ("only the loop runs stages, only the app answers", {"app/planted.py": "import tidemill.lifecycle.train"}),
    ("decisions and skills are pure", {"loop/canary.py": "import tidemill.loop.act"}),
    ("decisions and skills are pure", {"measure/planted.py": "import tidemill.ports"}),
    ("wings know ports, never stages or skills", {"stores/planted.py": "import tidemill.measure"}),
    ("only wiring plugs a wing in", {"app/planted.py": "import tidemill.stores.memory"}),
    (
        "backends of one port stand apart",
        {"stores/ledger/planted.py": "import tidemill.stores.ledger.seed", "stores/ledger/seed.py": "x = 1"},
    ),
    ("doors do not lead into each other", {"interfaces/http/planted.py": "import tidemill.interfaces.ui"}),
    ("drivers live in wings and doors", {"loop/planted.py": "import duckdb"}),
    ("the hot path stays light", {"lifecycle/serve/answer.py": "import pyarrow"}),
]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """The linter's verdict on the tree under `folder`/src."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The product and its contracts in a folder of their own."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_all_eleven_contracts_are_kept(copy: Path) -> None:
    verdict = lint_imports(copy)
    assert verdict.returncode == 0, verdict.stdout
    assert "Contracts: 11 kept, 0 broken." in verdict.stdout


@pytest.mark.parametrize(
    ("contract", "files"), PLANTED, ids=[f"{name}: {next(iter(files))}" for name, files in PLANTED]
)
def test_a_planted_violation_is_caught(copy: Path, contract: str, files: dict[str, str]) -> None:
    for name, line in files.items():
        with (copy / "src" / "tidemill" / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    verdict = lint_imports(copy)
    assert verdict.returncode == 1
    assert f"{contract} BROKEN" in verdict.stdout


def test_every_contract_has_a_planted_violation() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} == {contract for contract, _ in PLANTED}
