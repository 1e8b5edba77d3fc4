"""Tables: datasets as append-only Parquet with one manifest per version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tidemill.facts.data import ColumnType, DataFile, DatasetVersion, Finding

if TYPE_CHECKING:
    import pyarrow as pa

KNOWN_AT = "_known_at"
OP = "_op"
BATCH = "_batch"
ROW = "_row"
REASON = "_reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a new version adds: files staged before, the cursor they bring, and the digest over all landed content.

    `findings`: all that hold for it; the version before hands none on.
    """

    system: str
    dataset: str
    files: tuple[DataFile, ...]
    rejected: tuple[DataFile, ...]
    cursor: str
    watermark_us: int
    columns: tuple[ColumnType, ...]
    content: str
    findings: tuple[Finding, ...] = ()
    at_us: int


class Tables(Protocol):
    """Dataset versions. Rows carry `_known_at` (timestamp), `_op` (I, U, D), `_batch`, `_row` (int64: landing order).

    Rejected rows carry `_reason` (text) too. Times are timestamp[us, UTC].
    """

    def stage(self, dataset: str, rows: pa.Table, *, time: str) -> DataFile:
        """Writes rows as one Parquet file that no version holds yet. StoreError `disk-full`."""
        ...

    def commit(self, draft: Draft, parent: DatasetVersion | None) -> DatasetVersion:
        """The next version: the parent's files plus the draft's, all or nothing.

        StoreError `version-taken` when another process committed that number first.
        """
        ...

    def newest(self, dataset: str) -> DatasetVersion | None:
        """The last committed version, from its manifest (the truth), or None."""
        ...

    def version(self, dataset: str, number: int) -> DatasetVersion:
        """That version. StoreError `version-missing` or `manifest-corrupt`."""
        ...

    def restore(self, version: DatasetVersion) -> None:
        """Writes the manifest of a version that was committed, if it is lost or damaged; a whole one stays.

        StoreError `manifest-corrupt` when the record is not what was committed.
        """
        ...

    def datasets(self) -> tuple[str, ...]:
        """Names of all datasets with at least one version."""
        ...

    def paths(self, files: Iterable[DataFile]) -> tuple[Path, ...]:
        """Local Parquet files, each verified once per process."""
        ...

    def read(self, files: Iterable[DataFile], columns: Sequence[str] | None = None) -> pa.Table:
        """All rows of the files, in landing order."""
        ...
