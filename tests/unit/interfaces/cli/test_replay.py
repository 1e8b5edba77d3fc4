"""`tidemill replay`: the span that is asked for, the page it writes, and the same verdict in the terminal."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console, Group

from tests.unit.interfaces.cli.conftest import Type
from tests.unit.interfaces.report.replays import figures, gain, replayed, turn
from tidemill.errors import RunError, SettingsError
from tidemill.interfaces.cli.replay import bar
from tidemill.interfaces.cli.replay import shown as told
from tidemill.interfaces.cli.replayed import page, sparkline
from tidemill.interfaces.cli.span import span_of
from tidemill.interfaces.report.replay_verdict import verdict
from tidemill.loop.replay.record import Replayed

SYSTEM = """\
import tidemill as tm

lender = tm.System("lender", owner="risk@bank.example", zone="Asia/Seoul")
loans = lender.source("loans", tm.files("loans.csv"), key="loan_id", time="applied_at")
application = lender.request("application", loans, columns=["amount"])
lost = lender.label("lost", asked=loans, outcome="lost = 1")


@lender.model(
    label=lost, features=[application], split=tm.by_time(valid=0.2, test=0.3, refit="none"),
    gates=[tm.at_most("log_loss", 5.0)],
)
def risk(train: tm.Data, valid: tm.Data) -> object:
    return float(train.y.mean())


lender.retrain(risk, tm.new_rows(lost, 100))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    draw = Random(7)
    with (tmp_path / "loans.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["loan_id", "applied_at", "amount", "lost"])
        for n in range(400):
            rows.writerow([n, f"2026-01-{n // 20 + 1:02d} {n % 20:02d}:00:00", n, int(draw.random() < 0.3)])
    (tmp_path / "system.py").write_text(SYSTEM, encoding="utf-8")
    (tmp_path / "bare.py").write_text(SYSTEM[: SYSTEM.index("@lender.model")], encoding="utf-8")
    return tmp_path


def shown(found: Replayed, width: int = 110) -> str:
    from tidemill.interfaces.cli.screen import THEME

    file = io.StringIO()
    console = Console(file=file, width=width, color_system=None, theme=THEME)
    console.print(Group(*page(found)))
    return file.getvalue()


def test_a_replay_says_its_verdict_and_writes_its_page(typed: Type, project: Path) -> None:
    result = typed("replay", "--from", "2026-01-11", columns=100)
    assert result.exit_code == 0, result.stderr
    written = project / ".tidemill" / "runs" / "replay-risk.html"
    assert str(written) in result.stdout.replace("\n", "")
    html = written.read_text(encoding="utf-8")
    assert list((project / ".tidemill" / "tmp").iterdir()) == []
    (record,) = json.loads(typed("replay", "-m", "risk", "--from", "2026-01-11", "--json").stdout)
    assert record["zone"] == "Asia/Seoul"
    assert record["period"] == "week"
    one = next(gain for gain in record["gains"] if (gain["curve"], gain["metric"]) == ("loop", "log_loss"))
    for said in (result.stdout, html):
        assert f"{one['own']:.3f}" in said
        assert f"{one['static']:.3f}" in said
    assert max(map(len, result.stdout.splitlines())) <= 100 or str(written) in result.stdout


def test_the_span_is_of_whole_days_in_the_systems_zone(typed: Type, project: Path) -> None:
    seoul = ZoneInfo("Asia/Seoul")
    command = ("replay", "risk", "--from", "2026-01-11", "--to", "2026-01-14", "--period", "day", "--json")
    (record,) = json.loads(typed(*command).stdout)
    assert record["since_us"] == datetime(2026, 1, 11, tzinfo=seoul).timestamp() * 1_000_000 - 1
    assert record["until_us"] == datetime(2026, 1, 15, tzinfo=seoul).timestamp() * 1_000_000 - 1
    days = {figure["period"]: figure["n"] for figure in record["figures"] if figure["curve"] == "static"}
    assert days == {f"2026-01-{day}": 20 for day in (11, 12, 13, 14)}


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--from", "01/02/2026"), "settings.date-unread", "`--from 01/02/2026` is no day."),
        (("--to", "soon"), "settings.date-unread", "2026-03-01T09:30"),
        (("--from", "2026-01-12", "--to", "2026-01-11"), "settings.span-backwards", "lies before"),
        (
            ("--from", "2027-01-01", "--to", "2027-02-01"),
            "data.no-asks-between",
            "the asks go from 2025-12-31 15:00:00 UTC",
        ),
        (("rsk",), "settings.model-unknown", "risk"),
        (("-f", "bare.py"), "settings.no-models", "`lender` declares no model."),
        (("--period", "decade"), "settings.command-misused", "decade"),
        (("--from", "2026-01-11", "--html", "nowhere/page.html"), "settings.page-unwritten", "--html"),
    ],
)
def test_what_cannot_be_replayed_is_said(
    typed: Type, project: Path, words: tuple[str, ...], code: str, says: str
) -> None:
    result = typed("replay", *words)
    assert result.exit_code in {1, 2}
    told = " ".join(result.stderr.split())
    assert code in told
    assert says in told


def test_a_training_process_that_dies_is_no_silent_end(typed: Type, project: Path) -> None:
    dying = SYSTEM.replace("return float(train.y.mean())", "__import__('os').kill(__import__('os').getpid(), 9)")
    (project / "system.py").write_text(dying, encoding="utf-8")
    result = typed("replay", "--from", "2026-01-11")
    said = " ".join(result.stdout.split())
    assert "No version could be trained in this time." in said
    assert "SIGKILL" in said
    assert "✗ failed" in said


@pytest.mark.parametrize("as_json", [False, True])
def test_output_that_nobody_reads_is_said_and_the_page_is_whole(
    as_json: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as unread:
        monkeypatch.setattr(sys, "stdout", unread)
        with pytest.raises(RunError) as raised:
            told([replayed()], tmp_path / "page.html", as_json=as_json)
        monkeypatch.undo()
    assert (raised.value.code, raised.value.fields["words"]) == ("run.output-unwritten", "Broken pipe")


def test_a_terminal_that_is_gone_ends_no_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after closing the window of a replay in the background."""
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with bar() as progress:
            task = progress.add_task("replay", total=1.0)
            os.close(ours)
            progress.update(task, completed=1, refresh=True)
        monkeypatch.undo()


def test_days_and_moments_are_read() -> None:
    utc = int(datetime(2026, 3, 1, tzinfo=ZoneInfo("UTC")).timestamp()) * 1_000_000
    assert span_of("2026-03-01", None, "UTC") == (utc - 1, None)
    assert span_of("2026-03-01T09:30", "2026-03-01", "UTC") == (utc + 34_200_000_000 - 1, utc + 86_400_000_000 - 1)
    assert span_of("2026-03-01T09:30+09:30", None, "Asia/Seoul") == (utc - 1, None)
    # A day of 23 hours: Lisbon's clocks go forward.
    first, last = span_of("2026-03-29", "2026-03-29", "Europe/Lisbon")
    assert (last or 0) - (first or 0) == 23 * 3_600_000_000
    with pytest.raises(SettingsError):
        span_of("2026-03-01T09:30", "2026-03-01T09:30", "UTC")


def test_the_terminal_says_what_the_page_says() -> None:
    found = replayed("first", "refused", "promoted")
    said = " ".join(shown(found).split())
    assert verdict(found).sentence in said
    for part in (
        "roc_auc by month",
        "3 versions: 2 let in, 1 refused",
        "0.102 (0.032 to 0.172)",
        "rate alone",
        "2,890",
    ):
        assert part in said
    assert "roc_auc >= 0.75: 0.735." in said


def test_refused_by_gates_and_never_tested_are_told_apart() -> None:
    untested = turn("untested", 1, reason="data.too-few-known")
    said = " ".join(shown(replayed(turns=(turn("refused"), untested, turn("refused", 2)))).split())
    assert "3 versions: 2 refused, 1 untested" in said
    assert "○ untested" in said
    assert "Too few outcomes are known to hold some back for a test." in said


def test_curves_stand_on_one_scale_with_gaps_where_little_is_known() -> None:
    found = replayed()
    assert [sparkline(found, "roc_auc", curve) for curve in ("loop", "static")] == ["▇▇·█", "▇▆·▁"]
    flat = replayed(figures=figures(loop=(0.8,) * 4, retrained=(0.8,) * 4, static=(0.8,) * 4))
    assert sparkline(flat, "roc_auc", "loop") == "▁▁·▁"


@pytest.mark.parametrize("width", [60, 80, 200])
def test_it_fits_the_terminal_and_lists_the_newest_turns(width: int) -> None:
    found = replayed(turns=(turn("first"), *(turn("undecided", place) for place in range(1, 40))), gains=(gain(),))
    said = shown(found, width)
    assert max(map(len, said.splitlines())) <= width
    assert "28 earlier" in said
    assert said.count("▲ undecided") == 12


@pytest.mark.parametrize("found", [replayed(turns=(), figures=(), totals=(), gains=()), replayed("failed", gains=())])
def test_nothing_to_show_is_said(found: Replayed) -> None:
    assert "No version could be trained in this time" in " ".join(shown(found).split())
