"""Each Journal against the suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidemill.stores.journal.segments import SegmentJournal
from tidemill.stores.memory.journal import MemoryJournal
from tidemill.testing.journal import JournalSuite, Make


class TestSegments(JournalSuite):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Make:
        return lambda: SegmentJournal(tmp_path / "journal")


class TestSmallSegments(JournalSuite):
    """Every frame ends its segment."""

    @pytest.fixture
    def make(self, tmp_path: Path) -> Make:
        return lambda: SegmentJournal(tmp_path / "journal", segment_bytes=20)


class TestMemory(JournalSuite):
    @pytest.fixture
    def make(self) -> Make:
        journal = MemoryJournal()
        return lambda: journal
