"""Tables: datasets as append-only Parquet with one manifest per version."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
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
OURS = "_"
"""How these and all other names begin that are added to a source's columns; none of its own may."""


def reserved(names: Iterable[str]) -> tuple[str, ...]:
    """Names that no column of a source may have."""
    return tuple(name for name in names if name.startswith(OURS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a new version adds: files staged before, the cursor they bring, and the digest over all landed content.

    `findings`: all that hold for it; the version before hands none on. `again`: as DatasetVersion has it.
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
    again: int | None = None
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waste:
    """Data files that nothing needs: how many, and their bytes."""

    files: int
    bytes: int


class Tables(Protocol):
    """Dataset versions. Rows carry `_known_at` (timestamp), `_op` (I, U, D), `_batch`, `_row` (int64: landing order).

    Rejected rows carry `_reason` (text) too. Times are timestamp[us, UTC].
    """

    def stage(self, dataset: str, rows: pa.Table, *, time: str) -> DataFile:
        """Writes rows as one Parquet file that no version holds yet. StoreError `disk-full`.

        It stays until this process commits a version of the dataset, or ends.
        """
        ...

    def commit(self, draft: Draft, parent: DatasetVersion | None) -> DatasetVersion:
        """The next version: the parent's rows, then the draft's, all or nothing.

        The parent's small files may be put together; no row, and no order of rows, is another for that.
        StoreError `version-taken` when another process committed that number first.
        """
        ...

    def newest(self, dataset: str) -> DatasetVersion | None:
        """The last committed version, from its manifest (the truth), or None."""
        ...

    def numbers(self, dataset: str) -> tuple[int, ...]:
        """Numbers of the versions that there are, oldest first; those that were removed are missing."""
        ...

    def version(self, dataset: str, number: int) -> DatasetVersion:
        """That version. StoreError `version-missing` or `manifest-corrupt`."""
        ...

    def restore(self, version: DatasetVersion) -> None:
        """Writes the manifest of a version that was committed, if it is lost or damaged; a whole one stays.

        StoreError `manifest-corrupt` when the record is not what was committed.
        """
        ...

    def waste(self, gone: Collection[DatasetVersion]) -> Waste:
        """The files that no version would hold if these were gone, and that no living process has staged."""
        ...

    def remove(self, gone: Collection[DatasetVersion]) -> Waste:
        """Takes these versions away, then the files that are `waste`; they are counted.

        After a crash in the middle every version that is left is whole, and the next call takes the rest.
        StoreError `version-newest` for a dataset's last version: nothing is removed then.
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
