"""Dataset versions in memory, for one process."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from tidemill.errors import StoreError
from tidemill.facts.data import DataFile, DatasetVersion
from tidemill.ports.tables import Draft, Waste
from tidemill.stores.compact import compacted
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
        self._waiting: dict[str, set[str]] = {}
        self._versions: dict[str, dict[int, DatasetVersion]] = {}
        self._files: Path | None = None

    def stage(self, dataset: str, rows: pa.Table, *, time: str) -> DataFile:
        data, file = encode(rows, dataset=dataset, time=time)
        with self._lock:
            self._staged[file.digest] = data
            self._waiting.setdefault(dataset, set()).add(file.digest)
        return file

    def commit(self, draft: Draft, parent: DatasetVersion | None) -> DatasetVersion:
        for file in (*draft.files, *draft.rejected):
            self._bytes(file)
        version = following(draft, parent and compacted(parent, self))
        with self._lock:
            self._waiting.pop(draft.dataset, None)
            versions = self._versions.setdefault(draft.dataset, {})
            if version.number in versions or max(versions, default=0) + 1 != version.number:
                raise StoreError("version-taken", dataset=draft.dataset, number=version.number)
            versions[version.number] = version
        return version

    def newest(self, dataset: str) -> DatasetVersion | None:
        numbers = self.numbers(dataset)
        return self.version(dataset, numbers[-1]) if numbers else None

    def numbers(self, dataset: str) -> tuple[int, ...]:
        return tuple(sorted(self._versions.get(dataset, ())))

    def version(self, dataset: str, number: int) -> DatasetVersion:
        version = self._versions.get(dataset, {}).get(number)
        if version is None:
            raise StoreError("version-missing", dataset=dataset, number=number)
        return version

    def restore(self, version: DatasetVersion) -> None:
        proven(version, "memory")
        with self._lock:
            self._versions.setdefault(version.dataset, {}).setdefault(version.number, version)

    def waste(self, gone: Collection[DatasetVersion]) -> Waste:
        with self._lock:
            return self._counted(self._loose(gone))

    def remove(self, gone: Collection[DatasetVersion]) -> Waste:
        with self._lock:
            for one in gone:
                if self.numbers(one.dataset)[-1:] == (one.number,):
                    raise StoreError("version-newest", dataset=one.dataset, number=one.number)
            loose = self._loose(gone)
            for one in gone:
                self._versions[one.dataset].pop(one.number, None)
            found = self._counted(loose)
            for digest in loose:
                del self._staged[digest]
            return found

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

    def _loose(self, gone: Collection[DatasetVersion]) -> list[str]:
        kept = [one for versions in self._versions.values() for one in versions.values() if one not in gone]
        held = {file.digest for version in kept for file in (*version.files, *version.rejected)}
        return [digest for digest in self._staged if digest not in held.union(*self._waiting.values())]

    def _counted(self, digests: Sequence[str]) -> Waste:
        return Waste(files=len(digests), bytes=sum(len(self._staged[digest]) for digest in digests))
