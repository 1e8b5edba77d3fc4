"""Dataset versions in memory, for one process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from tidemill.errors import StoreError
from tidemill.facts.data import DataFile, DatasetVersion
from tidemill.ports.tables import Draft
from tidemill.stores.landing import decode, encode, together
from tidemill.stores.manifest import following, proven
from tidemill.stores.scratch import scratch

if TYPE_CHECKING:
    import pyarrow as pa


class MemoryTables:
    """The same Parquet bytes as on disk, kept in memory until `paths` asks for files; they go with the object."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._staged: dict[str, bytes] = {}
        self._versions: dict[str, list[DatasetVersion]] = {}
        self._files: Path | None = None

    def stage(self, dataset: str, rows: pa.Table, *, time: str) -> DataFile:
        data, file = encode(rows, dataset=dataset, time=time)
        self._staged[file.digest] = data
        return file

    def commit(self, draft: Draft, parent: DatasetVersion | None) -> DatasetVersion:
        version = following(draft, parent)
        for file in (*draft.files, *draft.rejected):
            self._bytes(file)
        with self._lock:
            versions = self._versions.setdefault(draft.dataset, [])
            if len(versions) + 1 != version.number:
                raise StoreError("version-taken", dataset=draft.dataset, number=version.number)
            versions.append(version)
        return version

    def newest(self, dataset: str) -> DatasetVersion | None:
        versions = self._versions.get(dataset)
        return versions[-1] if versions else None

    def version(self, dataset: str, number: int) -> DatasetVersion:
        versions = self._versions.get(dataset, [])
        if not 1 <= number <= len(versions):
            raise StoreError("version-missing", dataset=dataset, number=number)
        return versions[number - 1]

    def restore(self, version: DatasetVersion) -> None:
        proven(version, "memory")
        with self._lock:
            versions = self._versions.setdefault(version.dataset, [])
            if len(versions) + 1 == version.number:
                versions.append(version)

    def datasets(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, versions in self._versions.items() if versions))

    def paths(self, files: Iterable[DataFile]) -> tuple[Path, ...]:
        self._files = self._files or scratch(self)
        places = []
        for file in files:
            place = self._files / f"{file.digest}.parquet"
            if not place.exists():
                place.write_bytes(self._bytes(file))
            places.append(place)
        return tuple(places)

    def read(self, files: Iterable[DataFile], columns: Sequence[str] | None = None) -> pa.Table:
        return together([decode(self._bytes(file), columns) for file in files], columns)

    def _bytes(self, file: DataFile) -> bytes:
        if file.digest not in self._staged:
            raise StoreError("data-file-missing", path=f"memory/{file.digest}")
        return self._staged[file.digest]
