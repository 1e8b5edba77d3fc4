"""Lands a system's sources with backends in memory, as the extract stage does, and explores them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from tidemill.engines.compute.duckdb import DuckdbCompute
from tidemill.facts.data import DatasetVersion, Finding, Profile
from tidemill.lifecycle.explore import stage as explore
from tidemill.lifecycle.explore.given import Given
from tidemill.lifecycle.extract import stage as extract
from tidemill.ports.source import Reader
from tidemill.spec.declaration import Declaration
from tidemill.spec.source import Table
from tidemill.stores.memory.journal import MemoryJournal
from tidemill.stores.memory.source import MemoryReader
from tidemill.stores.memory.tables import MemoryTables


class Land:
    """One system with its lake in memory. `rows`: dataset -> the rows that its source has now."""

    def __init__(self, system: Declaration, open_source: Callable[[Table], Reader]) -> None:
        self.system = system
        self.versions: dict[str, DatasetVersion] = {}
        self.looked_at: dict[str, DatasetVersion] = {}
        self.ctx: Any = SimpleNamespace(
            tables=MemoryTables(), journal=MemoryJournal(), compute=DuckdbCompute(), open_source=open_source,
            progress=lambda what, done, total: None,
        )  # fmt: skip

    def extract(self, now_us: int) -> None:
        """One pass over every source."""
        for source in self.system.roots:
            given = extract.Given(
                system=self.system.name, zone=self.system.zone, source=source,
                previous=self.versions.get(source.dataset), now_us=now_us,
            )  # fmt: skip
            (self.versions[source.dataset],) = extract.run(given, self.ctx)

    def explore(self, dataset: str, now_us: int) -> Profile:
        """The profile of the newest version, beside the one that was looked at before."""
        version = self.versions[dataset]
        others = tuple(other for other in self.versions.values() if other.dataset != dataset)
        given = Given(
            system=self.system, source=self.system.source(dataset), version=version,
            previous=self.looked_at.get(dataset), now_us=now_us, others=others,
        )  # fmt: skip
        (profile,) = explore.run(given, self.ctx)
        self.looked_at[dataset] = version
        return profile


def in_memory(system: Declaration, rows: Mapping[str, pa.Table]) -> tuple[Land, dict[str, MemoryReader]]:
    """The system over rows in memory, and the readers that more rows can be added to; `rows` by source's path."""
    readers = {path: MemoryReader(table) for path, table in rows.items()}
    return Land(system, lambda table: readers[table.path]), readers  # type: ignore[union-attr] # all tables here are files


def by_code(profile: Profile) -> dict[tuple[str, str], Finding]:
    """Findings by short code and column."""
    return {(one.code.removeprefix("finding."), one.subject.partition(".")[2]): one for one in profile.findings}
