"""Small files put together: who reads a dataset that grows by the minute opens dozens of files, not thousands."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from tidemill.errors import StoreError
from tidemill.facts.data import DataFile, DatasetVersion
from tidemill.ports.tables import Tables

LOG = logging.getLogger(__name__)
FAN = 16
"""So many neighbours of one tier become one file of the next; a tier's files have up to FAN times the rows."""
LARGE = 4 << 20
"""A file of so many bytes is left alone. What is read into memory at once is at most FAN times that, as compressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heap:
    """Neighbouring files that are to be one."""

    files: tuple[DataFile, ...]
    rows: int
    bytes: int

    @property
    def tier(self) -> int:
        """The logarithm of its rows to the base FAN, rounded down."""
        return (self.rows.bit_length() - 1) // (FAN.bit_length() - 1)


def compacted(version: DatasetVersion, tables: Tables) -> DatasetVersion:
    """The version with its small files put together: the same rows in the same order, in few files.

    Each row is written anew at most once a tier. Files that cannot be read or written stay as they are.
    """
    files, rejected = (
        tuple(one for heap in heaps(part) for one in whole(heap, version.dataset, tables))
        for part in (version.files, version.rejected)
    )
    return replace(version, files=files, rejected=rejected)


def heaps(files: Iterable[DataFile]) -> list[Heap]:
    """All files in their order, those together that are to be one."""
    found: list[Heap] = []
    for file in files:
        found.append(Heap(files=(file,), rows=file.rows, bytes=file.bytes))
        while count := due(found):
            found[-count:] = [together(found[-count:])]
    return found


def due(found: Sequence[Heap]) -> int:
    """How many of the last heaps are to be one: back to the first of a higher tier, once FAN have the last one's."""
    last, count, alike = found[-1], 0, 0
    for heap in reversed(found):
        if heap.bytes >= LARGE or heap.tier > last.tier:
            break
        count, alike = count + 1, alike + (heap.tier == last.tier)
    return count if alike >= FAN else 0


def together(some: Sequence[Heap]) -> Heap:
    """The heaps as one."""
    return Heap(
        files=tuple(file for heap in some for file in heap.files),
        rows=sum(heap.rows for heap in some),
        bytes=sum(heap.bytes for heap in some),
    )


def whole(heap: Heap, dataset: str, tables: Tables) -> tuple[DataFile, ...]:
    """The heap's files as one; as several where a column changed its type, for there no row may be read otherwise."""
    if len(heap.files) == 1:
        return heap.files
    try:
        parts = alike([(file, tables.read([file])) for file in heap.files])
        return tuple(joined(part, dataset, tables) for part in parts)
    except StoreError as error:  # a lost file is said to who needs its rows; it must not keep new ones from landing
        LOG.warning("small files of %s are not put together: %s", dataset, error)
        return heap.files


Part = list[tuple[DataFile, pa.Table]]


def alike(read: Part) -> list[Part]:
    """The files in runs that one schema holds: columns may come later, and be empty before, but not widen."""
    parts: list[Part] = []
    schema = pa.schema([])
    for file, rows in read:
        try:
            schema = pa.unify_schemas([schema, rows.schema], promote_options="default")
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            schema = rows.schema
            parts.append([])
        if not parts:
            parts.append([])
        parts[-1].append((file, rows))
    return parts


def joined(part: Part, dataset: str, tables: Tables) -> DataFile:
    """One file of the part's rows, which spans the times that its files do."""
    if len(part) == 1:
        return part[0][0]
    rows = pa.concat_tables([rows for _, rows in part], promote_options="default")
    firsts = [file.first_us for file, _ in part if file.first_us is not None]
    lasts = [file.last_us for file, _ in part if file.last_us is not None]
    file = tables.stage(dataset, rows, time="")
    return replace(file, first_us=min(firsts, default=None), last_us=max(lasts, default=None))
