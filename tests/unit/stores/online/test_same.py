"""LMDB, Redis and the store in memory are one: whatever is written in whatever order, they hold and say the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import redis
from tidemill.errors import BusyError
from tidemill.ports.online import Online
from tidemill.stores.memory.online import MemoryOnline
from tidemill.stores.online.lmdb import LmdbOnline
from tidemill.stores.online.redis import RedisOnline

SPACES = ("view/a", "view/b", "candidates/c")
KEYS = (b"", b"a", b"m", b"k", b"\x00\xff", b"long" * 200, b"long" * 200 + b"!")
MARKS = ("", "1", "2", '{"row": 3, "öäü": "한국"}')

Change = Callable[[Online], str]

records = st.lists(st.tuples(st.sampled_from(KEYS), st.none() | st.binary(max_size=40)), max_size=6)
marks = st.dictionaries(st.sampled_from(SPACES), st.sampled_from(MARKS), max_size=2)


def written(
    changes: dict[str, list[tuple[bytes, bytes | None]]], marks: dict[str, str], after: dict[str, str]
) -> Change:
    def change(store: Online) -> str:
        try:
            store.write(changes, marks, after)
        except BusyError as error:
            return error.code
        return ""

    return change


def dropped(space: str) -> Change:
    def change(store: Online) -> str:
        store.drop(space)
        return ""

    return change


changes = st.lists(
    st.builds(written, st.dictionaries(st.sampled_from(SPACES), records, max_size=3), marks, st.just({}) | marks)
    | st.builds(dropped, st.sampled_from(SPACES)),
    max_size=12,
)


def told(store: Online) -> object:
    """All that can be asked of it."""
    return [(store.read(space, KEYS), store.get(space, KEYS), store.extent(space)) for space in SPACES], store.marked()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=changes)
def test_all_stores_hold_the_same(changes: list[Change], redis_server: redis.Server) -> None:
    with TemporaryDirectory() as folder, ExitStack() as closed:
        stores: list[Online] = [
            MemoryOnline(),
            closed.enter_context(closing(LmdbOnline(Path(folder), map_bytes=16 << 20))),
            closed.enter_context(closing(RedisOnline(f"{redis_server.url}?prefix={uuid4().hex}"))),
        ]
        for change in changes:
            said = [change(store) for store in stores]
            assert said[1:] == said[:-1]
            states = [told(store) for store in stores]
            assert states[1] == states[0]
            assert states[2] == states[0]
