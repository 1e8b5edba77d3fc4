"""Which version of a landed row each moment sees: the SELECTs against the words, moment by moment."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tidemill.engines.compute.duckdb import DuckdbCompute
from tidemill.features.offline.asks import ASK, ASKED, as_known
from tidemill.features.offline.join import looked_up
from tidemill.features.offline.lake import Lake
from tidemill.features.plan import Dialect, clean
from tidemill.ports.tables import BATCH, KNOWN_AT, OP, ROW
from tidemill.spec.expression import Column, Expression
from tidemill.spec.source import Files, Source
from tidemill.spec.view import Lookup, Window

HELD = Expression(text="held", tree=Column(name="held"))
VALUE = Expression(text="value", tree=Column(name="value"))
WHOLE = Source(name="whole", dataset="whole", table=Files(path="x"), key=("key",), time="at")
VIEW = Lookup(
    name="v", source=WHOLE, entity=("who",), columns=(), chosen=("n", "spent", "last"),
    windows=(
        ("n", Window(kind="count")),
        ("spent", Window(kind="sum", expression=VALUE, length_us=8)),
        ("last", Window(kind="last", expression=VALUE)),
    ),
)  # fmt: skip
MOMENTS = range(-2, 32)


@dataclass(frozen=True, slots=True)
class Landed:
    """A row as it landed; its place in the list is the order of landing."""

    key: int | None
    at: int
    known: int
    who: str | None
    value: int
    held: bool
    op: str


ROWS = st.lists(
    st.builds(
        Landed,
        st.sampled_from([1, 1, 2, None]), st.integers(0, 4), st.integers(0, 24), st.sampled_from(["a", "a", "b", None]),
        st.integers(1, 9), st.booleans(), st.sampled_from("IUUD"),
    ),
    max_size=9,
)  # fmt: skip


def lake_of(rows: list[Landed], *, single: bool = False) -> Lake:
    stamp = pa.timestamp("us", tz="UTC")
    table = pa.table({
        "key": pa.array([row.key for row in rows], pa.int64()), "at": pa.array([row.at for row in rows], stamp),
        "who": pa.array([row.who for row in rows], pa.string()),
        "held": pa.array([row.held for row in rows], pa.bool_()),
        "value": pa.array([row.value for row in rows], pa.int64()),
        KNOWN_AT: pa.array([row.known for row in rows], stamp), OP: pa.array([row.op for row in rows], pa.string()),
        BATCH: pa.array([1] * len(rows), pa.int64()), ROW: pa.array(range(len(rows)), pa.int64()),
    })  # fmt: skip
    columns = {"key": "int", "at": "timestamp", "who": "text", "held": "boolean", "value": "int"}
    return Lake(
        dialect=Dialect(
            zone="UTC",
            columns={"whole": columns},  # type: ignore[dict-item]  # words of types as text
            single=frozenset(["whole"] if single else []),
        ),
        landed={"whole": table},
        compute=DuckdbCompute(),
    )


def seen(rows: list[Landed], moment: int) -> list[int]:
    """Places of the rows that the moment sees: known before it, and no later version or deletion was."""
    known = [place for place, row in enumerate(rows) if max(row.at, row.known) < moment]

    def ends(later: Landed, row: Landed) -> bool:
        return later.key == row.key and (later.op == "D" or later.at == row.at)

    return [
        place
        for place in known
        if rows[place].op != "D" and not any(other > place and ends(rows[other], rows[place]) for other in known)
    ]


def features(rows: list[Landed], view: Lookup, *, single: bool = False) -> dict[str, list[object]]:
    """The view of `a` at each moment."""
    asks = pa.table({
        ASK: pa.array(range(len(MOMENTS)), pa.int64()), ASKED: pa.array(list(MOMENTS), pa.int64()),
        "who": pa.array(["a"] * len(MOMENTS), pa.string()),
    })  # fmt: skip
    found = looked_up(view, asks, lake_of(rows, single=single))
    return {
        name: [None if gone else value for value, gone in zip(column.data.tolist(), column.missing, strict=True)]
        for name, column in found.items()
    }


def by_the_words(rows: list[Landed], *, held: bool) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {"n": [], "spent": [], "last": []}
    for moment in MOMENTS:
        mine = [rows[n] for n in seen(rows, moment) if rows[n].who == "a" and (rows[n].held or not held)]
        mine.sort(key=lambda row: row.at)
        found["n"].append(len(mine))
        found["spent"].append(sum(row.value for row in mine if row.at >= moment - 8))
        found["last"].append(mine[-1].value if mine else None)
    return found


@settings(max_examples=60)
@given(rows=ROWS, held=st.booleans())
def test_each_moment_sees_the_versions_that_the_words_say(rows: list[Landed], held: bool) -> None:
    view = replace(VIEW, source=replace(WHOLE, condition=HELD)) if held else VIEW
    assert features(rows, view) == by_the_words(rows, held=held)


@settings(max_examples=40)
@given(rows=ROWS, held=st.booleans())
def test_rows_that_are_the_only_version_are_not_looked_through_for_others(rows: list[Landed], held: bool) -> None:
    view = replace(VIEW, source=replace(WHOLE, condition=HELD)) if held else VIEW
    first = {(row.key, row.at): replace(row, op="I") for row in reversed(rows)}
    alone = list(first.values())
    assert features(alone, view, single=True) == features(alone, view) == by_the_words(alone, held=held)


@settings(max_examples=30)
@given(rows=ROWS, more=ROWS)
def test_what_could_be_known_later_changes_no_value_from_before(rows: list[Landed], more: list[Landed]) -> None:
    latest = max((max(row.at, row.known) for row in rows), default=0)
    late = [Landed(row.key, row.at, latest + row.known, row.who, row.value, row.held, row.op) for row in more]
    before, after = features(rows, VIEW), features([*rows, *late], VIEW)
    settled = latest + 1 - MOMENTS.start
    assert {name: cells[:settled] for name, cells in before.items()} == {
        name: cells[:settled] for name, cells in after.items()
    }


@settings(max_examples=30)
@given(rows=ROWS)
def test_what_stands_at_a_moment_is_what_the_moment_sees(rows: list[Landed]) -> None:
    """Candidates read the last versions of what was known: the same rows as a feature of that moment sees."""
    lake = lake_of(rows)
    for moment in (3, 9, 20, 31):
        table = as_known("select * from whole", [WHOLE], moment, lake)
        assert sorted(table[ROW].to_pylist()) == seen(rows, moment)
    last = lake.query(clean(WHOLE, lake.dialect))[ROW].to_pylist()
    assert sorted(last) == seen(rows, 10**6)
