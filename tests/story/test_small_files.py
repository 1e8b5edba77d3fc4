"""A lake that grows by the minute puts its small files together, and nobody who reads it notices."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.features.offline.world import END, SECOND_LOOK, World
from tidemill.features.online import space
from tidemill.spec.view import Lookup
from tidemill.stores import compact

TURNS = 18
LANDED = ("_known_at", "_op", "_batch", "_row")


def grown(seed: int) -> tuple[World, list[dict[str, str]]]:
    """A world whose sources bring a few rows, and corrections, in each of many turns; the online marks after each."""
    world, marks = World(seed), []
    for turn in range(TURNS):
        more = {"events": world.events(3), "customers": world.customers(1), "loans": world.asks(1)}
        more["events"] += world.corrected("events")[: turn % 3]
        world.land(more, SECOND_LOOK + turn)
        world.mill.push(SECOND_LOOK + turn)
        marks.append({name: world.mill.ctx.online.mark(name) for name in spaces(world)})
    return world, marks


def spaces(world: World) -> list[str]:
    return [space(view) for view in world.mill.system.views if isinstance(view, Lookup)]


def records(world: World) -> Any:
    """All that answering looks up."""
    online: Any = world.mill.ctx.online
    return online._state[0]


@pytest.fixture(scope="module")
def pair() -> tuple[World, World, bool]:
    """The same world twice, the second time in a lake that never puts files together; whether all marks were alike."""
    small, marks = grown(5)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compact, "FAN", 1 << 60)
        loose, others = grown(5)
    return small, loose, marks == others


def test_training_sets_online_records_and_marks_are_the_same(pair: tuple[World, World, bool]) -> None:
    small, loose, marks_alike = pair
    assert marks_alike
    assert records(small) == records(loose) != {}
    late = {"watermark_us": END + 30 * 86_400_000_000}
    for model in small.models:
        one, other = small.mill.prepare(model, **late), loose.mill.prepare(model, **late)
        assert (one.digest, one.parts, one.versions) == (other.digest, other.parts, other.versions)


def test_landing_order_and_the_lakes_own_columns_stay_and_so_does_the_digest_of_content(
    pair: tuple[World, World, bool],
) -> None:
    small, loose, _ = pair
    for name in ("events", "customers", "loans"):
        one, other = (world.mill.ctx.tables.newest(name) for world in (small, loose))
        assert one is not None
        assert other is not None
        assert len(one.files) < TURNS < len(other.files)
        assert (one.name, one.content, one.rows, one.cursor) == (other.name, other.content, other.rows, other.cursor)
        rows = small.mill.landed(name)
        assert rows == loose.mill.landed(name)
        assert rows["_row"].to_pylist() == list(range(one.rows))
        assert set(LANDED) <= set(rows.column_names)


def test_readers_of_older_versions_go_on(pair: tuple[World, World, bool]) -> None:
    one, other = (world.mill.ctx.tables for world in pair[:2])
    for number in one.numbers("events"):
        rows = one.read(one.version("events", number).files)
        assert rows.num_rows == one.version("events", number).rows
        assert rows == other.read(other.version("events", number).files)
