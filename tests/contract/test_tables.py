"""Each Tables against the suite, and against each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidemill.stores.memory.tables import MemoryTables
from tidemill.stores.tables.parquet import ParquetTables
from tidemill.testing.tables import Make, TablesSuite, draft, rows


class TestParquet(TablesSuite):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Make:
        return lambda: ParquetTables(tmp_path / "lake")


class TestMemory(TablesSuite):
    @pytest.fixture
    def make(self) -> Make:
        tables = MemoryTables()
        return lambda: tables


def test_both_give_the_same_versions_for_the_same_rows(tmp_path: Path) -> None:
    versions = []
    for tables in (ParquetTables(tmp_path), MemoryTables()):
        version = tables.commit(draft(tables.stage("events", rows(1, 2), time="at")), None)
        for n in range(3, 40):
            version = tables.commit(draft(tables.stage("events", rows(n), time="at")), version)
        versions.append(version)
    assert versions[0] == versions[1]
