"""Compute: one SQL SELECT over tables, and a function over entity shards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class Compute(Protocol):
    """DuckDB's SQL dialect; timestamps come and go as timestamp[us, UTC]."""

    def query(
        self,
        sql: str,
        tables: Mapping[str, pa.Table | Sequence[Path]],
        parameters: Mapping[str, object] | None = None,
    ) -> pa.Table:
        """Rows of one SELECT over the named tables (Arrow, or Parquet files); `$name` takes a parameter.

        DataError `query-failed` with the engine's own words.
        """
        ...

    def cogroup(
        self,
        left: pa.Table,
        right: pa.Table,
        *,
        by: Sequence[str],
        shards: int,
        function: Callable[[pa.Table, pa.Table], pa.Table],
    ) -> pa.Table:
        """`function(left part, right part)` for each shard of the `by` columns' hash, results together (order free)."""
        ...
