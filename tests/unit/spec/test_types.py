"""Type checkers read declarations: mypy strict and pyright strict accept the six systems, refuse what is misspelt."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from tests.needs import REQUIRE, ROOT
from tests.unit.spec import six

GOOD = """\
import tidemill as tm

system = tm.System("kit", owner="a@b.example")
loans = system.source("loans", tm.files("loans.csv"), key="loan_id", time="at")
form = system.request("form", loans, columns=["amount"])
past = system.features("past", loans, entity="state", windows={"n": tm.count("30d")})
bad = system.label("bad", asked=loans, outcome="y = 1")
even = tm.by_hash(valid=0.1, test=0.1)


def fit(train: tm.Data, valid: tm.Data) -> object:
    return train.X, valid.y


risk = system.model(label=bad, features=[form.drop("amount"), past.only("n")], split=even)(fit)
"""

PLANTED = [
    'tm.at_least("roc_acu", 0.8)',
    'tm.at_least("roc_auc", "0.8")',
    'tm.at_least("roc_auc")',
    'tm.at_most("p99_ms", 50, slice="state")',
    'tm.per("state", "ndcg@7")',
    'tm.not_worse("roc_auc", 0.01)',
    "tm.count(30)",
    'tm.sum("30d")',
    'tm.lag("rpm", 1)',
    'tm.lag("rpm", "1", within="15s")',
    'tm.fair("state")',
    "tm.canary(5, shadow=1)",
    'tm.canary("5%", undecided="wait")',
    'tm.by_time(valid="7d")',
    'tm.by_time(valid="7d", test="7d", refit="backward")',
    "tm.by_group(valid=0.1, test=0.1, column=3)",
    'tm.new_rows("loans", 5)',
    "tm.new_rows(loans)",
    'tm.files("a", "b")',
    'tm.query("select 1", raw="loans.csv")',
    'tm.sql("x").tabel("loans")',
    'tm.counts("30d")',
    'tm.System("kit")',
    'system.source("more", "more.csv", time="at")',
    'system.source("more", tm.files("more.csv"))',
    'system.features("more", loans, columns=["a"])',
    'system.features("more", loans, entity="a", windows=[tm.count("1d")])',
    'system.request("more", bad, columns=["a"])',
    'system.label("more", asked=form, outcome="a")',
    'system.label("more", asked=loans)',
    "system.model(label=bad, features=[loans], split=even)",
    "system.model(label=bad, features=[form])",
    'system.model(label=bad, features=[form], split=even, metrics=["auc"])',
    'system.model(label=bad, features=[form], split=even, gates=["roc_auc > 0.8"])',
    "system.model(label=bad, features=[form], split=even)(len)",
    "system.model(label=bad, features=[form], split=even)(lambda: 1)",
    'system.rank("recommend", risk, loans, top=3)',
    "system.monitor(fit, tm.no_drift())",
    'system.monitor(risk, tm.cron("0 3 * * *"))',
    'system.retrain(risk, "0 3 * * *")',
    'system.notify("mailto:a@b.example", severity="warn")',
    "leaves: str = tm.tune(3, 5)",
]  # fmt: skip

FIRST = GOOD.count("\n") + 1
LIGHTGBM = '''\
"""What the systems use of LightGBM, whose own annotations leave `fit` partly unknown to pyright's strictest mode."""

from collections.abc import Callable, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

Rows = tuple[pd.DataFrame, npt.NDArray[np.float64]]

class LGBMModel:
    def __init__(self, **parameters: str | float) -> None: ...
    def fit(
        self,
        X: pd.DataFrame,
        y: npt.NDArray[np.float64],
        eval_set: Sequence[Rows] = ...,
        callbacks: Sequence[Callable[..., object]] = ...,
    ) -> Self: ...

class LGBMClassifier(LGBMModel): ...
class LGBMRegressor(LGBMModel): ...

def early_stopping(stopping_rounds: int) -> Callable[..., object]: ...
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The six systems and a file with one mistake a line, as a team would have them."""
    place = tmp_path_factory.mktemp("systems")
    for name in six.NAMES:
        shutil.copy(six.EXAMPLES / f"{name}.py", place / f"{name}.py")
    (place / "planted.py").write_text(GOOD + "\n".join(PLANTED) + "\n")
    (place / "good.py").write_text(GOOD)
    return place


def refused_by_mypy(folder: Path) -> dict[str, set[int]]:
    """Lines with an error, by file."""
    files = sorted(str(path) for path in folder.glob("*.py"))
    cache = ["--cache-dir", str(ROOT / ".mypy_cache" / "systems")]
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file", "", *cache, *files]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
    return by_file(re.findall(r"^(?:.*/)?(\w+\.py):(\d+): error", told, re.MULTILINE), told)


def refused_by_pyright(folder: Path) -> dict[str, set[int]]:
    """Lines with an error, by file."""
    stubs = folder / "typings" / "lightgbm"
    stubs.mkdir(parents=True, exist_ok=True)
    (stubs / "__init__.pyi").write_text(LIGHTGBM)
    settings = {
        "typeCheckingMode": "strict",
        "include": ["*.py"],
        "extraPaths": [str(ROOT / "src")],
        "reportUnusedExpression": False,
        "reportUnusedCoroutine": False,
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(folder)]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode not in {0, 1}:
        lack("pyright", f"pyright does not start: {(run.stderr or run.stdout).strip()[-200:]}")
    found = [one for one in json.loads(run.stdout)["generalDiagnostics"] if one["severity"] == "error"]
    lines = [(Path(one["file"]).name, str(one["range"]["start"]["line"] + 1)) for one in found]
    return by_file(lines, run.stdout)


def lack(thing: str, words: str) -> NoReturn:
    """Skips loudly, or fails where the environment says that the thing must be here."""
    if thing in os.environ.get(REQUIRE, ""):
        pytest.fail(words, pytrace=False)
    pytest.skip(words)


def by_file(lines: list[tuple[str, str]], told: str) -> dict[str, set[int]]:
    assert lines, told
    found: dict[str, set[int]] = {}
    for file, line in lines:
        found.setdefault(file, set()).add(int(line))
    return found


def test_mypy_strict_accepts_the_systems_and_refuses_each_planted_line(folder: Path) -> None:
    assert judged(refused_by_mypy(folder)) == []


@pytest.mark.needs("pyright")
def test_pyright_strict_accepts_the_systems_and_refuses_each_planted_line(folder: Path) -> None:
    assert judged(refused_by_pyright(folder)) == []


def judged(refused: dict[str, set[int]]) -> list[str]:
    """What went otherwise than it should."""
    planted = refused.pop("planted.py", set())
    passed = [f"passed: {line}" for place, line in enumerate(PLANTED) if FIRST + place not in planted]
    return passed + [f"refused: {file}:{line}" for file, lines in refused.items() for line in sorted(lines)]
