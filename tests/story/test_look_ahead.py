"""A query that puts the future into its rows is named before anybody believes a figure, and no more once repaired."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tidemill.interfaces.cli.main import mill

SYSTEM = """import tidemill as tm

power = tm.System("power", owner="grid@power.example", zone="UTC")
loads = power.source("loads", tm.query(
    "select *, {window}(load) over (partition by place order by at_hour) as near from raw", raw=tm.files("loads.csv")),
    key=["place", "at_hour"], time="at_hour")
hour = power.request("hour", loads, columns=["near", "place"])
high = power.label("high", asked=loads, outcome="load > 50")


@power.model(label=high, features=[hour], split=tm.by_time(valid=0.2, test=0.2, refit="none"))
def guess(train: tm.Data, valid: tm.Data) -> object:
    return float(train.y.mean())
"""

Typed = Callable[..., str]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """What a command shows, on one line, in a folder with two weeks of hourly loads of three places."""
    chance = random.Random(5)
    start = datetime(2026, 1, 1)  # noqa: DTZ001 - files hold naive times
    hours = [(start + timedelta(hours=n)).isoformat() for n in range(24 * 14)]
    lines = [f"{place},{hour},{chance.randint(1, 100)}" for hour in hours for place in ("north", "south", "west")]
    (tmp_path / "loads.csv").write_text("\n".join(["place,at_hour,load", *lines]) + "\n")
    (tmp_path / "system.py").write_text(SYSTEM.format(window="lead"))
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> str:
        done = CliRunner().invoke(mill, list(words), env={"COLUMNS": "100"}, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return " ".join(done.output.split())

    return run


def test_lead_is_named_by_check_and_by_the_run_and_lag_is_not(typed: Typed, tmp_path: Path) -> None:
    said = typed("check")
    assert "The query of loads looks ahead: with its input ended at 2026-01-10 08:00:00" in said
    assert "3 of the 672 rows before that (0.45%) hold something else in near." in said
    assert re.search(r"at_hour 2026-01-10 07:00:00, near is \d+ with what comes later and null without", said)
    assert "looks ahead" in typed("run")
    assert "looks ahead" in typed("explore", "loads")
    (tmp_path / "system.py").write_text(SYSTEM.format(window="lag"))
    for words in (("check",), ("run",), ("explore", "loads")):
        assert "looks ahead" not in typed(*words)
