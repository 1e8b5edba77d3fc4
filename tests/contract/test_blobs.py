"""Each Blobs against the suite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tidemill.ports.blobs import Blobs
from tidemill.stores.blobs.local import LocalBlobs
from tidemill.stores.memory.blobs import MemoryBlobs
from tidemill.testing.blobs import BlobsSuite


class TestLocal(BlobsSuite):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Callable[[], Blobs]:
        return lambda: LocalBlobs(tmp_path / "blobs")


class TestMemory(BlobsSuite):
    @pytest.fixture
    def make(self) -> Callable[[], Blobs]:
        blobs = MemoryBlobs()
        return lambda: blobs
