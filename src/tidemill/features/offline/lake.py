"""The landed rows of a system as the feature code sees them: by dataset, with the zone that reads days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

import pyarrow as pa

from tidemill.facts.data import ColumnType, DatasetVersion
from tidemill.features.offline.columns import ARROW
from tidemill.features.plan import Dialect
from tidemill.ports.compute import Compute
from tidemill.ports.tables import BATCH, KNOWN_AT, OP, ROW, Tables
from tidemill.spec.expression import Type

Rows: TypeAlias = pa.Table | Sequence[Path]
LANDED = {KNOWN_AT: ARROW["timestamp"], OP: pa.string(), BATCH: pa.int64(), ROW: pa.int64()}
"""The lake's own columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lake:
    """Landed rows by dataset (files or Arrow), how their columns are read, and what runs SQL over them."""

    dialect: Dialect
    landed: Mapping[str, Rows]
    compute: Compute

    @property
    def zone(self) -> str:
        """The system's zone."""
        return self.dialect.zone

    def query(self, sql: str, *, parameters: Mapping[str, object] | None = None, **tables: Rows) -> pa.Table:
        """One SELECT over the landed rows by dataset and further tables by name."""
        return self.compute.query(sql, {**self.landed, **tables}, parameters)


def lake_of(zone: str, versions: Sequence[DatasetVersion], tables: Tables, compute: Compute) -> Lake:
    """The landed rows of these dataset versions; one of which every row was put aside is a table without rows."""
    landed = {
        version.dataset: tables.paths(version.files) if version.files else without_rows(version.columns)
        for version in versions
    }
    columns = {version.dataset: types_of(version.columns) for version in versions}
    single = frozenset(version.dataset for version in versions if version.again == 0)
    return Lake(dialect=Dialect(zone=zone, columns=columns, single=single), landed=landed, compute=compute)


def without_rows(columns: Sequence[ColumnType]) -> pa.Table:
    """A landed table with these columns and no rows."""
    kinds = {column.name: ARROW.get(column.type, pa.null()) for column in columns} | LANDED
    return pa.schema(kinds).empty_table()


def types_of(columns: Sequence[ColumnType]) -> dict[str, Type]:
    """Types by name."""
    return {column.name: cast("Type", column.type) for column in columns}
