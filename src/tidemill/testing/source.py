"""What every Reader of a source must do; a backend's test inherits the suite and gives its `world` fixture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

import pyarrow as pa
import pytest

from tidemill.facts.data import ColumnType
from tidemill.ports.source import Reader, Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the table that every backend holds."""

    id: int
    at: datetime
    day: date | None
    price: float | None
    vip: bool | None
    note: str | None


naive = datetime.fromisoformat

FIRST = (
    Row(id=1, at=naive("2026-01-02 03:04:05.600000"), day=date(2026, 1, 2), price=1.5, vip=True, note="a,b"),
    Row(id=2, at=naive("2026-01-02 03:04:06"), day=None, price=None, vip=None, note=None),
    Row(id=3, at=naive("2026-01-02 03:04:06"), day=date(2026, 1, 3), price=-2.0, vip=False, note='조개 "x"'),
)
MORE = (
    Row(id=4, at=naive("2026-01-02 03:04:06"), day=None, price=7.0, vip=True, note="d"),
    Row(id=5, at=naive("2026-02-01 00:00:00"), day=None, price=0.25, vip=None, note="e"),
)
TYPES = {"id": "int", "at": "timestamp", "day": "date", "price": "float", "vip": "boolean", "note": "text"}
ARROW = pa.schema(
    {
        "id": pa.int64(),
        "at": pa.timestamp("us"),
        "day": pa.date32(),
        "price": pa.float64(),
        "vip": pa.bool_(),
        "note": pa.string(),
    }
)


class World(Protocol):
    """A source outside, which holds FIRST at the beginning."""

    def reader(self) -> Reader:
        """A new reader of it."""
        ...

    def add(self, rows: Sequence[Row]) -> None:
        """Rows come to it."""
        ...


def table(rows: Sequence[Row]) -> pa.Table:
    """The rows as every reader must give them."""
    return pa.table({name: [getattr(row, name) for row in rows] for name in ARROW.names}, ARROW)


def landed(slices: Sequence[Slice], before: pa.Table) -> pa.Table:
    """All rows after a pass: those of a pass over the whole table, else those before and the new ones."""
    kept = [] if any(piece.whole for piece in slices) else [before]
    return pa.concat_tables([*kept, *(piece.rows for piece in slices)])


class ReaderSuite:
    """Inherit and define `world`."""

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    def test_tells_names_and_types(self, world: World) -> None:
        assert world.reader().columns() == tuple(ColumnType(name=name, type=kind) for name, kind in TYPES.items())

    def test_gives_all_rows_typed_and_in_order(self, world: World) -> None:
        slices = list(world.reader().slices(""))
        assert landed(slices, table(())) == table(FIRST)

    def test_gives_nothing_when_nothing_is_new(self, world: World) -> None:
        *_, last = world.reader().slices("")
        assert list(world.reader().slices(last.cursor)) == []

    def test_gives_what_came_since_or_the_whole_table(self, world: World) -> None:
        *_, last = world.reader().slices("")
        world.add(MORE)
        slices = list(world.reader().slices(last.cursor))
        assert landed(slices, table(FIRST)) == table((*FIRST, *MORE))
        assert list(world.reader().slices(slices[-1].cursor)) == []

    def test_goes_on_from_every_slice(self, world: World) -> None:
        world.add(MORE)
        slices = list(world.reader().slices(""))
        for place, piece in enumerate(slices[:-1]):
            before = landed(slices[: place + 1], table(()))
            rest = list(world.reader().slices(piece.cursor))
            assert landed(rest, before) == table((*FIRST, *MORE))

    def test_the_same_pass_gives_the_same_slices(self, world: World) -> None:
        world.add(MORE)
        assert list(world.reader().slices("")) == list(world.reader().slices(""))


class QueryWorld(Protocol):
    """A query: all columns of the rows it is asked over, the price of the row before and of the row after, by id."""

    def over(self, rows: Sequence[Row]) -> Reader:
        """A reader of it over these rows, in that order."""
        ...


DAYS = tuple(replace(FIRST[0], id=n, at=naive(f"2026-01-{n:02d}"), price=float(n)) for n in range(1, 8))
CUT_US = 1_767_571_200_000_000
"""2026-01-05."""


class RerunSuite:
    """Inherit and define `query`."""

    @pytest.fixture
    def query(self) -> QueryWorld:
        raise NotImplementedError

    def test_runs_as_if_the_input_ended_at_a_moment(self, query: QueryWorld) -> None:
        (early,) = query.over(DAYS[:4]).slices("")
        with query.over(DAYS).rerun("at") as again:
            assert again is not None
            assert again.until(CUT_US) == early.rows

    def test_runs_with_the_late_rows_last(self, query: QueryWorld) -> None:
        (sorted_,) = query.over(DAYS).slices("")
        with query.over((*DAYS[4:], *DAYS[:4])).rerun("at") as again:
            assert again is not None
            assert again.late_last(CUT_US) == sorted_.rows

    def test_runs_again_and_again_and_untied(self, query: QueryWorld) -> None:
        with query.over(DAYS).rerun("at") as again:
            assert again is not None
            first, whole, second = again.until(CUT_US), again.late_last(CUT_US), again.until(CUT_US)
            untied = again.untied()
            assert untied is not None
            assert first == second == untied.until(CUT_US)
            assert whole == untied.late_last(CUT_US)

    def test_says_what_can_be_cut(self, query: QueryWorld) -> None:
        with query.over(DAYS).rerun("at") as again:
            assert again is not None
            assert (len(again.cut), again.whole) == (1, ())
