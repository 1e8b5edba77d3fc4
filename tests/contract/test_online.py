"""Each Online against the suite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tidemill.ports.online import Online
from tidemill.stores.memory.online import MemoryOnline
from tidemill.stores.online.lmdb import LmdbOnline
from tidemill.stores.online.redis import RedisOnline
from tidemill.testing.online import Make, OnlineSuite


class TestLmdb(OnlineSuite):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Iterator[Make]:
        handles: list[LmdbOnline] = []

        def opened() -> Online:
            handles.append(LmdbOnline(tmp_path / "online"))
            return handles[-1]

        yield opened
        for handle in handles:
            handle.close()


class TestRedis(OnlineSuite):
    @pytest.fixture
    def make(self, redis_url: str) -> Iterator[Make]:
        handles: list[RedisOnline] = []

        def opened() -> Online:
            handles.append(RedisOnline(redis_url))
            return handles[-1]

        yield opened
        for handle in handles:
            handle.close()


class TestMemory(OnlineSuite):
    @pytest.fixture
    def make(self) -> Make:
        store = MemoryOnline()
        return lambda: store
