"""The landed rows of a system as the feature code sees them: by dataset, with the zone that reads days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tidemill.facts.data import ColumnType, DatasetVersion
from tidemill.features.plan import Dialect
from tidemill.ports.compute import Compute
from tidemill.ports.tables import Tables
from tidemill.spec.expression import Type

if TYPE_CHECKING:
    import pyarrow as pa

    Rows = pa.Table | Sequence[Path]


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
    """The landed rows of these dataset versions."""
    return Lake(
        dialect=Dialect(zone=zone, columns={version.dataset: types_of(version.columns) for version in versions}),
        landed={version.dataset: tables.paths(version.files) for version in versions if version.files},
        compute=compute,
    )


def types_of(columns: Sequence[ColumnType]) -> dict[str, Type]:
    """Types by name."""
    return {column.name: cast("Type", column.type) for column in columns}
