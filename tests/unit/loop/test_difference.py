"""What two versions of a dataset differ in, against rows compared one by one in Python."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest

from tidemill.engines.compute.duckdb import DuckdbCompute
from tidemill.facts.data import ColumnType, DatasetVersion
from tidemill.loop.difference import Kind, SchemaChange, difference, schema_changes
from tidemill.ports.tables import Draft
from tidemill.stores.memory.tables import MemoryTables

COMPUTE = DuckdbCompute()
KIND = Kind(key=("id",), time="", zone="UTC")
TYPES = {"id": pa.int64(), "n": pa.float64(), "s": pa.string(), "changed": pa.string()}
Row = dict[str, Any]


class Landed:
    """A dataset whose rows land batch by batch."""

    def __init__(self) -> None:
        self.tables = MemoryTables()
        self.versions: list[DatasetVersion] = []
        self.rows: list[Row] = []

    def land(self, rows: list[Row], columns: tuple[str, ...] = tuple(TYPES), aside: int = 0) -> None:
        """The rows come, of which the last `aside` are put aside."""
        numbered = [row | {"_row": len(self.rows) + place} for place, row in enumerate(rows)]
        self.rows += numbered[: len(rows) - aside] + [{} for _ in range(aside)]
        types = {name: TYPES[name] for name in columns} | {"_row": pa.int64(), "_op": pa.string()}
        parts = [numbered[: len(rows) - aside], numbered[len(rows) - aside :]]
        files = [
            tuple([self.tables.stage("t", self.table(part, types, broken=place == 1), time="")] if part else [])
            for place, part in enumerate(parts)
        ]
        self.versions.append(self.tables.commit(Draft(
            system="s", dataset="t", files=files[0], rejected=files[1], cursor="", watermark_us=len(self.rows),
            columns=tuple(ColumnType(name=name, type="float") for name in columns), content="", at_us=1,
        ), self.versions[-1] if self.versions else None))  # fmt: skip

    @staticmethod
    def table(rows: list[Row], types: dict[str, pa.DataType], *, broken: bool) -> pa.Table:
        made = pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in types.items()})
        return made.append_column("_reason", pa.array(["n > 0"] * len(rows))) if broken else made

    def state(self, until: int) -> dict[Any, Row]:
        """The newest row of each key of the first so many rows, deleted ones left out."""
        found: dict[Any, Row] = {}
        for row in self.rows[:until]:
            if row:
                found[("none", row["_row"]) if row["id"] is None else row["id"]] = row
        return {key: row for key, row in found.items() if row["_op"] != "D"}


@pytest.mark.parametrize("seed", range(8))
def test_keys_added_changed_and_deleted_are_those_that_plain_python_finds(seed: int) -> None:
    chance, landed = random.Random(seed), Landed()
    for _ in range(6):
        rows = [
            {"id": chance.choice([None, *range(30)]), "n": chance.choice([None, 1.0, 2.0, float("nan")]),
             "s": chance.choice(["a", None]), "changed": "x", "_op": chance.choice("IIUD")}
            for _ in range(chance.randrange(1, 25))
        ]  # fmt: skip
        landed.land(rows, aside=chance.randrange(min(3, len(rows))))
    before, after = landed.versions[2], landed.versions[5]
    old, new = (landed.state(one.rows + one.put_aside) for one in (before, after))

    def other(key: Any, name: str) -> bool:
        values = old[key][name], new[key][name]
        return repr(values[0]) != repr(values[1])

    both = {key for key in old.keys() & new.keys() if old[key]["_row"] != new[key]["_row"]}
    columns = {name: sum(other(key, name) for key in both) for name in ("n", "s", "changed")}
    found = difference(before, after, KIND, landed.tables, COMPUTE)
    assert (found.added, found.deleted) == (len(new.keys() - old.keys()), len(old.keys() - new.keys()))
    assert found.changed == sum(any(other(key, name) for name in columns) for key in both)
    assert found.columns == {name: count for name, count in columns.items() if count}
    assert found.landed == after.rows - before.rows
    assert found.put_aside == after.put_aside - before.put_aside


def test_without_a_key_rows_only_land() -> None:
    landed = Landed()
    for _ in range(2):
        landed.land([{"id": 1, "n": 1.0, "_op": "I"}] * 3)
    kind = Kind(key=(), time="", zone="UTC")
    found = difference(landed.versions[0], landed.versions[1], kind, landed.tables, COMPUTE)
    assert (found.landed, found.added, found.changed, found.deleted) == (3, None, None, None)


def test_a_version_differs_in_nothing_from_itself_nor_where_every_row_was_put_aside() -> None:
    landed = Landed()
    landed.land([{"id": 1, "_op": "I"}], aside=1)
    landed.land([{"id": 2, "_op": "I"}], aside=1)
    same = difference(landed.versions[1], landed.versions[1], KIND, landed.tables, COMPUTE)
    assert (same.added, same.changed, same.deleted, same.findings) == (0, 0, 0, ())
    aside = difference(landed.versions[0], landed.versions[1], KIND, landed.tables, COMPUTE)
    assert (aside.added, aside.put_aside) == (0, 1)


def test_columns_that_came_went_or_changed_their_type() -> None:
    old = (ColumnType(name="a", type="int"), ColumnType(name="b", type="text"), ColumnType(name="c", type="int"))
    new = (ColumnType(name="a", type="float"), ColumnType(name="c", type="int"), ColumnType(name="d", type="date"))
    assert list(schema_changes(old, new)) == [
        SchemaChange(column="a", before="int", after="float"),
        SchemaChange(column="d", before=None, after="date"),
        SchemaChange(column="b", before="text", after=None),
    ]


def test_values_that_moved_or_went_missing_are_found_and_still_ones_are_not() -> None:
    landed, chance = Landed(), random.Random(1)

    def some(shift: float, missing: float) -> list[Row]:
        return [
            {"id": len(landed.rows) + place, "n": chance.gauss(shift, 1), "changed": chance.choice("xy"), "_op": "I",
             "s": None if chance.random() < missing else chance.choice("ab")}
            for place in range(500)
        ]  # fmt: skip

    landed.land(some(0.0, 0.0))
    landed.land(some(0.0, 0.0))
    landed.land(some(2.0, 0.4))
    still = difference(landed.versions[0], landed.versions[1], KIND, landed.tables, COMPUTE)
    assert still.findings == ()
    moved = difference(landed.versions[1], landed.versions[2], KIND, landed.tables, COMPUTE)
    assert {one.code: one.subject for one in moved.findings} == {
        "finding.nulls-rose": "t.s",
        "finding.values-moved": "t.n",
    }
