"""Each Compute against the suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tidemill.engines.compute.duckdb import DuckdbCompute
from tidemill.testing.compute import ComputeSuite


class TestDuckdb(ComputeSuite):
    @pytest.fixture
    def compute(self) -> Iterator[DuckdbCompute]:
        engine = DuckdbCompute(threads=2, memory="256MiB")
        yield engine
        engine.close()
