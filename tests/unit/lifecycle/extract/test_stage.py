"""Extraction lands what is new, once, typed and timed, or says clearly why not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tidemill as tm
from tests.street import EPOCH, HOUR, Street, table, us
from tidemill.errors import DataError, SourceError
from tidemill.facts.codec import canonical
from tidemill.facts.data import NOT_YET, ColumnType
from tidemill.features.offline.lake import lake_of
from tidemill.lifecycle.extract import stage
from tidemill.lifecycle.extract.columns import needed_columns
from tidemill.lifecycle.extract.oddvalues import odd_values
from tidemill.ports.source import Slice
from tidemill.spec.source import Files
from tidemill.stores.memory.source import MemoryReader
from tidemill.stores.sources.files import FilesReader

NAIVE = pa.timestamp("us")


def street(rows: pa.Table, *, zone: str = "UTC", **words: Any) -> Street:
    """One source `events` of those rows."""
    system = tm.System("shop", owner="owner@shop.example", zone=zone)
    system.source("events", tm.files("events"), **{"key": "id", "time": "at"} | words)
    return Street(system, {"events": rows})


def event(id: int, at: str = "2026-01-01", **more: Any) -> dict[str, Any]:
    """One row of the source."""
    return {"id": id, "at": datetime.fromisoformat(at), **more}


def ids(mill: Street) -> list[int]:
    found: list[int] = mill.landed("events")["id"].to_pylist()
    return found


def test_lands_every_row_once_with_the_lakes_own_columns() -> None:
    mill = street(table([event(1), event(2)]))
    version = mill.extract("events")
    assert (version.name, version.rows, version.new_rows) == ("events@v1", 2, 2)
    assert version.columns == (ColumnType(name="id", type="int"), ColumnType(name="at", type="timestamp"))
    landed = mill.landed("events")
    assert landed["_op"].to_pylist() == ["I", "I"]
    assert landed["_batch"].to_pylist() == [1, 1]
    assert landed["_row"].to_pylist() == [0, 1]
    assert landed["at"].type == landed["_known_at"].type == pa.timestamp("us", tz="UTC")


def test_rows_that_are_another_version_of_a_row_are_counted() -> None:
    mill = street(table([event(1, amount=1), event(2, amount=1)]), deleted="amount < 0")
    assert mill.extract("events").again == 0
    assert lake_of("UTC", mill.versions, mill.ctx.tables, mill.ctx.compute).dialect.single == {"events"}
    mill.readers["events"].add(table([event(3, amount=1), event(3, amount=2), event(4, amount=1)]))
    assert mill.extract("events").again == 1, "one of this very pass"
    mill.readers["events"].add(table([event(1, amount=5), event(5, amount=1)]))
    assert mill.extract("events").again == 2, "one of an earlier pass"
    mill.readers["events"].add(table([event(2, amount=-1)]))
    assert mill.extract("events").again == 3, "one that is gone"
    assert lake_of("UTC", mill.versions, mill.ctx.tables, mill.ctx.compute).dialect.single == set()
    bare = street(table([event(1), event(1)]), key=None)
    assert bare.extract("events").again == 0, "without a key every row is its own"


def test_lands_just_what_came_since() -> None:
    mill = street(table([event(1)]))
    first = mill.extract("events")
    assert mill.extract("events") == first
    mill.readers["events"].add(table([event(2, "2026-01-05")]))
    second = mill.extract("events")
    assert (second.number, second.rows, second.new_rows, second.parent) == (2, 2, 1, first.manifest)
    assert second.watermark_us == us("2026-01-05")
    assert ids(mill) == [1, 2]


def test_a_row_of_a_time_to_come_does_not_say_how_far_the_source_is_known() -> None:
    mill = street(table([event(1, "2026-01-01"), event(2, "2027-06-01")]))
    first = mill.extract("events", "2026-01-10")
    assert (first.rows, first.watermark_us) == (2, us("2026-01-01")), "the row lands as any other"
    assert mill.extract("events", "2027-07-01") == first
    mill.readers["events"].add(table([event(3, "2026-03-01")]))
    later = mill.extract("events", "2027-07-01")
    assert later.watermark_us == us("2026-03-01"), "that its day has come does not make the source known until then"
    mill.readers["events"].add(table([event(4, "2027-07-01T00:00:05"), event(5, "2027-07-01T00:00:06")]))
    assert mill.extract("events", "2027-07-01").watermark_us == us("2027-07-01T00:00:05"), "clocks are not all alike"


def test_a_source_of_times_to_come_alone_is_known_until_no_time_yet() -> None:
    mill = street(table([event(1, "2027-06-01")]))
    version = mill.extract("events", "2026-01-10")
    assert (version.rows, version.watermark_us, version.known_until_us) == (1, NOT_YET, None)


def test_a_version_that_a_row_to_come_made_known_too_far_heals_with_the_next() -> None:
    mill = street(table([event(1, "2026-01-01"), event(2, "2027-06-01"), event(3, "2026-01-05")]))
    first = mill.extract("events", "2026-01-10")
    poisoned = replace(first, watermark_us=us("2027-06-01"))
    mill.readers["events"].add(table([event(4, "2026-01-02")]))
    now_us = us("2027-08-01")
    given = stage.Given(
        system="shop", zone="UTC", source=mill.system.source("events"), previous=poisoned, now_us=now_us
    )
    assert stage.run(given, mill.ctx)[0].watermark_us == us("2026-01-05")


READ = {"amount": "features past", "city": "request ask"}
"""Columns that are read, and who does."""


def reading(mill: Street, **changes: Any) -> stage.Given:
    usual: dict[str, Any] = {"previous": mill.ctx.tables.newest("events"), "now_us": us("2030-01-01"), "reads": READ}
    return stage.Given(system="shop", zone="UTC", source=mill.system.source("events"), **usual | changes)


def gone(mill: Street, **changes: Any) -> dict[str, object]:
    before = mill.ctx.tables.newest("events")
    with pytest.raises(DataError) as caught:
        stage.run(reading(mill, **changes), mill.ctx)
    assert caught.value.code == "data.column-gone"
    assert mill.ctx.tables.newest("events") == before, "nothing of the pass is there"
    return dict(caught.value.fields)


@pytest.mark.parametrize("mark", ["as it is", "of an earlier release"])
def test_a_column_that_is_read_and_went_stops_the_pass(mark: str) -> None:
    mill = street(table([event(1, amount=1, city="Ulm", note="x"), event(2, amount=2, city="Bonn", note="y")]))
    stage.run(reading(mill), mill.ctx)
    first = mill.ctx.tables.newest("events")
    assert first is not None
    past = {"previous": replace(first, cursor=json.dumps({"source": json.loads(first.cursor)["source"]}))}
    changes = past if mark == "of an earlier release" else {}
    mill.readers["events"].replace(table([event(1, city="Ulm"), event(2, city="Bonn")]))
    assert gone(mill, **changes) == {"column": "amount", "reader": "features past", "where": "events"}
    mill.readers["events"].replace(table([event(1, amount=1), event(2, amount=2), event(3, amount=3)]))
    assert gone(mill, **changes)["column"] == "city"
    mill.readers["events"].replace(table([event(1, amount=1, city="Ulm"), event(2, amount=2, city="Bonn")]))
    stage.run(reading(mill, **changes), mill.ctx)
    assert mill.landed("events")["note"].to_pylist()[:2] == ["x", "y"], "what nobody reads may go"


def test_a_column_that_went_does_not_matter_once_nobody_reads_it() -> None:
    mill = street(table([event(1, amount=1, city="Ulm")]))
    stage.run(reading(mill), mill.ctx)
    mill.readers["events"].replace(table([event(1, amount=1), event(2, amount=2)]))
    assert gone(mill)["column"] == "city"
    stage.run(reading(mill, reads={"amount": "features past"}), mill.ctx)
    assert stage.run(reading(mill), mill.ctx)[0].rows == 2, "it is read again, and the source never had it since"


def test_a_part_of_the_source_without_a_column_that_is_read_stops_the_pass(tmp_path: Path) -> None:
    mill = street(table([]))
    folder = tmp_path / "events"
    folder.mkdir()
    mill.readers["events"] = FilesReader(Files(path=str(folder)))  # type: ignore[assignment]  # real files here
    head, short = "id,at,amount\n", "id,at\n"
    (folder / "a.csv").write_text(short + "1,2026-01-01 00:00:00\n")
    (folder / "b.csv").write_text(head + "2,2026-01-02 00:00:00,5\n")
    assert stage.run(reading(mill), mill.ctx)[0].rows == 2, "older files may not have it yet"
    (folder / "c.csv").write_text(short + "3,2026-01-03 00:00:00\n")
    assert gone(mill) == {"column": "amount", "reader": "features past", "where": "c.csv of events"}
    (folder / "c.csv").unlink()
    (folder / "b.csv").write_text(short + "2,2026-01-02 00:00:00\n")
    assert gone(mill)["where"] == "events", "no file has it"
    (folder / "b.csv").write_text(head + "2,2026-01-02 00:00:00,6\n")
    assert stage.run(reading(mill), mill.ctx)[0].rows == 3, "the file that never had it is read anew and brings nothing"
    (folder / "c.csv").write_text(head + "3,2026-01-03 00:00:00,\n")
    assert stage.run(reading(mill), mill.ctx)[0].rows == 4, "it may be empty"
    (folder / "b.csv").write_text(short + "2,2026-01-02 00:00:00\n")
    assert stage.run(reading(mill), mill.ctx)[0].rows == 4, "rows that are as they were bring nothing"
    (folder / "b.csv").write_text(short + "2,2026-01-02 00:00:00\n4,2026-01-04 00:00:00\n")
    assert gone(mill)["where"] == "b.csv of events"


def test_a_file_read_again_lands_only_rows_that_it_did_not_have() -> None:
    rows = [event(1, price=1.0), event(2, price=None), event(3, price=3.0)]
    mill = street(table(rows))
    mill.extract("events")
    changed = [rows[0], rows[1], event(3, price=4.0), event(4, price=None)]
    mill.readers["events"].replace(table(changed))
    version = mill.extract("events")
    assert version.new_rows == 2
    landed = mill.landed("events").to_pylist()
    assert [(row["id"], row["price"], row["_op"]) for row in landed[3:]] == [(3, 4.0, "U"), (4, None, "I")]
    assert [row["_row"] for row in landed] == [0, 1, 2, 3, 4]


def test_a_row_that_was_changed_back_lands_again() -> None:
    mill = street(table([event(1, price=1.0), event(2, price=2.0), event(2, "2026-02-01", price=1.0)]))
    mill.extract("events")
    for price in (5.0, 1.0, 1.0):
        mill.readers["events"].replace(
            table([event(1, price=price), event(2, price=2.0), event(2, "2026-02-01", price=1.0)])
        )
        mill.extract("events")
    assert mill.landed("events")["price"].to_pylist() == [1.0, 2.0, 1.0, 5.0, 1.0]


def test_a_file_that_gained_a_column_lands_only_rows_that_have_a_value_there() -> None:
    mill = street(table([event(1), event(2)]))
    mill.extract("events")
    mill.readers["events"].replace(table([event(1, color=None), event(2, color="red")], color=pa.string()))
    version = mill.extract("events")
    assert (version.new_rows, version.columns[-1]) == (1, ColumnType(name="color", type="text"))
    assert mill.landed("events")["color"].to_pylist() == [None, None, "red"]


def test_equal_rows_of_one_pass_all_land() -> None:
    mill = street(table([event(1), event(1)]))
    assert mill.extract("events").rows == 2
    mill.readers["events"].replace(table([event(1), event(1), event(1)]))
    assert mill.extract("events").number == 1


rows = st.lists(
    st.tuples(st.integers(0, 5), st.one_of(st.none(), st.floats(-9, 9)), st.one_of(st.none(), st.text(max_size=3))),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row[0],
)


@settings(max_examples=15)
@given(rows=rows, data=st.data())
def test_the_same_rows_in_any_order_have_the_same_content(rows: list[tuple[Any, ...]], data: st.DataObject) -> None:
    def content(order: list[tuple[Any, ...]]) -> str:
        given = [event(id, price=price, note=note) for id, price, note in order]
        return street(table(given, price=pa.float64(), note=pa.string())).extract("events").content

    assert content(rows) == content(data.draw(st.permutations(rows)))
    other = [*rows[:-1], (rows[-1][0], 10.0, rows[-1][2])]
    assert content(rows) != content(other)


def test_content_does_not_depend_on_how_arrow_holds_nulls() -> None:
    plain = pa.array([1.0, None], pa.float64())
    hidden = pa.Array.from_buffers(pa.float64(), 2, [plain.buffers()[0], pa.array([1.0, 7.0]).buffers()[1]])
    kept = [
        street(table([event(1), event(2)]).append_column("price", column)).extract("events").content
        for column in (plain, hidden)
    ]
    assert hidden.to_pylist() == [1.0, None]
    assert kept[0] == kept[1]


def test_rows_that_break_a_promise_are_put_aside_with_the_promise() -> None:
    given = [event(1, price=5), event(2, price=-1), event(3, price=None), event(4, price=200)]
    mill = street(table(given), expect=["price >= 0", "price < 100"])
    version = mill.extract("events")
    assert ids(mill) == [1, 3]
    aside = mill.ctx.tables.read(version.rejected).to_pylist()
    assert [(row["id"], row["_reason"]) for row in aside] == [(2, "price >= 0"), (4, "price < 100")]
    assert sorted([*mill.landed("events")["_row"].to_pylist(), *(row["_row"] for row in aside)]) == [0, 1, 2, 3]
    assert (version.rows, version.put_aside) == (2, 2)


def test_what_was_put_aside_is_not_put_aside_again_and_lands_when_it_was_repaired() -> None:
    mill = street(table([event(1, price=1), event(2, price=-1)]), expect=["price >= 0"])
    first = mill.extract("events")
    mill.readers["events"].replace(table([event(1, price=1), event(2, price=-1)]))
    assert mill.extract("events") == first
    mill.readers["events"].replace(table([event(1, price=1), event(2, price=1)]))
    version = mill.extract("events")
    assert (version.rows, version.put_aside) == (2, 1)
    assert mill.landed("events")["_row"].to_pylist() == [0, 2]


def test_a_dataset_of_which_every_row_was_put_aside_is_one_without_rows() -> None:
    mill = street(table([event(1, price=-1)]), expect=["price >= 0"])
    version = mill.extract("events")
    assert (version.rows, version.put_aside) == (0, 1)
    assert mill.lake.query("select id, price, _known_at from events").num_rows == 0


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Seoul"])
def test_naive_times_are_the_zones_clock_also_in_the_nights_when_it_is_changed(zone: str) -> None:
    """Outside value: zoneinfo's own reading; a repeated time is its first (fold 0), a missing one the gap's end."""
    start, place = datetime(2026, 1, 1), ZoneInfo(zone)  # noqa: DTZ001 - naive is what is tested
    clocks = [start + timedelta(minutes=30 * step) for step in range(2 * 24 * 365)]
    mill = street(table([{"id": n, "at": clock} for n, clock in enumerate(clocks)]), zone=zone)
    mill.extract("events")
    for clock, landed in zip(clocks, mill.landed("events")["at"].to_pylist(), strict=True):
        expected = clock.replace(tzinfo=place).astimezone(UTC)
        if expected.astimezone(place).replace(tzinfo=None) != clock:  # no such time: the clock jumped over it
            before = expected - timedelta(hours=1)
            shown = [before + timedelta(minutes=n) for n in range(121)]
            expected = next(t for t in shown if t.astimezone(place).replace(tzinfo=None) >= clock)
        assert landed == expected, clock


def test_times_with_a_zone_keep_their_moment_and_dates_begin_at_midnight() -> None:
    seoul = pa.array([us("2026-01-01T00:00+09:00")], pa.timestamp("us", tz="Asia/Seoul"))
    mill = street(pa.table({"id": [1], "at": seoul, "day": [date(2026, 1, 2)]}), zone="Europe/Berlin")
    mill.extract("events")
    assert mill.landed("events")["at"].cast(pa.int64()).to_pylist() == [us("2025-12-31T15:00")]
    dated = street(table([{"id": 1, "at": date(2026, 7, 1)}]), zone="Europe/Berlin")
    dated.extract("events")
    assert dated.landed("events")["at"].cast(pa.int64()).to_pylist() == [us("2026-06-30T22:00")]


def known(mill: Street) -> list[int]:
    return [int(moment) for moment in mill.landed("events")["_known_at"].cast(pa.int64()).to_pylist()]


def test_history_was_known_as_it_happened_and_what_comes_later_when_it_came() -> None:
    mill = street(table([event(1)]))
    mill.extract("events", "2026-02-01")
    mill.readers["events"].add(table([event(2), event(3, "2026-04-01")]))
    mill.extract("events", "2026-03-01")
    assert known(mill) == [us("2026-01-01"), us("2026-03-01"), us("2026-04-01")]


def test_a_declared_known_holds_for_history_and_for_what_comes() -> None:
    mill = street(table([event(1)]), known="at + interval '5 seconds'")
    mill.extract("events", "2026-02-01")
    mill.readers["events"].add(table([event(2)]))
    mill.extract("events", "2026-03-01")
    assert known(mill) == [us("2026-01-01T00:00:05")] * 2


def test_a_declared_known_may_be_a_date_and_where_it_is_null_the_row_was_known_when_it_came() -> None:
    rows = [event(1, told=date(2026, 1, 3)), event(2, told=None)]
    mill = street(table(rows, told=pa.date32()), known="told", zone="Asia/Seoul")
    mill.extract("events", "2026-02-01")
    assert known(mill) == [us("2026-01-03T00:00+09:00"), us("2026-02-01")]


def test_rows_without_a_time_are_no_events_yet() -> None:
    mill = street(table([event(1), {"id": 2, "at": None}]))
    mill.extract("events")
    assert ids(mill) == [1]
    mill.readers["events"].replace(table([event(1), event(2)]))
    mill.extract("events")
    assert ids(mill) == [1, 2]


class Vanishing:
    """A source that is lost after its first slice."""

    def __init__(self, mill: Street) -> None:
        self.reader = mill.readers["events"]

    def columns(self) -> tuple[ColumnType, ...]:
        return self.reader.columns()

    def slices(self, cursor: str) -> Iterator[Slice]:
        yield next(self.reader.slices(cursor))
        raise SourceError("lost", source="events", reason="connection reset")


def test_a_source_that_disappears_half_way_leaves_everything_as_it_was() -> None:
    mill = street(table([event(1)]))
    first = mill.extract("events")
    mill.readers["events"].add(table([event(2)]))
    held = mill.readers["events"]
    mill.readers["events"] = Vanishing(mill)  # type: ignore[assignment]  # a reader like any other
    with pytest.raises(SourceError, match="lost"):
        mill.extract("events")
    assert mill.ctx.tables.newest("events") == first
    mill.readers["events"] = held
    assert mill.extract("events").rows == 2
    assert ids(mill) == [1, 2]


def test_files_of_one_source_may_lack_what_is_promised_but_no_key(tmp_path: Path) -> None:
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    files = tm.files(str(tmp_path))
    source = system.source("events", files, key="id", time="at", known="seen", expect=["price > 0"])
    system.request("form", source, columns=["id"])
    mill = Street(system)
    mill.ctx = replace(mill.ctx, open_source=FilesReader)  # type: ignore[arg-type]  # files alone
    (tmp_path / "1.csv").write_text("id,at\n1,2026-01-01\n")
    (tmp_path / "2.csv").write_text("id,at,price,seen\n2,2026-01-02,5.5,2026-01-03\n3,2026-01-02,-1,2026-01-03\n")
    version = mill.extract("events")
    assert (version.rows, version.put_aside) == (2, 1)
    (tmp_path / "3.csv").write_text("idd,at\n1,2026-01-01\n")
    fields = {"column": "id", "where": "3.csv of events", "nearest": "idd"}
    assert refused(mill) == ("data.column-missing", fields)
    assert mill.ctx.tables.newest("events") == version


def refused(mill: Street, name: str = "events") -> tuple[str, dict[str, object]]:
    with pytest.raises(DataError) as caught:
        mill.extract(name)
    return caught.value.code, dict(caught.value.fields)


@pytest.mark.parametrize(
    ("words", "column", "nearest"),
    [
        ({"time": "happened"}, "happened", None),
        ({"key": "idd"}, "idd", "id"),
        ({"expect": ["pricee > 0"]}, "pricee", "price"),
        ({"known": "att"}, "att", "at"),
        ({"since": "Ats"}, "Ats", "at"),
    ],
)
def test_a_column_that_is_missing_is_named_with_the_nearest(words: Any, column: str, nearest: str | None) -> None:
    code, fields = refused(street(table([event(1, price=1)]), **words))
    assert (code, fields) == ("data.column-missing", {"column": column, "where": "events", "nearest": nearest})


def test_a_time_that_is_none_is_refused() -> None:
    rows: list[dict[str, Any]] = [
        {"id": 7, "at": "2026-01-01 09:00"},
        {"id": 8, "at": None},
        {"id": 9, "at": "2026-01-01 25:00:00"},
    ]
    code, fields = refused(street(table([*rows, {"id": 10, "at": "yesterday"}])))
    assert (code, fields) == (
        "data.time-type",
        {
            "column": "at", "type": "text", "where": "events",
            "odd": 2, "of": 3, "value": "2026-01-01 25:00:00", "row": "id 9",
        },
    )  # fmt: skip
    code, fields = refused(street(table([{"id": 7, "at": 12}])))
    assert (code, fields) == ("data.time-type", {"column": "at", "type": "int", "where": "events"})


def test_an_empty_source_is_refused_until_it_has_a_row() -> None:
    mill = street(table([], id=pa.int64(), at=NAIVE))
    assert refused(mill) == ("data.empty-source", {"source": "events"})
    mill.readers["events"].add(table([event(1)]))
    assert mill.extract("events").rows == 1


def test_columns_with_names_that_are_kept_for_the_lakes_own_are_refused() -> None:
    code, fields = refused(street(table([event(1, _row=9, _etl="x")])))
    assert (code, fields["column"], fields["columns"]) == ("data.column-reserved", "_row", ("_row", "_etl"))
    assert refused(street(table([event(1, _row=9)]), key="_row"))[0] == "data.column-reserved"


def test_whole_numbers_may_become_fractions_but_nothing_else_may_change_its_type() -> None:
    mill = street(table([event(1, price=1)]), expect=["price < 2"])
    mill.extract("events")
    mill.readers["events"].replace(table([event(1, price=1.0), event(2, price=1.6)]))
    version = mill.extract("events")
    assert (version.rows, version.columns[-1].type) == (2, "float")
    assert mill.landed("events")["price"].to_pylist() == [1.0, 1.6]
    mill.readers["events"].replace(table([event(3, price=1)]))
    assert mill.extract("events").columns[-1].type == "float"
    mill.readers["events"].replace(table([event(4, price="cheap")]))
    code, fields = refused(mill)
    was = {"column": "price", "was": "float", "now": "text", "where": "events"}
    odd = {"odd": 1, "of": 1, "value": "cheap", "row": "id 4, at 2026-01-01 00:00:00"}
    assert (code, fields) == ("data.type-changed", was | odd)


@pytest.mark.parametrize(
    ("kind", "good", "odd"),
    [
        ("int", ["-1", "9223372036854775807"], ["1.5", "9223372036854775808", "n/a"]),
        ("float", ["1", "-.5", "1e3"], ["1,5"]),
        ("boolean", ["true", "False"], ["yes"]),
        ("date", ["2026-02-28"], ["2026-02-29", "soon"]),
        ("timestamp", ["2026-01-01", "2026-01-01 10:00:00", "2026-01-01T10:00:00.5Z"], ["2026-01-01 25:00:00", ""]),
    ],
)
def test_the_values_that_make_a_text_of_a_column_are_found(kind: str, good: list[str], odd: list[str]) -> None:
    values = [*good, None, *odd]
    rows = pa.table({"id": list(range(len(values)))})
    found = odd_values(pa.chunked_array([pa.array(values)]), kind, rows, ["id"])
    assert found == {
        "odd": len(odd), "of": len(good) + len(odd), "value": odd[0], "row": f"id {len(good) + 1}",
    }  # fmt: skip
    assert odd_values(pa.chunked_array([pa.array(good)]), kind, rows, ["id"]) == {}


@pytest.mark.parametrize(
    ("value", "kind"), [(1, "int"), (0.5, "float"), ("a", "text"), (True, "boolean"), (date(2026, 1, 1), "date")]
)
def test_a_column_that_was_empty_takes_the_type_of_its_first_values(value: object, kind: str) -> None:
    mill = street(table([event(1, note=None)]))
    assert mill.extract("events").columns[-1] == ColumnType(name="note", type="unknown")
    mill.readers["events"].add(table([event(2, note=value)]))
    assert mill.extract("events").columns[-1].type == kind
    mill.readers["events"].add(table([event(3, note=None)]))
    assert mill.extract("events").columns[-1].type == kind
    assert mill.landed("events")["note"].to_pylist() == [None, value, None]


def test_decimals_stay_exact() -> None:
    price = pa.decimal128(10, 2)
    mill = street(table([event(1, price=Decimal("0.10"))], price=price), expect=["price > 0.09"])
    version = mill.extract("events")
    assert version.columns[-1].type == "float"
    assert mill.landed("events")["price"].to_pylist() == [Decimal("0.10")]


def push(mill: Street, at: str, *rows: dict[str, Any]) -> None:
    """What the server writes for `POST /events/events`."""
    document = {"v": 1, "received_at_us": us(at), "rows": list(rows)}
    mill.ctx.journal.writer("events/events", "w0").append(canonical(document))


def test_pushed_rows_land_exactly_once_known_when_they_were_received() -> None:
    mill = street(table([event(1)]))
    mill.extract("events")
    push(mill, "2026-01-02", {"id": 2, "at": us("2026-01-01T12:00")}, {"id": 3, "at": us("2026-01-01T13:00")})
    version = mill.extract("events", "2026-02-01")
    assert (version.number, version.new_rows) == (2, 2)
    assert known(mill)[1:] == [us("2026-01-02")] * 2
    assert mill.extract("events") == version
    push(mill, "2026-01-03", {"id": 4, "at": us("2026-01-03")})
    mill.extract("events")
    assert ids(mill) == [1, 2, 3, 4]
    assert mill.landed("events")["_row"].to_pylist() == [0, 1, 2, 3]


def test_a_source_that_is_only_pushed_to_lands_in_the_types_that_it_declares() -> None:
    mill = street(table([], id=pa.int64(), at=pa.date32(), day=pa.date32()))
    push(mill, "2026-01-02", {"id": 1, "at": us("2026-01-02"), "day": 20_455})
    mill.extract("events")
    (row,) = mill.landed("events").to_pylist()
    assert (row["at"], row["day"]) == (datetime(2026, 1, 2, tzinfo=UTC), date(2026, 1, 2))


def test_pushed_rows_were_known_when_they_were_received_even_before_anything_was_extracted() -> None:
    mill = street(table([], id=pa.int64(), at=NAIVE))
    push(mill, "2026-01-02", {"id": 1, "at": us("2026-01-01")})
    mill.extract("events")
    assert known(mill) == [us("2026-01-02")]


def test_a_pushed_value_of_the_wrong_type_puts_its_row_aside_and_stops_nothing() -> None:
    mill = street(table([event(1)]))
    push(mill, "2026-01-02", {"id": 2, "at": us("2026-01-02"), "color": "red"})
    push(mill, "2026-01-02", {"id": 3, "at": us("2026-01-02"), "color": 7}, {"id": 2**70, "at": us("2026-01-02")})
    version = mill.extract("events")
    assert ids(mill) == [1, 2]
    reasons = mill.ctx.tables.read(version.rejected)["_reason"].to_pylist()
    assert reasons == ["color is text", "id is int"]


def test_a_pushed_name_of_the_lakes_own_puts_its_row_aside() -> None:
    mill = street(table([event(1)]))
    mill.extract("events")
    at = us("2026-01-02")
    push(mill, "2026-01-02", {"id": 2, "at": at}, {"id": 3, "at": at, "_op": "D"})
    version = mill.extract("events")
    assert (ids(mill), version.put_aside) == ([1, 2], 1)
    aside = mill.ctx.tables.read(version.rejected).to_pylist()
    assert [(row["id"], row["_op"], row["_reason"]) for row in aside] == [
        (3, "I", "_op is a name that is kept for what extraction adds")
    ]


def test_pushed_and_extracted_rows_of_one_pass_are_numbered_together() -> None:
    mill = street(table([event(1)]))
    push(mill, "2026-01-02", {"id": 1, "at": us("2026-01-01"), "color": "red"})
    mill.extract("events")
    assert mill.landed("events")["_row"].to_pylist() == [0, 1]
    assert mill.landed("events")["color"].to_pylist() == [None, "red"]
    assert json.loads(mill.versions[0].cursor).keys() == {"source", "columns", "pushed"}


def test_needs_the_columns_of_key_times_cursor_and_promises() -> None:
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    source = system.source(
        "events", tm.sql("sqlite:///x.db").table("events", cursor="seq"), key=["a", "b"], time="at", since="born",
        known="told + interval '1 day'", expect=["price > low"],
    )  # fmt: skip
    assert needed_columns(source) == ("at", "a", "b", "born", "seq", "price", "low", "told")


def test_hours_of_a_day_are_what_they_are() -> None:
    """The kit's own arithmetic: a test that measures with a bent ruler proves nothing."""
    assert us("1970-01-01T01:00") == HOUR
    assert us("2026-01-01T09:00+09:00") == us("2026-01-01")
    assert EPOCH + timedelta(microseconds=us("2026-01-01")) == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_cursor_without_rows_is_kept_once() -> None:
    """A source may have learnt something that only its next pass can use."""
    mill = street(table([event(1)]))
    first = mill.extract("events")

    class Learning(MemoryReader):
        """Says once that its cursor moved."""

        def slices(self, cursor: str) -> Iterator[Slice]:
            if cursor != "learnt":
                yield Slice(rows=table([event(1)]).slice(0, 0), cursor="learnt")

    mill.readers["events"] = Learning(table([event(1)]))
    second = mill.extract("events")
    assert (second.number, second.new_rows, second.content) == (2, 0, first.content)
    assert json.loads(second.cursor)["source"] == "learnt"
    assert mill.extract("events") == second


def test_what_is_delivered_twice_lands_once_and_a_change_back_lands_again() -> None:
    """A client that got no answer pushes again: in the same batch, in the next, after others, before any reading."""
    mill = street(table([event(1, amount=1)]))
    mill.extract("events")
    at = us("2026-01-02")
    one, two = {"id": 2, "at": at, "amount": 5}, {"id": 2, "at": at, "amount": 6}
    push(mill, "2026-01-02", one, one, {"id": 3, "at": at, "amount": None})
    push(mill, "2026-01-02", one)
    assert mill.extract("events").new_rows == 2
    push(mill, "2026-01-03", one, {"id": 3, "at": at})
    again = mill.extract("events")
    assert (again.rows, mill.extract("events")) == (3, again)
    push(mill, "2026-01-04", two, two, one, two, one)
    mill.extract("events")
    rows = [(row["id"], row["amount"], row["_op"]) for row in mill.landed("events").to_pylist()]
    assert rows == [(1, 1, "I"), (2, 5, "I"), (3, None, "I"), *[(2, amount, "U") for amount in (6, 5, 6, 5)]]


def test_pushed_rows_without_a_key_are_events_of_their_own() -> None:
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    system.source("events", tm.files("events"), time="at")
    mill = Street(system, {"events": table([event(1)])})
    mill.extract("events")
    push(mill, "2026-01-02", *[{"id": 2, "at": us("2026-01-02")}] * 2)
    assert mill.extract("events").rows == 3


def test_a_broken_row_that_is_delivered_twice_is_put_aside_once() -> None:
    mill = street(table([event(1, amount=1)]), expect=["amount > 0"])
    mill.extract("events")
    for _ in range(2):
        push(mill, "2026-01-02", *[{"id": 2, "at": us("2026-01-02"), "amount": -1}] * 2)
        mill.extract("events")
    assert (ids(mill), mill.versions[0].put_aside) == ([1], 1)


def test_what_was_pushed_can_be_read_without_asking_the_source() -> None:
    mill = street(table([event(1)]))
    mill.extract("events")
    mill.readers.clear()
    push(mill, "2026-01-02", {"id": 2, "at": us("2026-01-02")})
    before = mill.versions[0]
    asked = stage.Given(
        system="shop", zone="UTC", source=mill.system.source("events"), previous=before, now_us=us("2026-01-02"),
        parts=(stage.PUSHED,),
    )  # fmt: skip
    (version,) = stage.run(asked, mill.ctx)
    assert (version.rows, json.loads(version.cursor)["source"]) == (2, json.loads(before.cursor)["source"])
