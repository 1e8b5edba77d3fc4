"""A version by the name that a person typed: newest, by number, as of a day or moment; and what each brought."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from tidemill.app.dataset import history, named
from tidemill.errors import SettingsError
from tidemill.facts.data import ColumnType
from tidemill.ports.tables import BATCH, OP
from tidemill.stores.memory.ledger import MemoryLedger
from tidemill.stores.memory.tables import MemoryTables
from tidemill.testing.fakes import VirtualClock
from tidemill.testing.tables import draft, rows

SEOUL = "Asia/Seoul"
COMMITTED = ("2026-10-31T12:00:00", "2026-11-01T14:59:59.999999", "2026-11-01T15:00:00", "2026-11-05T00:00:00")
"""UTC; the second is the last microsecond of November 1 in Seoul."""


def landed(batch: int, operations: str) -> pa.Table:
    """Rows of that version, one for each of the operations."""
    new = rows(*range(len(operations)))
    return new.append_column(BATCH, [[batch] * len(operations)]).append_column(OP, [list(operations)])


@pytest.fixture
def tables() -> MemoryTables:
    tables, version = MemoryTables(), None
    for n, at in enumerate(COMMITTED):
        at_us = VirtualClock.at(at).now_us()
        columns = (
            ColumnType(name="n", type="int" if n < 2 else "float"),
            *[ColumnType(name="s", type="text")][: n // 3],
        )
        rejected = [tables.stage("events", rows(-n), time="at")][: n % 2]
        file = tables.stage("events", landed(n + 1, "IIUD"[: n + 1]), time="at")
        version = tables.commit(replace(draft(file, rejected=rejected), at_us=at_us, columns=columns), version)
    return tables


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("events", 4),
        ("events@v1", 1),
        ("events@v03", 3),
        ("events@2026-11-01", 2),
        ("events@2026-11-02", 3),
        ("events@2026-10-31", 1),
        ("events@2030-01-01", 4),
        ("events@2026-11-01T23:59", 1),
        ("events@2026-11-02T00:00", 3),
        ("events@2026-11-01T14:59:59.999999Z", 2),
        ("events@2026-11-01T15:00+00:00", 3),
    ],
)
def test_each_way_of_naming_finds_its_version(tables: MemoryTables, text: str, number: int) -> None:
    assert named(text, tables, SEOUL).number == number


@pytest.mark.parametrize(
    ("text", "code", "fields"),
    [
        ("event", "dataset-unknown", {"nearest": "events"}),
        ("event@v1", "dataset-unknown", {"nearest": "events"}),
        ("events@v5", "dataset-version-unknown", {"version": "events@v5", "newest": "events@v4"}),
        ("events@v0", "dataset-version-unknown", {"newest": "events@v4"}),
        ("events@2026-10-30", "dataset-not-then", {"first": "events@v1", "committed": "2026-10-31 21:00"}),
        ("events@2026-10-31T20:59", "dataset-not-then", {"then": "2026-10-31T20:59"}),
        ("events@", "dataset-ref-unread", {"dataset": "events"}),
        ("events@12", "dataset-ref-unread", {"text": "events@12"}),
        ("events@yesterday", "dataset-ref-unread", {}),
        ("events@2026-13-01", "dataset-ref-unread", {}),
        ("events@9999-12-31", "dataset-ref-unread", {}),
    ],
)
def test_what_names_none_is_said_with_what_there_is(
    tables: MemoryTables, text: str, code: str, fields: dict[str, str]
) -> None:
    with pytest.raises(SettingsError) as raised:
        named(text, tables, SEOUL)
    assert raised.value.code == f"settings.{code}"
    assert fields.items() <= raised.value.fields.items()


def test_a_version_that_was_taken_away_is_told_from_one_that_never_was(tables: MemoryTables) -> None:
    tables.remove([tables.version("events", number) for number in (1, 2)])
    with pytest.raises(SettingsError) as raised:
        named("events@v2", tables, SEOUL)
    assert raised.value.code == "settings.dataset-version-pruned"
    assert raised.value.fields["later"] == "events@v3"
    with pytest.raises(SettingsError, match="dataset-not-then"):
        named("events@2026-11-01", tables, SEOUL)


def test_each_version_tells_what_it_brought_as_far_as_the_one_before_is_there(tables: MemoryTables) -> None:
    ledger = MemoryLedger()
    found = history(named("events", tables, SEOUL), ledger, tables, newest=9)
    assert [(one.version.number, one.put_aside) for one in found] == [(4, 1), (3, 0), (2, 1), (1, 0)]
    assert [(one.corrected, one.deleted) for one in found] == [(1, 1), (1, 0), (0, 0), (0, 0)]
    assert [[(change.column, change.before, change.after) for change in one.schema] for one in found] == [
        [("s", None, "text")],
        [("n", "int", "float")],
        [],
        [],
    ]
    assert [one.version.number for one in history(named("events@v2", tables, SEOUL), ledger, tables, newest=9)] == [
        2,
        1,
    ]
    tables.remove([tables.version("events", 2)])
    assert [one.put_aside for one in history(named("events", tables, SEOUL), ledger, tables, newest=2)] == [1, None]
