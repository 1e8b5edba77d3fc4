"""A declaration beside its sources: what can be reached is checked, what cannot is said and stops nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from tidemill.app.check import Checked, check, is_exact
from tidemill.app.find import find
from tidemill.errors import SourceError
from tidemill.facts.codec import digest
from tidemill.facts.data import ColumnType
from tidemill.ports.source import Reader
from tidemill.spec.source import Files, FilesQuery, Table
from tidemill.stores.memory.source import MemoryReader
from tidemill.stores.sources.files import FilesQueryReader, FilesReader

SYSTEM = """
import tidemill as tm

shop = tm.System("shop", owner="o@shop.example"{zone})
events = shop.source("events", tm.files("${{EVENTS}}"), key="id", time="at")
view = shop.request("view", events, columns=["{column}"])
"""
ROWS = pa.table({"id": [1], "at": pa.array([datetime(2026, 1, 1)], pa.timestamp("us")), "price": [1.5]})  # noqa: DTZ001 - a naive time is the case


def checked(
    folder: Path, *, zone: str = ', zone="UTC"', column: str = "price", rows: pa.Table | None = ROWS
) -> Checked:
    def open_source(table: Table) -> Reader:
        if rows is None:
            raise SourceError("unreachable", source="events", reason="gone")
        return MemoryReader(rows)

    (folder / "system.py").write_text(SYSTEM.format(zone=zone, column=column), encoding="utf-8")
    return check(find(None, folder), open_source, digest)


def test_names_are_checked_against_the_columns_that_are_there(tmp_path: Path) -> None:
    found = checked(tmp_path, column="pirce")
    (mistake,) = found.examination.mistakes
    assert (mistake.code, mistake.fields["nearest"]) == ("declaration.column-unknown", "price")
    assert mistake.place == "system.py:6"
    assert found.description is None


def test_a_source_that_cannot_be_reached_is_a_note_with_its_reason(tmp_path: Path) -> None:
    found = checked(tmp_path, column="pirce", rows=None)
    assert found.examination.mistakes == ()
    (looked,) = found.sources
    assert looked.trouble is not None
    assert looked.trouble.code == "source.unreachable"


def test_a_column_that_is_text_because_of_few_values_is_a_note(tmp_path: Path) -> None:
    lines = ["id,at,price", *(f"{n},2026-01-{n:02d},{n}.5" for n in range(1, 30)), "30,2026-01-30,twelve"]
    (tmp_path / "events.csv").write_text("\n".join(lines))
    (tmp_path / "system.py").write_text(SYSTEM.format(zone=', zone="UTC"', column="price * 2 as twice"))

    def open_source(table: Table) -> Reader:
        return FilesReader(Files(path=str(tmp_path / "events.csv")))

    found = check(find(None, tmp_path), open_source, digest)
    assert [mistake.code for mistake in found.examination.mistakes] == ["expression.type-mismatch"]
    (note,) = found.examination.notes
    assert (note.code, note.path) == ("source.text-by-few", "source events")
    assert note.fields == {"column": "price", "kind": "number", "odd": 1, "of": 30, "example": "'twelve'"}


def test_a_column_that_cannot_land_because_of_its_name_is_a_mistake(tmp_path: Path) -> None:
    (mistake,) = checked(tmp_path, rows=ROWS.append_column("_id", pa.array(["m1"]))).examination.mistakes
    assert (mistake.code, mistake.path, mistake.place) == ("data.column-reserved", "source events", "system.py:5")
    assert mistake.fields == {"column": "_id", "columns": ("_id",), "where": "events"}


def test_a_key_of_fractions_is_a_note(tmp_path: Path) -> None:
    floats = ROWS.set_column(0, "id", pa.array([1.0]))
    (note,) = checked(tmp_path, rows=floats).examination.notes
    digits = [ColumnType(name="id", type="float", decimal=(places, 0)) for places in (15, 16)]
    assert [is_exact(column) for column in digits] == [True, False]
    assert (note.code, note.path, note.fields) == ("source.key-float", "source events", {"columns": ("id",)})
    assert checked(tmp_path).examination.notes == ()


QUERY = """
import tidemill as tm

shop = tm.System("shop", owner="o@shop.example", zone="UTC")
events = shop.source("events", tm.query("select *, {} as x from raw", raw=tm.files("raw.csv")), key="id", time="day")
view = shop.request("view", events, columns=["{}"])
"""


def test_a_query_that_looks_ahead_or_fails_when_it_runs_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "raw.csv").write_text("\n".join(["id,day", *(f"{n},2026-01-{n:02d}" for n in range(1, 30))]) + "\n")

    def open_source(table: Table) -> Reader:
        assert isinstance(table, FilesQuery)
        return FilesQueryReader(replace(table, tables=(("raw", Files(path=str(tmp_path / "raw.csv"))),)))

    def noted(made: str, column: str = "x") -> list[tuple[str, str]]:
        (tmp_path / "system.py").write_text(QUERY.format(made, column))
        found = check(find(None, tmp_path), open_source, digest).examination.notes
        return [(note.code, note.path) for note in found]

    assert noted("lead(id) over (order by day)") == [("finding.looks-ahead", "source events")]
    assert noted("lag(id) over (order by day)") == []
    assert noted("(case when sum(id) over () > 9 then error('no') end)::int") == [
        ("finding.not-tried", "source events")
    ]
    assert noted("lead(id) over (order by day)", "xx") == []  # a mistake comes first


def test_naive_times_are_a_mistake_where_nobody_names_a_zone(tmp_path: Path) -> None:
    assert [one.code for one in checked(tmp_path, zone="").examination.mistakes] == ["declaration.zone-missing"]
    aware = ROWS.set_column(1, "at", pa.array([datetime(2026, 1, 1, tzinfo=UTC)], pa.timestamp("us", tz="UTC")))
    assert checked(tmp_path, zone="", rows=aware).examination.mistakes == ()
    assert checked(tmp_path).examination.mistakes == ()


def test_names_of_the_environment_that_are_not_set_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENTS", raising=False)
    assert checked(tmp_path).unset == ("EVENTS",)
    monkeypatch.setenv("EVENTS", "events.csv")
    assert checked(tmp_path).unset == ()
