"""The stages on the screen: what is heard becomes waiting, running, done or reused."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tidemill.interfaces.cli import screen
from tidemill.interfaces.cli.street import Street, walked

STEPS = [("extract", "loans"), ("train", "risk"), ("train", "risk/refit")]


def shown(street: Street) -> list[list[str]]:
    """Each line's words."""
    text = io.StringIO()
    Console(file=text, width=100, theme=screen.THEME).print(street)
    return [line.split() for line in text.getvalue().splitlines()]


def test_all_steps_stand_there_from_the_beginning() -> None:
    assert shown(Street(STEPS)) == [["○", "extract", "loans"], ["○", "train", "risk"], ["○", "train", "risk/refit"]]


def test_a_step_that_runs_says_how_far_it_is() -> None:
    street = Street(STEPS)
    street("extract/loans/begun", 0, 1)
    street("extract/loans/rows", 12_000, None)
    assert shown(street)[0][1:5] == ["extract", "loans", "12,000", "rows,"]
    street("train/risk/refit/begun", 0, 1)
    street("train/risk/refit/windows", 2, 4)
    assert shown(street)[2][-6:-2] == ["2", "of", "4", "windows,"]


def test_how_fast_rows_are_read_is_said_once_that_can_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    street, now = Street(STEPS), [100.0]
    monkeypatch.setattr("tidemill.interfaces.cli.street.monotonic", lambda: now[0])
    street("extract/loans/begun", 0, 1)
    street("extract/loans/rows", 12_000, None)
    now[0] += 0.5
    assert "second" not in shown(street)[0]
    now[0] += 3.5
    assert " ".join(shown(street)[0]).endswith("12,000 rows, 3,000 a second, 4.0 s")
    street("extract/loans/done", 1, 1)
    assert " ".join(shown(street)[0]).endswith("extract loans 12,000 rows, 3,000 a second, 4.0 s")


def test_a_step_is_done_or_taken_from_before() -> None:
    street = Street(STEPS)
    street("extract/loans/begun", 0, 1)
    street("extract/loans/done", 1, 1)
    street("train/risk/reused", 1, 1)
    lines = shown(street)
    assert lines[0][:3] == ["✓", "extract", "loans"]
    assert lines[1][:4] == ["↺", "train", "risk", "unchanged,"]


def test_what_is_about_no_step_changes_nothing() -> None:
    street = Street(STEPS)
    before = shown(street)
    street("rows", 5, None)
    street("trial", 0, None)
    assert shown(street) == before


def test_where_nobody_looks_each_finished_step_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with walked(Street(STEPS)) as street:
        street("extract/loans/begun", 0, 1)
        assert capsys.readouterr().err == ""
        street("extract/loans/done", 1, 1)
        assert capsys.readouterr().err.startswith("✓ extract loans")


def test_a_run_of_another_process_is_waited_for_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with walked(Street(STEPS)) as street:
        street("wait/risk/begun", 0, 1)
        assert capsys.readouterr().err == "◐ wait risk  another process runs it\n"
        *said, seconds, _ = shown(street)[0][1:]
        assert (said, seconds.isdigit()) == (["wait", "risk", "another", "process", "runs", "it,"], True)
        street("wait/risk/done", 1, 1)
        assert [line[:3] for line in shown(street)] == [["✓", "wait", "risk"]]
        assert not street.has_begun
        street("extract/loans/begun", 0, 1)
        assert street.has_begun, "the other died: this one goes on"
