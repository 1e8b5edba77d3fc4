"""A feed goes wrong after a model answers: one answer each time, nothing of it lands by half, the champion stays."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.story.test_bad_input import told
from tests.story.typed import Project

WINDOWS = """events = loan.source("events", tm.files("events"), key="event_id", time="at")
past = loan.features("past", events, entity="bank", columns=["amount"], windows={
    "spent": tm.sum("amount", "30d"), "spread": tm.std("amount", "30d")})
bad = loan.label("""
Event = dict[str, Any]
SECOND = 200
"""The first event of the second file."""


def events(first: int = 0, count: int = SECOND) -> list[Event]:
    chance = random.Random(first)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        {
            "event_id": place,
            "at": start + timedelta(hours=2 * place),
            "bank": f"B{chance.randint(1, 9)}",
            "amount": chance.randint(1, 9_999) / 100,
        }
        for place in range(first, first + count)
    ]


def put(project: Project, rows: list[Event], name: str = "a.parquet") -> Path:
    """The rows as a file of the folder."""
    pq.write_table(pa.Table.from_pylist(rows), project.folder / "events" / name)
    return project.folder / "events" / name


def fed(folder: Path) -> Project:
    project = Project(folder)
    project.change("bad = loan.label(", WINDOWS)
    project.change("[application, lender]", "[application, lender, past]")
    (folder / "events").mkdir()
    put(project, events())
    return project


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project that ran once."""
    project = fed(tmp_path_factory.mktemp("first") / "project")
    assert project.typed("run").code == 0
    return project.folder


@pytest.fixture
def project(first: Path, tmp_path: Path) -> Project:
    copytree(first, tmp_path / "project")
    made = Project(tmp_path / "project")
    for name in ("system.py", "loans.csv"):
        (made.folder / name).write_bytes((first / name).read_bytes())
    return made


def landed(project: Project) -> list[str]:
    """Versions of the events with how many rows they have."""
    lines = project.typed("datasets").out.splitlines()
    return [" ".join(line.split()[:2]) for line in lines if "events@v" in line]


def renamed(project: Project) -> None:
    rows = [{"value" if name == "amount" else name: cell for name, cell in row.items()} for row in events(SECOND, 40)]
    put(project, rows, "b.parquet")


def without_amounts(project: Project) -> None:
    put(project, [{name: row[name] for name in ("event_id", "at", "bank")} for row in events(SECOND, 40)], "b.parquet")


def half_written(project: Project) -> None:
    file = put(project, events(SECOND, 40), "b.parquet")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])


def without_a_time(project: Project) -> None:
    put(project, [{**row, "at": "soon"} for row in events(SECOND, 40)], "b.parquet")


def without_keys(project: Project) -> None:
    put(project, [{**row, "event_id": None} for row in events(SECOND, 40)], "b.parquet")


STOPS: list[tuple[str, Callable[[Project], object], str, str]] = [
    ("a column renamed", renamed, "data.column-renamed", "b.parquet of events has no column amount any more"),
    ("a column gone", without_amounts, "data.column-gone", "b.parquet of events has no column amount any more"),
    ("a file half written", half_written, "source.file-unreadable", "b.parquet"),
    ("times that are none", without_a_time, "data.time-type", "but holds text"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "feed", "said", "hint"), STOPS, ids=[one[0] for one in STOPS])
def test_what_stops_a_run_leaves_who_answers_and_is_over_when_the_feed_is_right(
    project: Project, case: str, feed: Callable[[Project], object], said: str, hint: str
) -> None:
    feed(project)
    told(project.typed("run"), said, hint)
    assert project.champion() == "risk@1"
    assert landed(project) == ["events@v1 200"], "nothing of it is there"
    put(project, events(SECOND, 40), "b.parquet")
    assert project.typed("run").code == 0
    assert landed(project)[0].endswith(" 240"), "every row once"


@pytest.mark.parametrize(
    "amount", [pa.array([1e14] * SECOND), pa.array([Decimal(10) ** 30] * SECOND, pa.decimal128(38, 2))]
)
def test_sums_that_do_not_fit_are_refused_with_what_to_do(tmp_path: Path, amount: pa.Array) -> None:
    project = fed(tmp_path / "project")
    table = pa.Table.from_pylist(events())
    pq.write_table(table.set_column(3, "amount", amount), project.folder / "events" / "a.parquet")
    ended = project.typed("run")
    for words in ("window past.spent of bank = B", "asked at 2026-", "`least`", "`expect`", "`scale`"):
        told(ended, "data.sum-overflow", words)
    assert project.champion() == ""
    assert landed(project) == ["events@v1 200"]
    for kind in ("sum", "std"):
        project.change(f'tm.{kind}("amount"', f'tm.{kind}("least(amount, 1000)"')
    assert project.typed("run").code == 0
    assert project.champion() == "risk@1"


def test_rows_without_a_key_are_put_aside_and_told_of(project: Project) -> None:
    without_keys(project)
    ended = project.typed("run")
    assert ended.code == 0
    assert "40 of 240 rows break the promise `event_id is not null` and were put aside" in ended
    assert landed(project)[0] == "events@v2 200"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_value_that_is_no_number_is_in_no_sum_and_is_told_of(project: Project, value: float) -> None:
    rows = events(SECOND, 40)
    rows[5]["amount"] = value
    put(project, rows, "b.parquet")
    ended = project.typed("run")
    assert ended.code == 0
    assert ("infinite" in ended) == (value in {float("inf"), float("-inf")})
    assert landed(project)[0] == "events@v2 240"


def test_a_clock_that_went_back_loses_and_doubles_nothing(project: Project) -> None:
    put(project, events(SECOND, 40), "b.parquet")
    back = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp()) * 1_000_000
    project.write(
        f'[environment.default]\nclock = "scaled:{back}:1.0:{int(datetime.now(UTC).timestamp() * 1e6)}"\n',
        "tidemill.toml",
    )
    project.typed("run")
    assert landed(project)[0] == "events@v2 240"
    (project.folder / "tidemill.toml").unlink()
    assert project.typed("run").code == 0
    assert landed(project)[0] == "events@v2 240"
    assert project.champion().startswith("risk@")
