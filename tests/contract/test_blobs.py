"""Each Blobs against the suite."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tidemill.ports.blobs import Blobs
from tidemill.ports.tables import Waste
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


def test_a_file_that_is_put_again_is_young_again(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    digest = blobs.put(b"tide")
    os.utime(blobs.path(digest), (1_000_000_000, 1_000_000_000))
    assert blobs.waste([digest], idle_s=60) == Waste(files=1, bytes=4)
    assert LocalBlobs(tmp_path).put(b"tide") == digest
    assert blobs.remove([digest], idle_s=60) == Waste(files=0, bytes=0)
    assert blobs.get(digest) == b"tide"
